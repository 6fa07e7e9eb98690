/**
 * When progress is told, and how fast it is.
 *
 * @module
 */

/** Often enough for a person to see it move, seldom enough to cost nothing. */
const defaultIntervalMs = 100;

/** How fast rows and bytes come: part of {@linkcode ScanProgress} and {@linkcode StreamProgress}. */
export interface Pace {
  /** Milliseconds since the first pull. */
  elapsedMs: number;
  /** Rows a second since the first pull. */
  rowsPerSecond: number;
  /** Bytes a second since the first pull, of those that `bytes` counts. */
  bytesPerSecond: number;
}

/** Says when a report is due: at once, and then once in each interval at most. */
export class ProgressClock {
  readonly #startedAt: number;
  readonly #intervalMs: number;
  #reportedAt = -Infinity;

  /**
   * @param now The time in milliseconds.
   * @param intervalMs The least time between two reports.
   */
  constructor(now: number, intervalMs: number = defaultIntervalMs) {
    this.#startedAt = now;
    this.#intervalMs = intervalMs;
  }

  /** Whether a report is due; if it is, it counts as made. */
  isDue(now: number): boolean {
    if (now - this.#reportedAt < this.#intervalMs) return false;
    this.#reportedAt = now;
    return true;
  }

  /** How fast this many rows and bytes came. */
  pace(rows: number, bytes: number, now: number): Pace {
    const elapsedMs = now - this.#startedAt;
    const perSecond = elapsedMs > 0 ? 1_000 / elapsedMs : 0;
    return { elapsedMs, rowsPerSecond: rows * perSecond, bytesPerSecond: bytes * perSecond };
  }
}
