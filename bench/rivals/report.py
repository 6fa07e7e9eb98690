"""What the Python rivals share: their one argument, the clock, the fingerprint, the report line.

A rival is called with one JSON argument, {"path": ..., "mode": ...} and what else bench/report_line.ts
names. The path is a file's or the pattern of many. The modes:
  time    scan everything, touch one value a column and batch, report rows and seconds
  verify  scan everything, report the fingerprint that bench/data.ts expects
  first   report the time from the call to the first batch, then leave
"""

import json
import sys
import time
from glob import glob

clock = time.perf_counter


def arguments():
    return json.loads(sys.argv[1])


def source(options):
    """The path or pattern, or all paths, where they are to be listed before the clock starts."""
    return sorted(glob(options["path"])) if options.get("listed") else options["path"]


def report(**fields):
    print(json.dumps(fields), flush=True)


def add(total, part):
    for name, value in part.items():
        total[name] = total.get(name, 0) + int(value)
    return total


def drive(batches, *, mode, touch, fingerprint, rows):
    """Runs one scan. `batches` is called inside the clock, so that the call itself counts."""
    started = clock()
    if mode == "first":
        first = next(iter(batches()))
        touch(first)
        report(rows=rows(first), seconds=clock() - started)
        return
    total, count, seen = {}, 0, 0
    for batch in batches():
        seen += rows(batch)
        count += 1
        if mode == "verify":
            add(total, fingerprint(batch))
        elif rows(batch) > 0:
            touch(batch)
    seconds = clock() - started
    extra = {"fingerprint": total} if mode == "verify" else {}
    report(rows=seen, seconds=seconds, batches=count, **extra)
