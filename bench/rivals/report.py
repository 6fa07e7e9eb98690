"""What the Python rivals share: their one argument, the clock, the fingerprint, the report line.

A rival is called with one JSON argument, {"path": ..., "mode": ...}:
  time    scan everything, touch one value a column and batch, report rows and seconds
  verify  scan everything, report the fingerprint that bench/data.ts expects
  first   report the time from the call to the first batch, then leave
"""

import json
import sys
import time

clock = time.perf_counter


def arguments():
    return json.loads(sys.argv[1])


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
