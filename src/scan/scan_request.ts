/**
 * What the native side is asked for by a scan.
 *
 * @module
 */
import type { ScanRequest } from "../../ffi/scan.ts";
import type { CheckedScan } from "./check_scan.ts";
import type { FileRequest } from "../find/dataset_files.ts";
import { schemaBytes } from "../batches/schema_bytes.ts";
import type { ScanSteps } from "./scan_steps.ts";

/** What is known only when a scan begins. */
interface Beginning {
  readonly files: readonly FileRequest[];
  /** The rows of the first batches. */
  readonly batchRows: number;
  /** The most bytes of a batch, where its rows aren't fixed. */
  readonly maxBatchBytes: number | null;
  /** Whether only the plan is wanted. */
  readonly explain: boolean;
}

/** The request of a scan with these options, which takes these steps too. */
export function scanRequest(
  options: CheckedScan,
  { before, rows, after }: ScanSteps,
  { files, batchRows, maxBatchBytes, explain }: Beginning,
): ScanRequest {
  const { schema, onFileError, fixedRows, text } = options;
  return {
    files,
    schema: typeof schema === "string" ? schema : "first",
    givenSchema: typeof schema === "string" ? null : schemaBytes(schema).toHex(),
    concurrency: options.concurrency,
    unordered: !options.ordered,
    skipBrokenFiles: onFileError !== "throw",
    explain,
    io: options.io,
    columns: options.columns,
    limit: before.limit,
    offset: before.offset,
    rowIndex: options.rowIndex,
    rowIndexPerFile: options.rowIndexPerFile,
    steps: rows,
    maxRows: after === null || after.limit === null ? null : after.offset + after.limit,
    prune: options.prune,
    text: text && { format: text.format, compression: text.compression, pushed: text.pushed },
    dictionary: options.dictionary,
    strings: options.strings,
    limits: options.limits,
    verifyChecksums: options.verifyChecksums,
    memoryLimitBytes: options.memoryLimitBytes,
    batchRows,
    fixedRows,
    maxBatchBytes: fixedRows === null ? maxBatchBytes : null,
  };
}
