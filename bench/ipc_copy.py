"""Copies a Parquet file's first rows into an Arrow IPC stream: python ipc_copy.py FROM TO ROWS BATCH_ROWS"""

import os
import sys

import pyarrow as pa
import pyarrow.parquet as pq

source, target, rows, batch_rows = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
table = pq.read_table(source).slice(0, rows)
# Views of strings are newer than the JavaScript library.
plain = [
    field.with_type(pa.string()) if field.type == pa.string_view() else field
    for field in table.schema
]
table = table.cast(pa.schema(plain)).combine_chunks()
incoming = f"{target}.{os.getpid()}.tmp"
with pa.ipc.new_stream(incoming, table.schema) as writer:
    writer.write_table(table, max_chunksize=batch_rows)
os.rename(incoming, target)
