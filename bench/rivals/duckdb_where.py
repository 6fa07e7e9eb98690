import duckdb
import pyarrow.compute as pc
from answers import drive

connection = duckdb.connect()
connection.execute("set enable_progress_bar = false")


def batches(question):
    columns = ", ".join(question.get("columns", "*"))
    query = f"select {columns} from '{question['path']}' where {question['sql']}"
    return connection.sql(query).to_arrow_reader(65_536)


def checksum(batch, column, of):
    values = batch.column(column)
    if of == "bytes":
        values = pc.binary_length(values)
    total = pc.sum(values).as_py() or 0
    return int(total * 100) if of == "hundredths" else total


drive(batches, rows=lambda batch: batch.num_rows, checksum=checksum)
