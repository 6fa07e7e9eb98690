/**
 * Asks a strategy for sizes and tells it what they cost: one for each stream.
 *
 * @module
 */
import {
  type ChunkContext,
  type ChunkDecision,
  type ChunkEnd,
  type ChunkSample,
  type ChunkStrategy,
  cycleMs,
} from "./chunk_strategy.ts";
import { SizeClamp } from "./size_clamp.ts";

/** A batch that was handed over, as far as its size is concerned. */
export interface HandedBatch {
  sequence: number;
  rows: number;
  bytes: number;
  decodeMs: number;
  endedBy: ChunkEnd;
  bytesPerRow: number;
  remainingRows: number;
  heldBytes: number;
  queuedBytes: number;
  limitBytes: number;
}

/** Decisions that are kept: some thousands of batches would only fill memory. */
const keptDecisions = 256;
/** Asking the system for its memory takes some 0.1 ms, which twice a second costs nothing. */
const memoryAgeMs = 500;
/**
 * A consumer starves when it waits for more than this part of the time that two batches take: it is
 * woken for two at once, so that the second is always there.
 */
const starvedPart = 0.1;

/** Drives a {@linkcode ChunkStrategy} through the life of one stream. */
export class ChunkController {
  readonly #strategy: ChunkStrategy;
  readonly #availableMemory: () => number;
  readonly #clamp = new SizeClamp();
  readonly #decisions: ChunkDecision[] = [];
  readonly #context: ChunkContext;
  #memoryReadAt = -Infinity;
  #pulledAt = 0;
  #handedAt = 0;
  #requestedRows = 0;
  #sample: ChunkSample | null = null;
  /** Of the sample before the last. */
  #before = { waitMs: 0, cycleMs: 0 };
  #waitMs = 0;
  #consumerMs = 0;

  /**
   * @param strategy The policy.
   * @param limitBytes The stream's memory limit.
   * @param availableMemory Asks for the memory that the system could still give.
   */
  constructor(strategy: ChunkStrategy, limitBytes: number, availableMemory: () => number) {
    this.#strategy = strategy;
    this.#availableMemory = availableMemory;
    this.#context = {
      availableMemoryBytes: Infinity,
      heldBytes: 0,
      queuedBytes: 0,
      limitBytes,
      bytesPerRow: 0,
      remainingRows: Infinity,
      desiredSize: null,
      consumerStarved: false,
      batches: 0,
    };
  }

  /** The last decisions, oldest first. */
  get decisions(): ChunkDecision[] {
    return [...this.#decisions];
  }

  /** What the consumer spent and waited so far. */
  get times(): { consumerMs: number; waitMs: number } {
    return { consumerMs: this.#consumerMs, waitMs: this.#waitMs };
  }

  /** What the strategy asked for and could not be had. */
  get warnings(): readonly string[] {
    return this.#clamp.warnings;
  }

  /** The most bytes of a batch, asked before the file is open; `null` where the strategy has none. */
  maxBatchBytes(): number | null {
    return this.#clamp.bytes(this.#strategy.maxBatchBytes?.(this.#context.limitBytes));
  }

  /** The rows of the first chunk: asked before the file is open. */
  firstRows(): number {
    return this.#ask();
  }

  /**
   * The consumer pulls: what it spent on the last batch is known now.
   *
   * @param desiredSize The stream's.
   * @param now The time in milliseconds.
   * @returns The rows of the chunks that are planned from now on.
   */
  pulled(desiredSize: number | null, now: number): number {
    this.#pulledAt = now;
    const context = this.#context;
    context.desiredSize = desiredSize;
    const sample = this.#sample;
    if (sample) {
      sample.consumerMs = now - this.#handedAt;
      this.#consumerMs += sample.consumerMs;
      const last = { waitMs: sample.waitMs, cycleMs: cycleMs(sample) };
      const waitMs = last.waitMs + this.#before.waitMs;
      context.consumerStarved = waitMs > starvedPart * (last.cycleMs + this.#before.cycleMs);
      this.#before = last;
      this.#strategy.adjust({ ...sample });
      this.#sample = null;
    }
    if (now - this.#memoryReadAt > memoryAgeMs) {
      this.#memoryReadAt = now;
      context.availableMemoryBytes = this.#availableMemory();
    }
    return this.#ask();
  }

  /**
   * A batch is about to be enqueued.
   *
   * @param batch Its facts.
   * @param handoverMs What taking it over from the native side took.
   * @param now The time in milliseconds.
   */
  handed(batch: HandedBatch, handoverMs: number, now: number): void {
    const { sequence, rows, bytes, decodeMs, endedBy, bytesPerRow } = batch;
    const context = this.#context;
    context.bytesPerRow = bytesPerRow;
    context.remainingRows = batch.remainingRows;
    context.heldBytes = batch.heldBytes;
    context.queuedBytes = batch.queuedBytes;
    context.limitBytes = batch.limitBytes;
    context.batches = sequence + 1;
    const waitMs = Math.max(0, now - this.#pulledAt - handoverMs);
    this.#waitMs += waitMs;
    this.#handedAt = now;
    this.#sample = { rows, bytes, decodeMs, consumerMs: 0, waitMs, handoverMs };
    if (this.#decisions.length === keptDecisions) this.#decisions.shift();
    this.#decisions.push({
      sequence,
      rows,
      bytes,
      bytesPerRow,
      endedBy,
      requestedRows: this.#requestedRows,
      reason: this.#strategy.reason ?? "strategy",
    });
  }

  #ask(): number {
    const asked: unknown = this.#strategy.calculateChunkSize({ ...this.#context });
    return this.#requestedRows = this.#clamp.rows(asked);
  }
}
