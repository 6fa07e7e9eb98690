import duckdb
from arrow_batches import fingerprint, rows, touch
from report import arguments, drive, source

options = arguments()
paths, partition = source(options), options.get("partition")
connection = duckdb.connect()
connection.execute("set enable_progress_bar = false")


def batches():
    columns = ", ".join(options.get("columns", "*"))
    # Texts and lists of them are written in SQL as in Python.
    query = f"select {columns} from read_parquet({paths!r}, hive_partitioning={bool(partition)})"
    if partition:
        query += f" where {partition['column']} = {partition['value']}"
    return connection.sql(query).to_arrow_reader(options.get("batchRows", 65_536))


drive(
    batches,
    mode=options["mode"],
    touch=touch,
    fingerprint=fingerprint,
    rows=rows,
)
