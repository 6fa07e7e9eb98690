import duckdb
from report import arguments, clock, report

options = arguments()
connection = duckdb.connect()
connection.execute("set enable_progress_bar = false")

started = clock()
connection.execute(f"""
    copy (from read_parquet('{options["path"]}')) to '{options["output"]}' (
        format parquet,
        compression zstd,
        compression_level {options["level"]}
    )
""")
report(rows=0, seconds=clock() - started)
