/**
 * A native scan that was begun, and what decides the sizes of its batches.
 *
 * @module
 */
import { Scan } from "../../ffi/scan.ts";
import type { CheckedScan } from "./check_scan.ts";
import { ChunkController } from "../chunks/chunk_controller.ts";
import type { FileRequest } from "../find/dataset_files.ts";
import { MemoryManager } from "../memory/memory_manager.ts";
import type { RowGroupFilters } from "./row_group_filters.ts";
import { scanRequest } from "./scan_request.ts";
import type { ScanSteps } from "./scan_steps.ts";

/** A pull that waits so long looks after the collector, in case garbage holds up decoding. */
const shortestWaitMs = 20;
/** A pull that goes on waiting looks less and less often, but at least this often. */
const longestWaitMs = 1_000;

/** A scan that is open, and what decides its sizes. */
export interface RunningScan {
  readonly scan: Scan;
  readonly sizes: ChunkController;
  /** Whether decoding was begun. */
  started: boolean;
}

/** What a scan is begun with. */
export interface ScanBeginning {
  /** The steps that it takes. */
  readonly steps: ScanSteps;
  /** The files; none where the bytes are pushed. */
  readonly files: readonly FileRequest[];
  /** What leaves out row groups. */
  readonly rowGroups: RowGroupFilters;
  /** Whether only the plan is wanted. */
  readonly explain: boolean;
}

/** Begins with a scan: nothing is decoded yet. */
export function beginScan(
  options: CheckedScan,
  { steps, files, rowGroups, explain }: ScanBeginning,
): RunningScan {
  const { columns, schema, memoryLimitBytes, strategy, text } = options;
  const memory = MemoryManager.shared;
  const limitBytes = memoryLimitBytes ?? memory.limitBytes;
  const sizes = new ChunkController(strategy, limitBytes, () => memory.availableMemory());
  const wanted = { columns, missingAreNull: schema !== "strict", limits: options.limits };
  const scan = new Scan(scanRequest(options, steps, {
    files: rowGroups.wanted(files, wanted),
    batchRows: sizes.firstRows(),
    maxBatchBytes: sizes.maxBatchBytes(),
    explain,
  }));
  if (text?.input) text.input.open(scan.input());
  return { scan, sizes, started: false };
}

/**
 * Waits until a batch could be given.
 *
 * @param scan The scan, which is closed when nobody wants its batches any more.
 * @param planned Whether it has all it needs; what is pushed may just not be there yet.
 * @param give Gives the batch, if it is there; tells whether that was the end of it.
 */
export async function untilGiven(scan: Scan, planned: boolean, give: () => boolean): Promise<void> {
  let waitMs = shortestWaitMs;
  while (!give()) {
    if (await scan.wait(waitMs) || scan.closed) continue;
    await scan.pressure.relieveStall(planned ? 0 : scan.lastBatch().limitBytes / 4);
    waitMs = Math.min(longestWaitMs, 2 * waitMs);
  }
}
