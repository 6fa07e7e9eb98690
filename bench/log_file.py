"""Writes a week of a web service's log as Parquet: python log_file.py TARGET ROWS

Days are busier than nights, some hosts and resources get most of the requests, latencies have a long
tail, three lines in ten are of background jobs (no status, no latency), lines come slightly out of
order, and on the fourth day one host fails for forty minutes. Nothing is random: the same DuckDB
writes the same rows.
"""

import os
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

target, rows = sys.argv[1], int(sys.argv[2])

SCHEMA = pa.schema(
    [
        pa.field("ts", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("level", pa.string(), nullable=False),
        pa.field("host", pa.string(), nullable=False),
        pa.field("status", pa.int32()),
        pa.field("latency", pa.float64()),
        pa.field("message", pa.string(), nullable=False),
    ]
)

LINES = """
-- Of a text: DuckDB combines the hashes of two values so that the salts' numbers would be alike.
create macro chance(i, salt) as hash(salt || i) / 18446744073709551616.0;

create macro pick(words, chance) as words[1 + floor(chance * len(words))::int];

create table drawn as
select
    i,
    -- The sine moves lines from the nights into the days.
    timestamp '2026-03-02' + to_microseconds((
        604800e6 * (i / {rows} + 0.02 * sin(14 * pi() * i / {rows} - pi() / 2))
        + 604800e6 * 0.02 + 500e3 * chance(i, 'jitter')
    )::bigint) as ts,
    format('web-{{:02d}}', 1 + floor(40 * chance(i, 'host') ** 2.5)::int) as host,
    chance(i, 'request') < 0.7 as is_request,
    chance(i, 'outcome') as outcome,
    chance(i, 'detail') as detail,
    -- Box and Muller's normal deviate.
    sqrt(-2 * ln(1 - chance(i, 'radius'))) * cos(2 * pi() * chance(i, 'angle')) as deviate
from range({rows}) lines(i);

create table judged as
select
    *,
    host = 'web-03' and ts between '2026-03-05 14:00' and '2026-03-05 14:40' as failing,
    case
        when not is_request then null
        when failing and outcome < 0.4 then 503
        when outcome < 0.88 then 200
        when outcome < 0.94 then 304
        when outcome < 0.97 then 404
        when outcome < 0.985 then 400
        when outcome < 0.995 then 401
        when outcome < 0.999 then 500
        else 503
    end::int as status
from drawn;

create table labelled as
select
    *,
    case
        when status >= 500 then 'ERROR'
        when status >= 400 then 'WARN'
        when is_request then if(detail < 0.1, 'DEBUG', 'INFO')
        when outcome < 0.0002 then 'FATAL'
        when outcome < 0.008 then 'ERROR'
        when outcome < 0.05 then 'WARN'
        when outcome < 0.5 then 'DEBUG'
        else 'INFO'
    end as level
from judged;
"""

RESOURCES = ["orders"] * 5 + ["users"] * 3 + ["carts"] * 2 + ["invoices", "search", "prices"]

ROWS = """
select
    ts,
    level,
    host,
    status,
    if(is_request, round(exp(3 + 0.9 * deviate) * if(failing, 8, 1), 3), null) as latency,
    case
        when is_request then format(
            '{{}} /api/{{}}/{{}} {{}} for 10.{{}}.{{}}.{{}}',
            pick(['GET', 'GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'], chance(i, 'method')),
            pick({resources}, chance(i, 'resource')),
            floor(2e6 * chance(i, 'id') ** 2)::bigint,
            status,
            floor(8 * chance(i, 'a'))::int,
            floor(256 * chance(i, 'b'))::int,
            floor(256 * chance(i, 'c'))::int
        )
        when level = 'FATAL' then format(
            'Worker {{}} ran out of memory: {{}} MiB of 768 MiB in use',
            floor(16 * detail)::int, 760 + floor(8 * chance(i, 'a'))::int
        )
        when level = 'ERROR' then format(
            'Connection to db-{{}} was reset by its peer after {{}} ms',
            1 + floor(4 * detail)::int, floor(30000 * chance(i, 'a'))::int
        )
        when level = 'WARN' then format(
            'Queue {{}} holds {{}} tasks, the oldest for {{}} s',
            pick(['mail', 'thumbnails', 'exports'], detail),
            floor(5000 * chance(i, 'a'))::int, floor(600 * chance(i, 'b'))::int
        )
        else format(
            'Refreshed the cache of {{}}: {{}} entries in {{}} ms',
            pick({resources}, detail),
            floor(90000 * chance(i, 'a'))::int, floor(400 * chance(i, 'b'))::int
        )
    end as message
from labelled
order by i
"""

connection = duckdb.connect()
connection.execute("set enable_progress_bar = false")
for statement in LINES.format(rows=rows).split(";"):
    if statement.strip():
        connection.execute(statement)
reader = connection.sql(ROWS.format(resources=RESOURCES)).to_arrow_reader()

incoming = f"{target}.{os.getpid()}.tmp"
pq.write_table(
    reader.read_all().cast(SCHEMA),
    incoming,
    row_group_size=131_072,
    compression="snappy",
    write_page_index=True,
)
os.rename(incoming, target)
