import type { Fault } from "./fault.ts";
import { cancelledScans } from "./faults/cancelled_scans.ts";
import { cancelledSinks } from "./faults/cancelled_sinks.ts";
import { endedWorkers } from "./faults/ended_workers.ts";
import { exits } from "./faults/exits.ts";
import { littleMemory } from "./faults/little_memory.ts";
import { truncatedFiles } from "./faults/truncated_files.ts";

/** Every fault that is tried, by the name that `--fault` takes, in the table's order. */
export const faults: Readonly<Record<string, Fault>> = {
  truncated_files: truncatedFiles,
  cancelled_scans: cancelledScans,
  cancelled_sinks: cancelledSinks,
  exits,
  ended_workers: endedWorkers,
  little_memory: littleMemory,
};
