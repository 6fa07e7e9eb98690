import pyarrow.csv as csv
from arrow_batches import fingerprint, rows, touch
from report import arguments, drive

options = arguments()


def batches():
    """Only reading the whole file at once uses all processors."""
    if options["way"] == "whole":
        return csv.read_csv(options["path"]).to_batches()
    return csv.open_csv(options["path"])


drive(batches, mode=options["mode"], touch=touch, fingerprint=fingerprint, rows=rows)
