"""Copies a Parquet file in another order: python ordered_copy.py FROM TO ORDER [BLOOM_COLUMN]

ORDER is what DuckDB takes after ORDER BY. The copy has row groups of 128k rows and a page index, and
Bloom filters of BLOOM_COLUMN where one is named.
"""

import os
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP_ROWS = 131_072

source, target, order, *bloom_columns = sys.argv[1:]
connection = duckdb.connect()
connection.execute("set enable_progress_bar = false")
ordered = connection.sql(f"select * from '{source}' order by {order}").to_arrow_reader().read_all()

# DuckDB forgets which columns hold no nulls; without that the copy has definition levels to decode.
original = pq.read_schema(source)
fields = [field.with_nullable(original.field(field.name).nullable) for field in ordered.schema]
incoming = f"{target}.{os.getpid()}.tmp"
pq.write_table(
    ordered.cast(pa.schema(fields)),
    incoming,
    row_group_size=ROW_GROUP_ROWS,
    compression="snappy",
    write_page_index=True,
    # As in the original, where a decimal of 15 digits is an INT64.
    store_decimal_as_integer=True,
    # TPC-H's orders have four lines on average: a quarter of the rows are distinct keys.
    bloom_filter_options={
        column: {"ndv": ROW_GROUP_ROWS // 4, "fpp": 0.01} for column in bloom_columns
    },
)
os.rename(incoming, target)
