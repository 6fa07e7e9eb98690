/**
 * A scan that runs, and what decides the sizes of its batches.
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
  scan: Scan;
  sizes: ChunkController;
  /** Whether decoding was begun. */
  started: boolean;
}

/** What is known once the files are. */
interface Beginning {
  readonly files: readonly FileRequest[];
  /** They leave out row groups, and with them files. */
  readonly rowGroupFilters: RowGroupFilters;
  /** Whether only the plan is wanted. */
  readonly explain: boolean;
}

/** Begins a scan with these options, which takes these steps too: its first file is being opened. */
export function runScan(
  options: CheckedScan,
  steps: ScanSteps,
  { files, rowGroupFilters, explain }: Beginning,
): RunningScan {
  const { columns, schema, memoryLimitBytes, strategy } = options;
  const memory = MemoryManager.shared;
  const limitBytes = memoryLimitBytes ?? memory.limitBytes;
  const sizes = new ChunkController(strategy, limitBytes, () => memory.availableMemory());
  const wanted = { columns, missingAreNull: schema !== "strict" };
  const scan = new Scan(scanRequest(options, steps, {
    files: rowGroupFilters.wanted(files, wanted),
    batchRows: sizes.firstRows(),
    limitBytes,
    explain,
  }));
  return { scan, sizes, started: false };
}
