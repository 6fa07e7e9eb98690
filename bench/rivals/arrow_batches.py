"""How a pyarrow record batch is touched and fingerprinted (pyarrow and DuckDB both give them)."""

import pyarrow as pa
import pyarrow.compute as pc


def touch(batch):
    for column in batch.columns:
        column[0].as_py()


def fingerprint(batch):
    column = batch.column
    names = batch.schema.names
    at = {name: column(i) for i, name in enumerate(names)}
    text = at["l_comment"].cast(pa.large_string())
    return {
        "orderkey": pc.sum(at["l_orderkey"]).as_py() or 0,
        "linenumber": pc.sum(at["l_linenumber"]).as_py() or 0,
        "quantity": int((pc.sum(at["l_quantity"]).as_py() or 0) * 100),
        "shipdate": pc.sum(at["l_shipdate"].cast(pa.int32()).cast(pa.int64())).as_py() or 0,
        "returned": pc.sum(pc.equal(at["l_returnflag"].cast(pa.string()), "R")).as_py() or 0,
        "comment": pc.sum(pc.binary_length(text)).as_py() or 0,
    }
