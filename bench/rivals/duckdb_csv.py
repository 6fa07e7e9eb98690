import duckdb
from arrow_batches import fingerprint, rows, touch
from report import arguments, drive

options = arguments()
connection = duckdb.connect()
connection.execute("set enable_progress_bar = false")

drive(
    lambda: connection.sql(f"from read_csv('{options['path']}')").to_arrow_reader(65_536),
    mode=options["mode"],
    touch=touch,
    fingerprint=fingerprint,
    rows=rows,
)
