import type { Fault } from "./fault.ts";
import { badChecksums } from "./faults/bad_checksums.ts";
import {
  changedAmongMany,
  changedArrow,
  changedParquet,
  changedText,
} from "./faults/changed_files.ts";
import { declaredSizes } from "./faults/declared_sizes.ts";
import { decompressionBombs } from "./faults/decompression_bombs.ts";
import { hostileFiles } from "./faults/hostile_files.ts";
import { misusedAbi } from "./faults/misused_abi.ts";
import { misusedCalls, misusedStreams } from "./faults/misused_calls.ts";

/** Every fault that is tried, by the name that `--fault` takes, in the table's order. */
export const faults: Readonly<Record<string, Fault>> = {
  changed_parquet: changedParquet,
  changed_among_many: changedAmongMany,
  changed_arrow: changedArrow,
  changed_text: changedText,
  declared_sizes: declaredSizes,
  bad_checksums: badChecksums,
  decompression_bombs: decompressionBombs,
  hostile_files: hostileFiles,
  misused_calls: misusedCalls,
  misused_streams: misusedStreams,
  misused_abi: misusedAbi,
};
