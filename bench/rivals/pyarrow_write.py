import pyarrow.parquet as pq
from report import arguments, clock, report

options = arguments()

started = clock()
source = pq.ParquetFile(options["path"], memory_map=True)
with pq.ParquetWriter(
    options["output"],
    source.schema_arrow,
    compression="zstd",
    compression_level=options["level"],
    # As in the original, where a decimal of 15 digits is an INT64.
    store_decimal_as_integer=True,
) as writer:
    # A batch becomes a row group, of as many rows as pyarrow writes of a table by default.
    for batch in source.iter_batches(batch_size=1_048_576):
        writer.write_batch(batch)
report(rows=0, seconds=clock() - started)
