import pyarrow as pa
import pyarrow.json as json
from arrow_batches import fingerprint, rows, touch
from report import arguments, drive

options = arguments()
# JSON knows no dates. pyarrow would look for them, which the others don't do.
DATES_AS_TEXT = json.ParseOptions(explicit_schema=pa.schema([("o_orderdate", pa.string())]))


def batches():
    if options["way"] == "whole":
        return json.read_json(options["path"], parse_options=DATES_AS_TEXT).to_batches()
    return json.open_json(options["path"], parse_options=DATES_AS_TEXT)


drive(batches, mode=options["mode"], touch=touch, fingerprint=fingerprint, rows=rows)
