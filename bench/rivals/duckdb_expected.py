"""The answers that all others are held against: DuckDB's aggregates over the original files."""

import duckdb
from report import arguments, report

SUMS = {
    "integers": "sum({})",
    "hundredths": "sum({}) * 100",
    "bytes": "sum(strlen({}))",
}

connection = duckdb.connect()
connection.execute("set enable_progress_bar = false")
answers = []
for question in arguments()["questions"]:
    path = question.get("referencePath", question["path"])
    total = SUMS[question["checksum"]["of"]].format(question["checksum"]["column"])
    query = f"select count(*), coalesce({total}, 0) from '{path}' where {question['sql']}"
    [(rows, sum_)] = connection.sql(query).fetchall()
    answers.append({"rows": rows, "sum": int(sum_), "seconds": 0})
report(rows=sum(answer["rows"] for answer in answers), seconds=0, answers=answers)
