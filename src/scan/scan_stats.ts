/**
 * What a scan has done so far, in numbers.
 *
 * @module
 */
import type { ChunkDecision } from "../chunks/chunk_strategy.ts";
import type { FileStats } from "./file_stats.ts";
import type { ScanPruning } from "./scan_pruning.ts";

/** What the native side counts of a scan. Bytes are decoded ones unless they say otherwise. */
export interface ScanCounters {
  /** Rows given to the consumer. */
  rows: number;
  /** Batches given to the consumer. */
  batches: number;
  /** Bytes given to the consumer. */
  bytes: number;
  /** Bytes that are decoded and wait to be pulled. */
  queuedBytes: number;
  /** Bytes of batches that the consumer holds and that aren't copies. */
  heldBytes: number;
  /** The most bytes that were being decoded, queued and held at once. */
  peakBytes: number;
  /** The limit that is in force: the scan's own, or its share of the process's. */
  limitBytes: number;
  /** Chunks that are being decoded. */
  chunksInFlight: number;
  /** Processor time spent decoding, over all threads. */
  decodeMs: number;
  /** Rows that are planned into chunks; with a predicate, rows that were looked at. */
  rowsPlanned: number;
  /** Compressed bytes that the scan reads in all; of texts, the bytes of their files. */
  totalCompressedBytes: number;
  /**
   * Compressed bytes that are done with; with a predicate, those of pages that were really read:
   * fewer than all where rows in between don't pass, more where a page holds rows that are skipped.
   */
  compressedBytes: number;
  /** Row groups that the scan reads. */
  rowGroups: number;
  /** Bytes set aside for the chunks that are being decoded. */
  reservedBytes: number;
  /** Milliseconds from opening the scan to its first batch. */
  firstBatchMs: number;
  /** Threads that decode, shared by all scans. */
  threads: number;
  /** Batches decoded, whether they were pulled or not. */
  batchesDecoded: number;
  /** Bytes of decoded buffers that were given back and are kept for the next ones. */
  idlePoolBytes: number;
  /**
   * Rows that are looked at in all: those that the scan gives, unless a predicate drops some. Of
   * texts, those that were looked at so far.
   */
  totalRows: number;
  /** Files that the scan was asked for. With several, totals are of those opened so far. */
  totalFiles: number;
  /** Files opened so far, but for those that were left out since: each file is in one count. */
  openedFiles: number;
  /** Files of which all that is wanted was given. */
  doneFiles: number;
  /** Files that a predicate rules out by their folders. */
  prunedFiles: number;
  /** Files that can't be read and were left out. */
  skippedFiles: number;
  /** Records of texts that were left out because they were bad, where that is wanted. */
  skippedRecords: number;
  /** Values of texts that are null because they were bad, where that is wanted. */
  nulledValues: number;
}

/** What a scan has done so far: {@linkcode RecordBatchStream.stats}. */
export interface ScanStats extends ScanCounters {
  /** What became of each file that was opened, ruled out or skipped so far, in the scan's order. */
  files: readonly FileStats[];
  /** Batches that were handed over as copies, because JavaScript held too much, or by option. */
  copiedBatches: number;
  /** Bytes of those copies. */
  copiedBytes: number;
  /** What a predicate spares, or `null` without one and while the file isn't open. */
  pruning: ScanPruning | null;
  /** Milliseconds that the consumer spent on its batches. */
  consumerMs: number;
  /** Milliseconds that the consumer waited for batches. */
  waitMs: number;
  /** The sizes of the last 256 batches, oldest first, and where they came from. */
  decisions: ChunkDecision[];
  /**
   * What was asked for and could not be had, and what was done instead, the first of each kind:
   * sizes of a chunk strategy that no batch can have.
   */
  warnings: readonly string[];
}
