"""Polars reading all columns of a file and adding up one, in the way that the argument names."""

import polars as pl
from report import arguments, clock, report

options = arguments()
path, way = options["path"], options["way"]
PRICE = "l_extendedprice"


def eager():
    frame = pl.read_parquet(path)
    return frame.height, frame[PRICE].sum()


def aggregate():
    """Counts the values of every other column, so that none is left out of the scan."""
    wanted = [pl.len().alias("rows"), pl.col(PRICE).sum(), pl.all().exclude(PRICE).count()]
    frame = pl.scan_parquet(path).select(*wanted).collect(engine="streaming")
    return frame["rows"][0], frame[PRICE][0]


def batches():
    rows, price = 0, 0
    for frame in pl.scan_parquet(path).collect_batches():
        if frame.height == 0:
            continue
        rows += frame.height
        price += frame[PRICE].sum()
        for series in frame.iter_columns():
            series[0]
    return rows, price


WAYS = {"eager": eager, "aggregate": aggregate, "batches": batches}

started = clock()
rows, price = WAYS[way]()
report(rows=rows, seconds=clock() - started, price=int(price * 100))
