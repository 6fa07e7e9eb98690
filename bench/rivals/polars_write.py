import polars as pl
from report import arguments, clock, report

options = arguments()

started = clock()
pl.scan_parquet(options["path"]).sink_parquet(
    options["output"],
    compression="zstd",
    compression_level=options["level"],
)
report(rows=0, seconds=clock() - started)
