"""Slices a Parquet file's rows, in order: python sliced_files.py FROM FOLDER FILES FOLDERS [ROWS]

FOLDER gets FILES files, whose numbers of rows differ by one at most, in FOLDERS folders of their own
or, with 0 FOLDERS, lying in it. ROWS is how many of the first rows are taken, by default all.
"""

import os
import sys

import pyarrow.parquet as pq

source, target, files, folders, *rows = sys.argv[1:]
files, folders = int(files), int(folders)

original = pq.ParquetFile(source)
wanted = int(rows[0]) if rows else original.metadata.num_rows
groups, seen = [], 0
while seen < wanted:
    seen += original.metadata.row_group(len(groups)).num_rows
    groups.append(len(groups))
table = original.read_row_groups(groups)

incoming = f"{target}.{os.getpid()}.tmp"
for number in range(files):
    # Zeros in front: text order is natural order, so that every library agrees on what comes first.
    folder = incoming
    if folders > 0:
        folder = os.path.join(incoming, f"folder-{number * folders // files:03d}")
    os.makedirs(folder, exist_ok=True)
    first, end = number * wanted // files, (number + 1) * wanted // files
    pq.write_table(
        table.slice(first, end - first),
        os.path.join(folder, f"part-{number:05d}.parquet"),
        row_group_size=131_072,
        compression="snappy",
        # As in the original, where a decimal of 15 digits is an INT64.
        store_decimal_as_integer=True,
    )
os.rename(incoming, target)
