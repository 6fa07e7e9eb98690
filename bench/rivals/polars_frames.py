"""How a Polars frame is touched and fingerprinted."""

import polars as pl


def whole(column):
    return pl.col(column).cast(pl.Int64).sum()


def hundredths(column):
    """Of decimals, and of the floating-point numbers that text formats give instead."""
    return (pl.col(column) * 100).round().cast(pl.Int64).sum()


def length(column):
    return pl.col(column).str.len_bytes().cast(pl.Int64).sum()


SUMS = {
    "l_orderkey": ("orderkey", whole),
    "l_linenumber": ("linenumber", whole),
    "l_quantity": ("quantity", hundredths),
    "l_shipdate": (
        "shipdate",
        lambda column: pl.col(column).to_physical().cast(pl.Int64).sum(),
    ),
    "l_returnflag": ("returned", lambda column: (pl.col(column) == "R").sum()),
    "l_comment": ("comment", length),
    "l_extendedprice": ("price", hundredths),
    "o_orderkey": ("orderkey", whole),
    "o_comment": ("comment", length),
    "o_totalprice": ("price", hundredths),
}


def rows(frame):
    return frame.height


def touch(frame):
    for series in frame.iter_columns():
        series[0]


def fingerprint(frame):
    """The sums of the columns that the frame has."""
    there = [(SUMS[name], name) for name in frame.columns if name in SUMS]
    return frame.select(**{key: of(name) for (key, of), name in there}).row(0, named=True)
