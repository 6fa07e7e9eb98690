/**
 * Constants as data.
 *
 * @module
 */
import { checkLiteralData, checkText } from "./check_literal.ts";
import { describeValue } from "./describe_value.ts";
import type { LiteralData } from "./expression_json.ts";
import type { TemporalInstantLike, TemporalPlainLike } from "./literal.ts";

const allowed = "numbers, bigints, strings, booleans, null, Dates, Temporal values and Uint8Arrays";

/**
 * Makes data of a constant, so that later changes to the constant change nothing.
 *
 * @param value The constant.
 * @returns The data; bytes are copied, as hexadecimal text.
 * @throws {TypeError} Where the value can't be a constant.
 */
export function literalData(value: unknown): LiteralData {
  switch (typeof value) {
    case "number":
      return numberData(value);
    case "bigint":
      return { type: "bigint", value: String(value) };
    case "string":
      return { type: "string", value: checkText(value) };
    case "boolean":
      return { type: "boolean", value };
    case "object":
      return value === null ? { type: "null" } : objectData(value);
    default:
      throw new TypeError(`Constants must be ${allowed}, not ${describe(value)}`);
  }
}

function numberData(value: number): LiteralData {
  // JSON has neither these nor a zero with a sign.
  if (Number.isFinite(value) && !Object.is(value, -0)) return { type: "number", value };
  const text = Object.is(value, -0) ? "-0" : String(value) as "NaN" | "Infinity" | "-Infinity";
  return { type: "number", value: text };
}

function objectData(value: object): LiteralData {
  if (value instanceof Date) {
    const time = value.getTime();
    if (Number.isNaN(time)) {
      throw new TypeError("A constant must not be an invalid Date: check what it was made from");
    }
    // A Date may hold -0.
    return { type: "date", value: time + 0 };
  }
  if (value instanceof Uint8Array) {
    const hex = Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return { type: "bytes", value: hex };
  }
  return temporalData(value);
}

function temporalData(value: object): LiteralData {
  const tag = Symbol.toStringTag in value ? value[Symbol.toStringTag] : undefined;
  switch (tag) {
    case "Temporal.Instant":
    case "Temporal.ZonedDateTime": {
      const { epochNanoseconds } = value as TemporalInstantLike;
      return checkLiteralData({ type: "instant", value: String(epochNanoseconds) });
    }
    case "Temporal.PlainDate":
      return checkLiteralData({ type: "plainDate", value: isoText(value) });
    case "Temporal.PlainDateTime":
      return checkLiteralData({ type: "plainDateTime", value: isoText(value) });
    case "Temporal.PlainTime":
      return checkLiteralData({ type: "plainTime", value: isoText(value) });
    default:
      throw new TypeError(`Constants must be ${allowed}, not ${describe(value)}`);
  }
}

function isoText(value: object): string {
  return (value as TemporalPlainLike).toString({ calendarName: "never" });
}

function describe(value: unknown): string {
  if (value === undefined) return "undefined: null stands for a value that is missing";
  if (Array.isArray(value)) return "an array: in() takes several values";
  return describeValue(value);
}
