"""Copies a Parquet file into text: python text_copy.py FROM TO csv|json"""

import os
import sys

import duckdb

source, target, form = sys.argv[1:]
incoming = f"{target}.{os.getpid()}.tmp"
options = {"csv": "format csv, header, delimiter ','", "json": "format json"}[form]
duckdb.sql(f"copy (from '{source}') to '{incoming}' ({options})")
os.rename(incoming, target)
