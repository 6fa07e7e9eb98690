"""What is in a Parquet file that a contender wrote: pyarrow's view of its form, DuckDB's of its rows."""

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from report import arguments, report

options = arguments()
SUMS = {
    "orderkey": "sum(l_orderkey)",
    "linenumber": "sum(l_linenumber)",
    "quantity": "sum(l_quantity) * 100",
    "shipdate": "sum(l_shipdate - date '1970-01-01')",
    "returned": "count(*) filter (l_returnflag = 'R')",
    "comment": "sum(strlen(l_comment))",
}
TEXTS = {pa.large_string(), pa.string_view()}


def columns(file):
    """Names and types; how a text lies in memory is no part of the file's type."""
    return [
        f"{field.name}: {pa.string() if field.type in TEXTS else field.type}"
        for field in file.schema_arrow
    ]


def differences(actual, expected):
    return [f"{a} instead of {b}" for a, b in zip(actual, expected) if a != b] + (
        [] if len(actual) == len(expected) else [f"{len(actual)} columns"]
    )


written, original = pq.ParquetFile(options["output"]), pq.ParquetFile(options["path"])
groups = [written.metadata.row_group(i) for i in range(written.num_row_groups)]
chunks = [group.column(i) for group in groups for i in range(group.num_columns)]
query = f"select count(*), {', '.join(SUMS.values())} from read_parquet('{options['output']}')"
[(rows, *sums)] = duckdb.sql(query).fetchall()
report(
    rows=rows,
    seconds=0,
    fingerprint={name: int(value) for name, value in zip(SUMS, sums)},
    schemaDifferences=differences(columns(written), columns(original)),
    codecs=sorted({chunk.compression for chunk in chunks}),
)
