/**
 * Sizes that a strategy asks for, made such that they can be had.
 *
 * @module
 */

/** What is taken at first where no number is given: decoded in 1 to 2 ms. */
const firstRows = 8_192;
/** An array of Arrow has 32-bit offsets. */
const mostRows = 2 ** 31 - 1;

/** What an answer is called, and what it may be. */
interface Range {
  readonly method: "calculateChunkSize" | "maxBatchBytes";
  readonly unit: "bytes" | "rows";
  readonly most: number;
}

const ofRows: Range = { method: "calculateChunkSize", unit: "rows", most: mostRows };
const ofBytes: Range = {
  method: "maxBatchBytes",
  unit: "bytes",
  most: Number.MAX_SAFE_INTEGER,
};

/**
 * Keeps what a strategy answers within what makes sense: a strategy is a program's own, may be handed
 * numbers by its users, and is no reason to lose a scan.
 */
export class SizeClamp {
  readonly #warnings = new Map<string, string>();
  #lastRows = firstRows;

  /** What was asked for and could not be had: the first of each kind. */
  get warnings(): readonly string[] {
    return [...this.#warnings.values()];
  }

  /**
   * The rows of a batch.
   *
   * @param asked What `calculateChunkSize` answered.
   * @returns The nearest number of rows that a batch may have; where it is no number, the last one.
   */
  rows(asked: unknown): number {
    return this.#lastRows = this.#clamped(asked, ofRows) ??
      this.#warn("nothing", asked, ofRows, this.#lastRows);
  }

  /**
   * The most bytes of a batch.
   *
   * @param asked What `maxBatchBytes` answered.
   * @returns The nearest number of bytes; `null` for the library's own.
   */
  bytes(asked: unknown): number | null {
    if (asked === undefined || asked === null) return null;
    const bytes = this.#clamped(asked, ofBytes);
    if (bytes === undefined) this.#warn("nothing", asked, ofBytes, "the default");
    return bytes ?? null;
  }

  #clamped(asked: unknown, range: Range): number | undefined {
    if (typeof asked !== "number" || Number.isNaN(asked)) return undefined;
    if (asked < 1) return this.#warn("few", asked, range, 1);
    if (asked > range.most) return this.#warn("many", asked, range, range.most);
    if (Number.isInteger(asked)) return asked;
    return this.#warn("fraction", asked, range, Math.floor(asked));
  }

  #warn<Taken>(kind: string, asked: unknown, { method, unit }: Range, taken: Taken): Taken {
    const key = `${method} ${kind}`;
    if (!this.#warnings.has(key)) {
      this.#warnings.set(
        key,
        `${method} must return a whole number of ${unit}, 1 or more, not ${shown(asked)}: ` +
          `${taken} was taken instead`,
      );
    }
    return taken;
  }
}

function shown(asked: unknown): string {
  return typeof asked === "number" ? `${asked}` : `a value of type ${typeof asked}`;
}
