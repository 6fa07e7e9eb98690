from glob import glob

import pyarrow.compute as pc
import pyarrow.dataset as ds
from arrow_batches import fingerprint, rows, touch
from report import arguments, drive, source

options = arguments()
paths, partition = source(options), options.get("partition")


def batches():
    # A dataset takes no patterns.
    files = sorted(glob(paths)) if isinstance(paths, str) else paths
    dataset = ds.dataset(files, format="parquet", partitioning="hive" if partition else None)
    return dataset.to_batches(
        columns=options.get("columns"),
        filter=partition and pc.field(partition["column"]) == partition["value"],
        batch_size=options.get("batchRows", 65_536),
        use_threads=True,
    )


drive(
    batches,
    mode=options["mode"],
    touch=touch,
    fingerprint=fingerprint,
    rows=rows,
)
