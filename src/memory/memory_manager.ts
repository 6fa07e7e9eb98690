/**
 * The memory of the system and of this process.
 *
 * @module
 */
import { memoryBudget, memoryNumbers, setMemoryLimit, trackMemory } from "../../ffi/memory.ts";
import { parseBytes } from "./parse_bytes.ts";

/** What this process has of the memory, in bytes. */
export interface MemoryUsage {
  /** Memory that is resident: the sum of the next two. */
  totalBytes: number;
  /** Memory that belongs to no file: heaps, stacks, decoded batches. */
  anonymousBytes: number;
  /** Pages of files, such as mapped Parquet files: the system takes them back when it likes. */
  fileBackedBytes: number;
  /** Decoded bytes of all streams: being decoded, queued, or held by JavaScript. */
  streamBytes: number;
  /** What {@linkcode MemoryManager.trackUsage} was told. */
  trackedBytes: number;
}

/** The share of tasks' time stalled on memory, in percent, at which memory is short. */
const pressurePercent = 10;
/** Where the kernel tells no pressure: the part of the memory below which it is short. */
const scarcePart = 0.05;

/**
 * Tells how much memory there is, and keeps the budget that all streams of the process share.
 *
 * Every instance speaks of the one process; {@linkcode MemoryManager.shared} is there for all. The
 * first use loads the native library. How much memory is available is asked of the system every
 * tenth of a second at most; what this process has, and whether memory is short, each time, which
 * costs about a tenth of a millisecond.
 *
 * @example
 * ```ts
 * import { MemoryManager } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const memory = MemoryManager.shared;
 * expect(memory.availableMemory()).toBeGreaterThan(0);
 * expect(memory.currentUsage().totalBytes).toBeGreaterThan(0);
 * expect(memory.canAllocate("1KB")).toBe(true);
 * ```
 */
export class MemoryManager {
  /** The instance for all. */
  static readonly shared: MemoryManager = new MemoryManager();

  /**
   * Memory that could be had without swapping: of the system, or of this process's control group
   * (version 1 or 2) where that has less.
   *
   * @returns The bytes.
   */
  availableMemory(): number {
    return memoryBudget().availableBytes;
  }

  /** What this process has. */
  currentUsage(): MemoryUsage {
    const numbers = memoryNumbers();
    const { totalBytes, anonymousBytes, fileBackedBytes, streamBytes, trackedBytes } = numbers;
    return { totalBytes, anonymousBytes, fileBackedBytes, streamBytes, trackedBytes };
  }

  /**
   * The budget that the streams without a limit of their own share in equal parts, in bytes.
   *
   * By default a quarter of the memory that is available.
   */
  get limitBytes(): number {
    return memoryBudget().limitBytes;
  }

  /**
   * Sets that budget, for streams that run too.
   *
   * @param limit A number of bytes, text like `"2GiB"`, or `null` for the default.
   *
   * @example
   * ```ts
   * import { MemoryManager } from "spillway";
   * import { expect } from "@std/expect";
   *
   * MemoryManager.shared.setLimit("512MB");
   * expect(MemoryManager.shared.limitBytes).toBe(512_000_000);
   * MemoryManager.shared.setLimit(null);
   * ```
   *
   * @throws {TypeError} Where the text can't be read.
   * @throws {RangeError} Where it is less than a byte.
   */
  setLimit(limit: number | string | null): void {
    setMemoryLimit(limit === null ? 0 : parseBytes(limit, "The memory limit"));
  }

  /**
   * Counts memory of the program's own, so that {@linkcode MemoryManager.canAllocate} knows of it.
   *
   * @param bytes What was allocated; negative for what was freed.
   * @throws {RangeError} Where it is no finite number.
   *
   * @example
   * ```ts
   * import { MemoryManager } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const memory = new MemoryManager();
   * memory.trackUsage(1_000);
   * expect(memory.currentUsage().trackedBytes).toBe(1_000);
   * memory.trackUsage(-1_000);
   * ```
   */
  trackUsage(bytes: number): void {
    if (!Number.isFinite(bytes)) throw new RangeError(`Tracked bytes must be finite, not ${bytes}`);
    trackMemory(Math.trunc(bytes));
  }

  /**
   * Whether that much more fits: into the memory that is available, and, with all that streams have
   * and that is tracked, into the budget.
   *
   * @param amount A number of bytes, or text like `"2GiB"`.
   * @returns Whether it fits. Nothing is set aside.
   *
   * @example
   * ```ts
   * import { MemoryManager } from "spillway";
   * import { expect } from "@std/expect";
   *
   * expect(MemoryManager.shared.canAllocate("1000TB")).toBe(false);
   * ```
   */
  canAllocate(amount: number | string): boolean {
    const bytes = parseBytes(amount, "An amount of memory");
    const { availableBytes, limitBytes, streamBytes, trackedBytes } = memoryBudget();
    return bytes <= availableBytes && bytes + streamBytes + trackedBytes <= limitBytes;
  }

  /**
   * Whether memory is short: tasks of the system were stalled on it for more than a tenth of the
   * last ten seconds, or, where the kernel doesn't tell, less than a twentieth is available.
   */
  underPressure(): boolean {
    const { pressurePercent: stalled, availableBytes, systemBytes } = memoryNumbers();
    return stalled >= 0 ? stalled > pressurePercent : availableBytes < scarcePart * systemBytes;
  }
}
