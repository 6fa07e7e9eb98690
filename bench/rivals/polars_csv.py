import polars as pl
from polars_frames import fingerprint, rows, touch
from report import arguments, drive

options = arguments()

drive(
    # All others take dates for dates by themselves.
    lambda: pl.scan_csv(options["path"], try_parse_dates=True).collect_batches(),
    mode=options["mode"],
    touch=touch,
    fingerprint=fingerprint,
    rows=rows,
)
