"""Reads files as Polars does: takes a JSON file of queries, and prints what each gives, as plain values."""

import datetime
import decimal
import json
import sys

import polars as pl

EPOCH = datetime.datetime(1970, 1, 1)


def plain(value):
    """Days and microseconds since 1970, decimals as text without trailing zeros, and the rest as it is."""
    if isinstance(value, datetime.datetime):
        return (value - EPOCH) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return (value - EPOCH.date()).days
    if isinstance(value, decimal.Decimal):
        return format(value.normalize() + 0, "f")
    return value


def frame(paths, how):
    if how == "union":
        return pl.concat([pl.scan_parquet(path) for path in paths], how="diagonal_relaxed")
    casts = pl.ScanCastOptions(integer_cast="upcast", float_cast="upcast")
    return pl.scan_parquet(paths, missing_columns="insert", extra_columns="ignore", cast_options=casts)


def answer(query):
    try:
        rows = frame(query["paths"], query["how"])
        if query["where"] is not None:
            rows = rows.filter(pl.sql_expr(query["where"]))
        rows = rows.slice(query["offset"], query["limit"]).collect()
        return {"columns": [[column.name, [plain(value) for value in column]] for column in rows]}
    except pl.exceptions.PolarsError as error:
        return {"error": f"{type(error).__name__}: {error}"}


with open(sys.argv[1], encoding="utf-8") as queries:
    print(json.dumps([answer(query) for query in json.load(queries)]))
