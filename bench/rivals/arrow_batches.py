"""How a pyarrow record batch is touched and fingerprinted (pyarrow and DuckDB both give them)."""

import pyarrow as pa
import pyarrow.compute as pc


def touch(batch):
    for column in batch.columns:
        column[0].as_py()


def total(column):
    return pc.sum(column).as_py() or 0


SUMS = {
    "l_orderkey": ("orderkey", total),
    "l_linenumber": ("linenumber", total),
    "l_quantity": ("quantity", lambda column: int(total(column) * 100)),
    "l_shipdate": ("shipdate", lambda column: total(column.cast(pa.int32()).cast(pa.int64()))),
    "l_returnflag": ("returned", lambda column: total(pc.equal(column.cast(pa.string()), "R"))),
    "l_comment": (
        "comment",
        lambda column: total(pc.binary_length(column.cast(pa.large_string()))),
    ),
    "l_extendedprice": ("price", lambda column: int(total(column) * 100)),
}


def fingerprint(batch):
    """The sums of the columns that the batch has."""
    sums = {}
    for name, column in zip(batch.schema.names, batch.columns):
        if name in SUMS:
            key, of = SUMS[name]
            sums[key] = of(column)
    return sums
