import pyarrow.parquet as pq
from arrow_batches import fingerprint, rows, touch
from report import arguments, drive

options = arguments()

drive(
    lambda: pq.ParquetFile(options["path"], memory_map=True).iter_batches(
        batch_size=options.get("batchRows", 65_536), use_threads=True
    ),
    mode=options["mode"],
    touch=touch,
    fingerprint=fingerprint,
    rows=rows,
)
