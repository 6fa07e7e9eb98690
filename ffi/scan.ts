/**
 * One native scan, from opening the file to closing it.
 *
 * @module
 */
import type { Schema } from "apache-arrow";
import type { HandedBatch } from "../src/chunks/chunk_controller.ts";
import type { ChunkEnd } from "../src/chunks/chunk_strategy.ts";
import type { SpillwayBatch } from "../src/batches/spillway_batch.ts";
import type { FileRequest } from "../src/find/dataset_files.ts";
import { type FileReport, type FileStats, fileStats } from "../src/scan/file_stats.ts";
import type { CheckedLimits } from "../src/scan/read_limits.ts";
import type { TextRequest } from "../src/scan/text_request.ts";
import type { PruneOptions } from "../src/scan/prune_options.ts";
import type { RowStep } from "../src/stages/step.ts";
import type { ScanPruning } from "../src/scan/scan_pruning.ts";
import type { ScanCounters } from "../src/scan/scan_stats.ts";
import { BatchReader } from "./batch_reader.ts";
import { ByteInput } from "./byte_input.ts";
import { counterCount, heldBytesIndex, namedCounters } from "./counters.ts";
import { firstCapacity, head, numberAt } from "./descriptor.ts";
import { assertMayRead, native } from "./library.ts";
import { MemoryPressure } from "./memory_pressure.ts";
import type { Native } from "./native.ts";
import { OwnedHandle } from "./owned_handle.ts";
import { outcome, text } from "./symbols.ts";
import { jsonBytes, parseIfAny, readError, readJson, readSchema, readText } from "./texts.ts";

/** What the native side is asked for: it is sent as JSON. */
export interface ScanRequest {
  files: readonly FileRequest[];
  schema: "first" | "strict" | "union";
  givenSchema: string | null;
  concurrency: number;
  unordered: boolean;
  skipBrokenFiles: boolean;
  explain: boolean;
  rowIndexPerFile: boolean;
  io: "mmap" | "read";
  columns: readonly string[] | null;
  limit: number | null;
  offset: number;
  rowIndex: string | null;
  dictionary: true | readonly string[] | null;
  strings: "utf8" | "preserve";
  limits: CheckedLimits;
  verifyChecksums: boolean;
  memoryLimitBytes: number | null;
  batchRows: number;
  fixedRows: number | null;
  maxBatchBytes: number | null;
  steps: readonly RowStep[];
  maxRows: number | null;
  prune: PruneOptions;
  /** The text format to read; Parquet where `null`. */
  text: TextRequest | null;
}

/** Nothing waits this long for a wake-up: it bounds what a lost one costs. */
const openWaitMs = 1_000;
/** What ended a batch, by the number in its descriptor. */
const chunkEnds: readonly ChunkEnd[] = [
  "strategy",
  "byte cap",
  "memory budget",
  "end of range",
  "fixed",
];

const nothing = new Uint8Array(0);

/**
 * What a scan hands over before it takes ballast. A smaller one makes the collector run too seldom to
 * matter, and while there is ballast, garbage of the program's own lies longer too.
 */
const bytesWithoutBallast = 16 * 2 ** 20;

/** A scan that is open. Its batches outlive it. */
export class Scan {
  /** Collects garbage for this scan. */
  readonly pressure: MemoryPressure;
  readonly #native: Native;
  readonly #handle: number;
  readonly #owned: OwnedHandle;
  /** Whether there are steps, and a predicate may be among them. */
  readonly #hasSteps: boolean;
  #descriptor: Float64Array<ArrayBuffer> = new Float64Array(firstCapacity);
  #reader: BatchReader | null = null;
  #counters: Float64Array<ArrayBuffer> = new Float64Array(counterCount);
  /** What the scan had to tell when it was closed, as JSON until somebody asks. */
  #pruningText: Uint8Array = nothing;
  #filesText: Uint8Array = nothing;
  #pruning: ScanPruning | null = null;
  #files: readonly FileStats[] | null = null;
  #ballast: ArrayBuffer | null = null;
  #handedBytes = 0;
  #closed = false;

  /**
   * Starts to open a file, on a thread of the library's own. Nothing is decoded.
   *
   * @param request What is asked for.
   */
  constructor(request: ScanRequest) {
    this.#native = native();
    assertMayRead(request.files.map(({ path }) => path));
    this.#owned = new OwnedHandle(this.#native);
    this.#handle = this.#native.calls.spw_scan_open(this.#owned.handle, ...jsonBytes(request));
    if (this.#handle === 0) throw readError(this.#native, 0);
    this.#hasSteps = request.steps.length > 0;
    this.pressure = new MemoryPressure(this.#native, () => numberAt(this.#count(), heldBytesIndex));
  }

  /** Whether {@linkcode Scan.close} was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Waits until the file is open: its schema and its plan are known then.
   *
   * @throws {SpillwayError} Where it can't be opened or read.
   */
  async opened(): Promise<void> {
    for (;;) {
      const ready = this.#native.calls.spw_scan_ready(this.#handle);
      if (ready === outcome.error) throw readError(this.#native, this.#handle);
      if (ready !== 0) return;
      await this.wait(openWaitMs);
    }
  }

  /** The schema of the batches, once the file is open; decoded the first time, in milliseconds. */
  get schema(): Schema {
    return this.#batchReader.schema;
  }

  /**
   * Takes the next batch, if there is one already, and lets decoding go on ahead.
   *
   * @param chunkRows The rows of the chunks that are planned from now on.
   * @param zeroCopy Whether the batch may be views of native memory.
   * @returns The batch, `"empty"` where it isn't ready, or `"end"`.
   * @throws {SpillwayError} Where decoding failed, after all batches before.
   */
  next(chunkRows: number, zeroCopy: boolean): SpillwayBatch | "empty" | "end" {
    const { spw_scan_next } = this.#native.calls;
    for (;;) {
      const descriptor = this.#descriptor;
      switch (spw_scan_next(this.#handle, chunkRows, descriptor, descriptor.length)) {
        case outcome.batch:
          this.#handedBytes += numberAt(descriptor, head.bytes);
          if (this.#handedBytes > bytesWithoutBallast) {
            this.#ballast ??= this.#native.ballast(numberAt(descriptor, head.limitBytes));
          }
          return this.#batchReader.read(descriptor, zeroCopy);
        case outcome.empty:
          return "empty";
        case outcome.end:
          return "end";
        case outcome.grow:
          this.#descriptor = new Float64Array(2 * numberAt(descriptor, head.needed));
          break;
        default:
          throw readError(this.#native, this.#handle);
      }
    }
  }

  /** The facts of the batch that {@linkcode Scan.next} gave last. */
  lastBatch(): HandedBatch {
    const descriptor = this.#descriptor;
    return {
      sequence: numberAt(descriptor, head.sequence),
      rows: numberAt(descriptor, head.rows),
      bytes: numberAt(descriptor, head.bytes),
      decodeMs: numberAt(descriptor, head.decodeMs),
      endedBy: chunkEnds[numberAt(descriptor, head.endedBy)] ?? "strategy",
      bytesPerRow: numberAt(descriptor, head.bytesPerRow),
      remainingRows: numberAt(descriptor, head.remainingRows),
      heldBytes: numberAt(descriptor, head.heldBytes),
      queuedBytes: numberAt(descriptor, head.queuedBytes),
      limitBytes: numberAt(descriptor, head.limitBytes),
    };
  }

  /**
   * Waits, without blocking, until {@linkcode Scan.next} has something to say.
   *
   * @returns Whether it has; `false` where the time ran out first.
   */
  wait(timeoutMs: number): Promise<boolean> {
    return this.#native.wait(this.#handle, timeoutMs);
  }

  /** Where the bytes to be read are pushed to, for a scan that reads no files. */
  input(): ByteInput {
    return new ByteInput(this.#native, this.#handle);
  }

  /** The plan as JSON, once the file is open. */
  plan(): unknown {
    return readJson(this.#native, this.#handle, text.plan);
  }

  /** The file's facts as JSON, once the file is open. */
  file(): unknown {
    return readJson(this.#native, this.#handle, text.file);
  }

  /** The scan's counters; as they were when it was closed, if it is. */
  counters(): ScanCounters {
    return namedCounters(this.#count());
  }

  /** What a predicate spares, if there is one; as it was when the scan was closed, if it is. */
  pruning(): ScanPruning | null {
    if (!this.#closed) return parseIfAny(this.#readPruning()) as ScanPruning | null;
    return this.#pruning ??= parseIfAny(this.#pruningText) as ScanPruning | null;
  }

  /** What became of each file so far; as it was when the scan was closed, if it is. */
  files(): readonly FileStats[] {
    if (!this.#closed) return filesOf(this.#readFiles());
    return this.#files ??= filesOf(this.#filesText);
  }

  /** Stops decoding within one chunk, frees what is queued and forgets the scan. Idempotent. */
  close(): void {
    if (this.#closed) return;
    // At first: of many files the facts below take milliseconds, in which many more could be opened.
    this.#native.calls.spw_scan_cancel(this.#handle);
    this.#count();
    this.#pruningText = this.#readPruning();
    this.#filesText = this.#readFiles();
    this.#closed = true;
    this.#ballast = null;
    this.#owned.close();
  }

  #readPruning(): Uint8Array {
    return this.#hasSteps ? readText(this.#native, this.#handle, text.pruning) : nothing;
  }

  #readFiles(): Uint8Array {
    return readText(this.#native, this.#handle, text.files);
  }

  #count(): Float64Array {
    if (!this.#closed) {
      this.#native.calls.spw_scan_stats(this.#handle, this.#counters, counterCount);
    }
    return this.#counters;
  }

  get #batchReader(): BatchReader {
    return this.#reader ??= new BatchReader(
      readSchema(this.#native, this.#handle),
      this.#native,
    );
  }
}

function filesOf(json: Uint8Array): readonly FileStats[] {
  return fileStats(parseIfAny(json) as readonly FileReport[] | null ?? []);
}

/**
 * Reads a file's facts and schema, without a scan: the file is closed again when this returns.
 *
 * @param path The file.
 * @param limits The most that it may ask for.
 * @returns Its facts as JSON, and its schema.
 */
export function readFile(
  path: string,
  limits: CheckedLimits,
): { facts: unknown; schema: Schema } {
  const library = native();
  assertMayRead([path]);
  const owned = new OwnedHandle(library);
  const handle = library.calls.spw_file_open(owned.handle, ...jsonBytes({ path, limits }));
  if (handle === 0) throw readError(library, 0);
  try {
    return { facts: readJson(library, handle, text.file), schema: readSchema(library, handle) };
  } finally {
    owned.close();
  }
}
