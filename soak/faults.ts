import type { Fault } from "./fault.ts";
import {
  changedAmongMany,
  changedArrow,
  changedParquet,
  changedText,
} from "./faults/changed_files.ts";

/** Every fault that is tried, by the name that `--fault` takes, in the table's order. */
export const faults: Readonly<Record<string, Fault>> = {
  changed_parquet: changedParquet,
  changed_among_many: changedAmongMany,
  changed_arrow: changedArrow,
  changed_text: changedText,
};
