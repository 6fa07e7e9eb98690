import type { Fault } from "./fault.ts";
import { badChecksums } from "./faults/bad_checksums.ts";
import { cancelledScans } from "./faults/cancelled_scans.ts";
import { cancelledSinks } from "./faults/cancelled_sinks.ts";
import {
  changedAmongMany,
  changedArrow,
  changedParquet,
  changedText,
} from "./faults/changed_files.ts";
import { declaredSizes } from "./faults/declared_sizes.ts";
import { decompressionBombs } from "./faults/decompression_bombs.ts";
import { endedWorkers } from "./faults/ended_workers.ts";
import { exits } from "./faults/exits.ts";
import { hostileFiles } from "./faults/hostile_files.ts";
import { littleMemory } from "./faults/little_memory.ts";
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
  little_memory: littleMemory,
  cancelled_scans: cancelledScans,
  cancelled_sinks: cancelledSinks,
  ended_workers: endedWorkers,
  exits,
  misused_calls: misusedCalls,
  misused_streams: misusedStreams,
  misused_abi: misusedAbi,
};
