import polars as pl
from report import arguments, drive

options = arguments()


def touch(frame):
    for series in frame.iter_columns():
        series[0]


def fingerprint(frame):
    return frame.select(
        orderkey=pl.col("l_orderkey").sum(),
        linenumber=pl.col("l_linenumber").cast(pl.Int64).sum(),
        quantity=(pl.col("l_quantity") * 100).cast(pl.Int64).sum(),
        shipdate=pl.col("l_shipdate").to_physical().cast(pl.Int64).sum(),
        returned=(pl.col("l_returnflag") == "R").sum(),
        comment=pl.col("l_comment").str.len_bytes().cast(pl.Int64).sum(),
    ).row(0, named=True)


drive(
    lambda: pl.scan_parquet(options["path"]).collect_batches(),
    mode=options["mode"],
    touch=touch,
    fingerprint=fingerprint,
    rows=lambda frame: frame.height,
)
