"""How a pyarrow record batch is touched and fingerprinted (pyarrow and DuckDB both give them)."""

import pyarrow as pa
import pyarrow.compute as pc


def rows(batch):
    return batch.num_rows


def touch(batch):
    for column in batch.columns:
        column[0].as_py()


def total(column):
    return pc.sum(column).as_py() or 0


def hundredths(column):
    """Of decimals, and of the floating-point numbers that text formats give instead."""
    if pa.types.is_decimal(column.type):
        return int(total(column) * 100)
    return total(pc.round(pc.multiply(column, 100)).cast(pa.int64()))


def length(column):
    return total(pc.binary_length(column.cast(pa.large_string())))


SUMS = {
    "l_orderkey": ("orderkey", total),
    "l_linenumber": ("linenumber", total),
    "l_quantity": ("quantity", hundredths),
    "l_shipdate": ("shipdate", lambda column: total(column.cast(pa.int32()).cast(pa.int64()))),
    "l_returnflag": ("returned", lambda column: total(pc.equal(column.cast(pa.string()), "R"))),
    "l_comment": ("comment", length),
    "l_extendedprice": ("price", hundredths),
    "o_orderkey": ("orderkey", total),
    "o_comment": ("comment", length),
    "o_totalprice": ("price", hundredths),
}


def fingerprint(batch):
    """The sums of the columns that the batch has."""
    sums = {}
    for name, column in zip(batch.schema.names, batch.columns):
        if name in SUMS:
            key, of = SUMS[name]
            sums[key] = of(column)
    return sums
