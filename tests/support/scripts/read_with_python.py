"""Reads files with pyarrow, Polars and DuckDB, and prints what each gives, as plain values.

Takes a JSON file of paths and a reader's name. With `--statistics`, prints what the files' statistics get wrong instead,
and with `--row-groups`, the row groups that a condition leaves.

Integers, unscaled decimals and times in nanoseconds are text, binary is hexadecimal, maps are lists of keys and values.
"""

import decimal
import json
import math
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.ipc
import pyarrow.parquet as pq

decimal.getcontext().prec = 100
UNITS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def unit_of(kind):
    if pa.types.is_date32(kind):
        return 86_400 * 10**9
    return UNITS["ms" if pa.types.is_date64(kind) else kind.unit]


def number(value):
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def text(value):
    return None if value is None else str(value)


def lists(array, starts, ends, values):
    valid = array.is_valid().to_pylist()
    return [values[start:end] if ok else None for ok, start, end in zip(valid, starts, ends)]


def offsets(array):
    # The child that the offsets count in is the whole one, also of a slice.
    all_of_them = array.offsets.to_pylist()
    return all_of_them[:-1], all_of_them[1:]


def plain(array):
    kind = array.type
    if pa.types.is_dictionary(kind):
        return plain(array.dictionary_decode())
    if pa.types.is_null(kind) or pa.types.is_boolean(kind):
        return array.to_pylist()
    if pa.types.is_integer(kind):
        return [text(value) for value in array.to_pylist()]
    if pa.types.is_floating(kind):
        return [number(None if value is None else float(value)) for value in array.to_pylist()]
    if pa.types.is_decimal(kind):
        scale = decimal.Decimal(10) ** kind.scale
        return [None if value is None else str(int(value * scale)) for value in array.to_pylist()]
    if pa.types.is_temporal(kind):
        width = pa.int32() if kind.bit_width == 32 else pa.int64()
        unit = unit_of(kind)
        return [None if value is None else str(value * unit) for value in array.cast(width).to_pylist()]
    if pa.types.is_map(kind):
        keys, items = plain(array.keys), plain(array.items)
        entries = [{"key": key, "value": item} for key, item in zip(keys, items)]
        return lists(array, *offsets(array), entries)
    if pa.types.is_fixed_size_list(kind):
        size = kind.list_size
        starts = [(array.offset + row) * size for row in range(len(array))]
        return lists(array, starts, [start + size for start in starts], plain(array.values))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return lists(array, *offsets(array), plain(array.values))
    if pa.types.is_struct(kind):
        names = [field.name for field in kind]
        columns = [plain(array.field(at)) for at in range(len(names))]
        rows = zip(*columns) if columns else [()] * len(array)
        return [dict(zip(names, row)) if ok else None for ok, row in zip(array.is_valid().to_pylist(), rows)]
    values = array.to_pylist()
    return [value.hex() if isinstance(value, bytes) else value for value in values]


def columns(table):
    table = table.combine_chunks()
    return {
        name: [value for chunk in column.chunks for value in plain(chunk)]
        for name, column in zip(table.column_names, table.columns)
    }


def with_pyarrow(path):
    if path.endswith(".parquet"):
        return pq.read_table(path)
    try:
        return pyarrow.ipc.open_file(path).read_all()
    except pa.ArrowInvalid:
        return pyarrow.ipc.open_stream(path).read_all()


def with_polars(path):
    import polars as pl

    if path.endswith(".parquet"):
        return pl.read_parquet(path).to_arrow()
    try:
        return pl.read_ipc(path).to_arrow()
    except pl.exceptions.ComputeError:
        return pl.read_ipc_stream(path).to_arrow()


def with_duckdb(path):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection.sql(f"SELECT * FROM read_parquet('{path}')").to_arrow_table()


READERS = {"pyarrow": with_pyarrow, "polars": with_polars, "duckdb": with_duckdb}


def wrong_statistics(path):
    """Where a column chunk's least and greatest value or its number of nulls are not those of its values.

    And of how many chunks they were compared.
    """
    file = pq.ParquetFile(path)
    wrong = []
    compared = 0
    for group in range(file.metadata.num_row_groups):
        table = file.read_row_group(group)
        for at in range(file.metadata.num_columns):
            chunk = file.metadata.row_group(group).column(at)
            if "." in chunk.path_in_schema:
                continue
            column = table.column(chunk.path_in_schema).combine_chunks()
            found = chunk.statistics
            nulls = None if found is None or not found.has_null_count else found.null_count
            if nulls != column.null_count:
                wrong.append([path, group, chunk.path_in_schema, "nulls", nulls, column.null_count])
            if found is None or not found.has_min_max:
                continue
            compared += 1
            values = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
            bounds = (found.min, found.max) if not pa.types.is_temporal(values.type) else (found.min_raw, found.max_raw)
            if pa.types.is_temporal(values.type):
                values = values.cast(pa.int32() if values.type.bit_width == 32 else pa.int64())
            try:
                expected = pc.min_max(values).as_py()
            except pa.ArrowNotImplementedError:
                continue
            if pa.types.is_floating(values.type):
                expected = {key: float(value) for key, value in expected.items()}
            for key, value in zip(("min", "max"), bounds):
                if value != expected[key]:
                    wrong.append([path, group, chunk.path_in_schema, key, str(value), str(expected[key])])
    return wrong, compared


def row_groups(path, column, value):
    """The row groups that pyarrow's datasets leave of a file where a column equals a value."""
    (fragment,) = ds.dataset(path).get_fragments()
    kind = fragment.physical_schema.field(column).type
    parts = fragment.split_by_row_group(pc.field(column) == pa.scalar(value, kind))
    return [group.id for part in parts for group in part.row_groups]


def main():
    *flags, request = sys.argv[1:]
    with open(request, encoding="utf-8") as file:
        request = json.load(file)
    if flags == ["--statistics"]:
        found = [wrong_statistics(path) for path in request["paths"]]
        answer = {"wrong": [each for wrong, _ in found for each in wrong], "compared": sum(n for _, n in found)}
    elif flags == ["--row-groups"]:
        answer = row_groups(request["path"], request["column"], request["value"])
    else:
        read = READERS[request["reader"]]
        answer = [columns(read(path)) for path in request["paths"]]
    json.dump(answer, sys.stdout)


main()
