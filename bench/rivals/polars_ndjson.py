import polars as pl
from polars_frames import fingerprint, rows, touch
from report import arguments, drive

options = arguments()

drive(
    lambda: pl.scan_ndjson(options["path"]).collect_batches(),
    mode=options["mode"],
    touch=touch,
    fingerprint=fingerprint,
    rows=rows,
)
