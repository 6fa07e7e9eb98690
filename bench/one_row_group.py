"""Copies a Parquet file into one row group: python one_row_group.py FROM TO PAGE_INDEX(0|1)"""

import os
import sys

import pyarrow.parquet as pq

source, target, page_index = sys.argv[1:]
table = pq.read_table(source)
incoming = f"{target}.{os.getpid()}.tmp"
pq.write_table(
    table,
    incoming,
    row_group_size=table.num_rows,
    compression="snappy",
    write_page_index=page_index == "1",
    # As in the original, where a decimal of 15 digits is an INT64.
    store_decimal_as_integer=True,
)
os.rename(incoming, target)
