/**
 * Batches whose size follows the consumer and the memory.
 *
 * @module
 */
import {
  type ChunkContext,
  type ChunkSample,
  type ChunkStrategy,
  cycleMs,
} from "./chunk_strategy.ts";

/** Bounds of an {@linkcode AdaptiveChunkStrategy}. */
export interface AdaptiveChunkStrategyOptions {
  /** The fewest rows of a batch, unless the byte cap asks for fewer. @default {1_000} */
  minChunkSize?: number;
  /** The most rows of a batch. @default {1_000_000} */
  maxChunkSize?: number;
  /** The part of the memory limit that may be in use before batches shrink. @default {0.8} */
  targetMemoryRatio?: number;
}

/** Rows of the first chunk: decoded in 1 to 2 ms, so that the first batch is there at once. */
const firstRows = 8_192;
/** Batches of the cap's size that fit the limit: some decoding, some queued, some in use. */
const batchesPerLimit = 16;
/** Past this, batches are so few that what each costs hardly shows, while they take more memory. */
const largestBatchBytes = 8 * 2 ** 20;
/** What a batch costs beyond its rows, native side included, where the measured part is less. */
const leastBatchCostMs = 0.1;
/** The cost of batches, as a part of the time: shrinking stops at `most`, growing at `least`. */
const overhead = { most: 0.05, least: 0.01 };
/** A step up to a cap is worth its while from this factor on. */
const leastGrowth = 1.5;
/** A consumer that keeps a batch for longer gets smaller ones. */
const slowConsumerMs = 100;
/** Samples that must agree before the size changes: one slow or late batch is noise. */
const agreeing = 2;
/** A consumer that keeps more batches than this is taken to keep them for good. */
const mostPatience = 256;
/** Samples after which a growth that doesn't show is taken as done. */
const samplesToSettle = 16;

/**
 * Sizes batches for the least overhead that the memory limit allows.
 *
 * The control law: the size starts at 8,192 rows and takes a step when two batches running ask for
 * the same:
 *
 * - it *doubles* when the consumer waits for us (over 10 % of the time), a batch's fixed cost
 *   (0.1 ms, or what is measured) is over 1 % of the time between batches, and memory is free:
 *   afterwards, the bytes in use stay under `targetMemoryRatio` of the limit. Where that cost is over
 *   4 %, and memory allows, it quadruples. It grows to the caps below and no further, and not for
 *   less than half as much again;
 * - it *halves* when the bytes in use exceed `targetMemoryRatio` of the limit, or the consumer
 *   keeps a batch for more than 100 ms without waiting;
 * - it never halves below the floor, which is the size at which the fixed cost is 5 % of the time.
 *
 * The answer is then cut to `maxChunkSize` and to the byte cap: a 16th of `targetMemoryRatio` of
 * the limit, 8 MiB at most, over the bytes per row that are predicted for what comes next. The cap
 * cuts the answer only, not the size that is remembered, and it wins over `minChunkSize`.
 *
 * Why it is stable. The regions of growing and of shrinking are apart by more than a step: doubling
 * needs a batch every 10 ms or oftener, quadrupling every 2.5 ms, shrinking needs 100 ms with one, and
 * growing never leads from below the memory target to above it; so no step makes the opposite step's
 * condition true.
 * Chunks that are being decoded or queued keep their old size, so the effect of a step comes late:
 * no step is taken until batches of the new size arrive, and have taken the place of those of the
 * old size that the consumer keeps; hence at most one step is under way. And
 * the remembered size doesn't grow where the cap would cut it (no wind-up), so when long rows end
 * it is right at once.
 *
 * @example
 * ```ts
 * import { AdaptiveChunkStrategy, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const chunkStrategy = new AdaptiveChunkStrategy({ minChunkSize: 100, maxChunkSize: 500 });
 * for await (using batch of scanParquet("tests/data/readings.parquet", { chunkStrategy })) {
 *   expect(batch.numRows).toBeLessThanOrEqual(500);
 * }
 * ```
 */
export class AdaptiveChunkStrategy implements ChunkStrategy {
  /** The fewest rows of a batch, unless the byte cap asks for fewer. */
  readonly minChunkSize: number;
  /** The most rows of a batch. */
  readonly maxChunkSize: number;
  /** The part of the memory limit that may be in use before batches shrink. */
  readonly targetMemoryRatio: number;

  #rows: number;
  #reason = "first batch";
  #sample: ChunkSample | null = null;
  #batchCostMs = leastBatchCostMs;
  #rowsPerMs = 0;
  #scarce = 0;
  #slow = 0;
  #starved = 0;
  #step: Step | null = null;
  /** Batches to wait for once the step shows: those of the old size that the consumer keeps. */
  #patience = 0;

  /**
   * Makes a strategy for one stream.
   *
   * @param options The bounds.
   * @throws {RangeError} Where a bound is no whole number of rows, the least is over the most, or
   * the ratio is not above 0 and at most 1.
   */
  constructor(options: AdaptiveChunkStrategyOptions = {}) {
    const { minChunkSize = 1_000, maxChunkSize = 1_000_000, targetMemoryRatio = 0.8 } = options;
    for (const [name, rows] of Object.entries({ minChunkSize, maxChunkSize })) {
      if (!Number.isSafeInteger(rows) || rows < 1) {
        throw new RangeError(`${name} must be a whole number of rows, 1 or more, not ${rows}`);
      }
    }
    if (minChunkSize > maxChunkSize) {
      throw new RangeError(
        `minChunkSize (${minChunkSize}) must not be more than maxChunkSize (${maxChunkSize})`,
      );
    }
    if (!(targetMemoryRatio > 0 && targetMemoryRatio <= 1)) {
      throw new RangeError(
        `targetMemoryRatio must be above 0 and at most 1, not ${targetMemoryRatio}`,
      );
    }
    this.minChunkSize = minChunkSize;
    this.maxChunkSize = maxChunkSize;
    this.targetMemoryRatio = targetMemoryRatio;
    this.#rows = clamp(firstRows, minChunkSize, maxChunkSize);
  }

  /** Why the last answer was what it was. */
  get reason(): string {
    return this.#reason;
  }

  /**
   * Decides the rows of the chunks that are planned from now on.
   *
   * @param context What is known now.
   * @returns A whole number of rows, 1 or more.
   */
  calculateChunkSize(context: ChunkContext): number {
    const capRows = this.#capRows(context);
    if (this.#sample) this.#rows = this.#nextRows(context, this.#sample, capRows);
    this.#sample = null;
    if (capRows < this.#rows) {
      this.#reason = "byte cap";
      return capRows;
    }
    return this.#rows;
  }

  /**
   * Learns from a batch that the consumer is done with.
   *
   * @param sample What it cost.
   */
  adjust(sample: ChunkSample): void {
    this.#sample = sample;
    const { rows, handoverMs } = sample;
    const cycle = cycleMs(sample);
    this.#batchCostMs = Math.max(leastBatchCostMs, smooth(this.#batchCostMs, handoverMs));
    if (cycle > 0) {
      const rate = rows / cycle;
      this.#rowsPerMs = this.#rowsPerMs === 0 ? rate : smooth(this.#rowsPerMs, rate);
    }
    if (this.#step?.shownBy(sample)) this.#step = null;
  }

  /**
   * The most bytes that a batch may have.
   *
   * @param limitBytes The stream's memory limit.
   * @returns A 16th of the targeted part of the limit, 8 MiB at most.
   */
  maxBatchBytes(limitBytes: number): number {
    const part = Math.floor(limitBytes * this.targetMemoryRatio / batchesPerLimit);
    return clamp(part, 1, largestBatchBytes);
  }

  #capRows({ bytesPerRow, limitBytes }: ChunkContext): number {
    if (!(bytesPerRow > 0)) return Infinity;
    return Math.max(1, Math.floor(this.maxBatchBytes(limitBytes) / bytesPerRow));
  }

  #nextRows(context: ChunkContext, sample: ChunkSample, capRows: number): number {
    const rows = this.#rows;
    const target = context.limitBytes * this.targetMemoryRatio;
    const used = context.heldBytes + context.queuedBytes;
    const starved = context.consumerStarved;
    const scarce = used > target || context.availableMemoryBytes < this.#batchBytes(context);
    this.#scarce = scarce ? this.#scarce + 1 : 0;
    this.#slow = !starved && sample.consumerMs > slowConsumerMs ? this.#slow + 1 : 0;
    this.#starved = starved ? this.#starved + 1 : 0;
    if (this.#step) return this.#hold(rows, "settling");
    if (this.#patience > 0) {
      this.#patience--;
      return this.#hold(rows, "settling");
    }

    if (this.#scarce >= agreeing) return this.#shrink(rows, "memory pressure", context);
    if (this.#slow >= agreeing) return this.#shrink(rows, "slow consumer", context);
    if (this.#starved < agreeing) return this.#hold(rows, "consumer kept busy");
    const excess = this.#batchCostMs / (overhead.least * cycleMs(sample));
    if (!(excess > 1)) return this.#hold(rows, "overhead under 1 %");
    const factor = excess > 4 && used * 4 <= target ? 4 : 2;
    const next = Math.min(rows * factor, this.maxChunkSize, capRows);
    if (next < rows * leastGrowth) {
      return this.#hold(rows, capRows < this.maxChunkSize ? "byte cap" : "largest size");
    }
    if (scarce || used * next / rows > target) return this.#hold(rows, "no memory to grow");
    return this.#take(new Step(next, "up"), "starved consumer", context);
  }

  #shrink(rows: number, reason: string, context: ChunkContext): number {
    const floor = Math.max(
      this.minChunkSize,
      Math.ceil(this.#rowsPerMs * this.#batchCostMs / overhead.most),
    );
    const half = Math.ceil(rows / 2);
    if (half < floor) return this.#hold(rows, `${reason}, at the floor`);
    return this.#take(new Step(half, "down"), reason, context);
  }

  #take(step: Step, reason: string, context: ChunkContext): number {
    const kept = Math.ceil(context.heldBytes / Math.max(1, this.#batchBytes(context)));
    this.#patience = Math.min(kept, mostPatience);
    this.#step = step;
    return this.#hold(step.rows, reason);
  }

  #hold(rows: number, reason: string): number {
    this.#reason = reason;
    return rows;
  }

  #batchBytes({ bytesPerRow, limitBytes }: ChunkContext): number {
    return Math.min(bytesPerRow * this.#rows, this.maxBatchBytes(limitBytes));
  }
}

/** A change of size whose effect hasn't been seen yet. */
class Step {
  #samples = 0;

  constructor(readonly rows: number, readonly direction: "up" | "down") {}

  /** Whether batches of the new size arrive, so that the next step may be judged. */
  shownBy(sample: ChunkSample): boolean {
    this.#samples++;
    if (this.direction === "down") return sample.rows <= this.rows * 1.25;
    return sample.rows >= this.rows * 0.75 || this.#samples >= samplesToSettle;
  }
}

function smooth(average: number, value: number): number {
  return average + 0.25 * (value - average);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
