import type { Fault } from "./fault.ts";
import { misusedAbi } from "./faults/misused_abi.ts";
import { misusedCalls, misusedStreams } from "./faults/misused_calls.ts";
import { truncatedFiles } from "./faults/truncated_files.ts";

/** Every fault that is tried, by the name that `--fault` takes, in the table's order. */
export const faults: Readonly<Record<string, Fault>> = {
  truncated_files: truncatedFiles,
  misused_calls: misusedCalls,
  misused_streams: misusedStreams,
  misused_abi: misusedAbi,
};
