import duckdb
from arrow_batches import fingerprint, touch
from report import arguments, drive

options = arguments()
connection = duckdb.connect()
connection.execute("set enable_progress_bar = false")

drive(
    lambda: connection.sql(f"select * from '{options['path']}'").to_arrow_reader(options.get("batchRows", 65_536)),
    mode=options["mode"],
    touch=touch,
    fingerprint=fingerprint,
    rows=lambda batch: batch.num_rows,
)
