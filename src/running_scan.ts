/**
 * A native scan that was begun, and what decides the sizes of its batches.
 *
 * @module
 */
import { Scan } from "../ffi/scan.ts";
import type { CheckedScan } from "./check_scan.ts";
import { ChunkController } from "./chunk_controller.ts";
import type { FileRequest } from "./dataset_files.ts";
import { MemoryManager } from "./memory_manager.ts";
import type { RowGroupFilters } from "./row_group_filters.ts";
import { scanRequest } from "./scan_request.ts";
import type { ScanSteps } from "./scan_steps.ts";

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
  const wanted = { columns, missingAreNull: schema !== "strict" };
  const scan = new Scan(scanRequest(options, steps, {
    files: rowGroups.wanted(files, wanted),
    batchRows: sizes.firstRows(),
    limitBytes,
    explain,
  }));
  if (text?.input) text.input.open(scan.input());
  return { scan, sizes, started: false };
}
