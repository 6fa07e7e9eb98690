/**
 * A value that doesn't fit.
 *
 * @module
 */
import type { DataType } from "apache-arrow";
import { describeValue } from "../expressions/describe_value.ts";

/** Thrown where a value doesn't fit its column; caught where the row is known. */
export class Misfit extends Error {
  /** Where in the row the value is, such as `tags[3].name`. */
  path = "";

  /** @param text What is wrong, as said of the field. */
  constructor(text: string) {
    super(text);
  }

  /** Says that what the path names is part of something. */
  within(part: string): this {
    const joint = this.path === "" || this.path.startsWith("[") ? "" : ".";
    this.path = `${part}${joint}${this.path}`;
    return this;
  }
}

/**
 * The misfit of a value and its type.
 *
 * @param value The value.
 * @param type The type.
 * @param why More about it.
 */
export function misfit(value: unknown, type: DataType, why = ""): Misfit {
  return new Misfit(
    `is ${described(value)}, which doesn't fit type ${type}${why && `: ${why}`}`,
  );
}

function described(value: unknown): string {
  if (!(value instanceof Date)) return describeValue(value);
  return Number.isNaN(value.getTime()) ? "an invalid Date" : `the Date ${value.toISOString()}`;
}

/**
 * Does something for a part of a row, which a misfit then names.
 *
 * @param part The part.
 * @param action What is done.
 */
export function within<Result>(part: () => string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw error instanceof Misfit ? error.within(part()) : error;
  }
}
