import polars as pl
from report import arguments, drive, source

options = arguments()
paths, partition = source(options), options.get("partition")

SUMS = {
    "orderkey": pl.col("l_orderkey").sum(),
    "linenumber": pl.col("l_linenumber").cast(pl.Int64).sum(),
    "quantity": (pl.col("l_quantity") * 100).cast(pl.Int64).sum(),
    "shipdate": pl.col("l_shipdate").to_physical().cast(pl.Int64).sum(),
    "returned": (pl.col("l_returnflag") == "R").sum(),
    "comment": pl.col("l_comment").str.len_bytes().cast(pl.Int64).sum(),
    "price": (pl.col("l_extendedprice") * 100).cast(pl.Int64).sum(),
}


def batches():
    if partition:
        frame = pl.scan_parquet(paths, hive_partitioning=True)
        frame = frame.filter(pl.col(partition["column"]) == partition["value"])
    else:
        frame = pl.scan_parquet(paths)
    if "columns" in options:
        frame = frame.select(options["columns"])
    return frame.collect_batches()


def touch(frame):
    for series in frame.iter_columns():
        series[0]


def fingerprint(frame):
    there = {
        name: total for name, total in SUMS.items() if total.meta.root_names()[0] in frame.columns
    }
    return frame.select(**there).row(0, named=True)


drive(
    batches,
    mode=options["mode"],
    touch=touch,
    fingerprint=fingerprint,
    rows=lambda frame: frame.height,
)
