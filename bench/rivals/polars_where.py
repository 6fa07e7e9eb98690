import polars as pl
from answers import drive
from predicates import expression


def batches(question):
    frame = pl.scan_parquet(question["path"]).filter(expression(question["predicate"]))
    if "columns" in question:
        frame = frame.select(question["columns"])
    return frame.collect_batches()


def checksum(frame, column, of):
    series = frame[column]
    match of:
        case "bytes":
            return series.str.len_bytes().cast(pl.Int64).sum()
        case "hundredths":
            return int(series.sum() * 100)
    return series.cast(pl.Int64).sum()


drive(batches, rows=lambda frame: frame.height, checksum=checksum)
