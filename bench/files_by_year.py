"""Splits lineitem by the year of shipment: python files_by_year.py FROM FOLDER ROWS

FOLDER gets folders named year=YYYY, whose files have ROWS rows each but for a year's last one. Rows
keep their order, and their column l_shipdate.
"""

import os
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

source, target, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])

connection = duckdb.connect()
connection.execute("set enable_progress_bar = false")
original = pq.read_schema(source)
incoming = f"{target}.{os.getpid()}.tmp"
for year in range(1992, 1999):
    # A year at a time: all of them at once don't fit into the memory of a small machine.
    within = f"l_shipdate between '{year}-01-01' and '{year}-12-31'"
    lines = connection.sql(f"select * from '{source}' where {within}").to_arrow_reader().read_all()
    # DuckDB forgets which columns hold no nulls; without that the files have definition levels to
    # decode.
    fields = [field.with_nullable(original.field(field.name).nullable) for field in lines.schema]
    lines = lines.cast(pa.schema(fields))
    folder = os.path.join(incoming, f"year={year}")
    os.makedirs(folder)
    for number, first in enumerate(range(0, lines.num_rows, rows)):
        pq.write_table(
            lines.slice(first, rows),
            os.path.join(folder, f"part-{number:02d}.parquet"),
            row_group_size=131_072,
            compression="snappy",
            # As in the original, where a decimal of 15 digits is an INT64.
            store_decimal_as_integer=True,
        )
os.rename(incoming, target)
