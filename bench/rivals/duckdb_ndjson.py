import duckdb
from arrow_batches import fingerprint, rows, touch
from report import arguments, drive

options = arguments()
connection = duckdb.connect()
connection.execute("set enable_progress_bar = false")
# JSON knows no dates. DuckDB would look for them, which the others don't do.
DATES_AS_TEXT = """
    format = 'newline_delimited',
    columns = {
        o_orderkey: 'BIGINT', o_custkey: 'BIGINT', o_orderstatus: 'VARCHAR',
        o_totalprice: 'DOUBLE', o_orderdate: 'VARCHAR', o_orderpriority: 'VARCHAR',
        o_clerk: 'VARCHAR', o_shippriority: 'BIGINT', o_comment: 'VARCHAR'
    }
"""


def batches():
    query = f"from read_json('{options['path']}', {DATES_AS_TEXT})"
    return connection.sql(query).to_arrow_reader(65_536)


drive(batches, mode=options["mode"], touch=touch, fingerprint=fingerprint, rows=rows)
