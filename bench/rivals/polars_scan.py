import polars as pl
from polars_frames import fingerprint, rows, touch
from report import arguments, drive, source

options = arguments()
paths, partition = source(options), options.get("partition")


def batches():
    if partition:
        frame = pl.scan_parquet(paths, hive_partitioning=True)
        frame = frame.filter(pl.col(partition["column"]) == partition["value"])
    else:
        frame = pl.scan_parquet(paths)
    if "columns" in options:
        frame = frame.select(options["columns"])
    return frame.collect_batches()


drive(batches, mode=options["mode"], touch=touch, fingerprint=fingerprint, rows=rows)
