/**
 * The checks of constants that come as JSON.
 *
 * @module
 */
import { describeValue } from "./describe_value.ts";
import type { LiteralData } from "./expression_json.ts";

/** The times that a Date can hold: this many milliseconds before and after 1970. */
const MOST_MILLISECONDS = 8_640_000_000_000_000;
const MOST_NANOSECONDS = BigInt(MOST_MILLISECONDS) * 1_000_000n;

/** For each type, whether a value is of it. */
const checks: Readonly<Record<LiteralData["type"], (value: unknown) => boolean>> = {
  number: (value) =>
    Number.isFinite(value) ? !Object.is(value, -0) : isOneOf(value, specialNumbers),
  bigint: (value) => isText(value, /^(0|-?[1-9]\d*)$/),
  string: (value) => typeof value === "string" && value.isWellFormed(),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === undefined || value === null,
  date: (value) =>
    Number.isInteger(value) && !Object.is(value, -0) &&
    Math.abs(value as number) <= MOST_MILLISECONDS,
  instant: (value) => isText(value, /^(0|-?[1-9]\d{0,21})$/) && isInstant(BigInt(value as string)),
  plainDate: isDate,
  plainDateTime: (value) => {
    const [date, time, ...rest] = typeof value === "string" ? value.split("T") : [];
    return rest.length === 0 && isDate(date) && isTime(time);
  },
  plainTime: isTime,
  bytes: (value) => isText(value, /^([0-9a-f]{2})*$/),
};

const specialNumbers = ["NaN", "Infinity", "-Infinity", "-0"];

/**
 * Checks a constant's type and value.
 *
 * @param data What is to be checked.
 * @returns A frozen copy, without members that mean nothing.
 * @throws {TypeError} Where the type is none, or the value not of it.
 */
export function checkLiteralData(data: unknown): LiteralData {
  if (typeof data !== "object" || data === null || !("type" in data)) {
    throw new TypeError('A literal must be an object with a "type"');
  }
  const { type } = data;
  if (typeof type !== "string" || !Object.hasOwn(checks, type)) {
    const types = Object.keys(checks).join(", ");
    throw new TypeError(`Literals have no type ${describeValue(type)}: the types are ${types}`);
  }
  const value = "value" in data ? data.value : undefined;
  if (!checks[type as LiteralData["type"]](value)) {
    throw new TypeError(`A literal of type ${type} can't have the value ${describeValue(value)}`);
  }
  return Object.freeze(type === "null" ? { type } : { type, value }) as LiteralData;
}

/**
 * Checks that text can be written as UTF-8.
 *
 * @param text The text.
 * @param what What it is, for the message.
 * @returns The same text.
 * @throws {TypeError} Where it is no text, or has half a character in it.
 */
export function checkText(text: unknown, what = "Text"): string {
  if (typeof text !== "string") {
    throw new TypeError(`${what} must be a string, not ${describeValue(text)}`);
  }
  if (text.isWellFormed()) return text;
  throw new TypeError(
    `${what} must not have lone surrogates, as ${describeValue(text)} has: no column holds them`,
  );
}

function isOneOf(value: unknown, values: readonly unknown[]): boolean {
  return values.includes(value);
}

function isText(value: unknown, form: RegExp): boolean {
  return typeof value === "string" && form.test(value);
}

function isInstant(nanoseconds: bigint): boolean {
  return nanoseconds <= MOST_NANOSECONDS && nanoseconds >= -MOST_NANOSECONDS;
}

function isDate(value: unknown): boolean {
  if (typeof value !== "string") return false;
  const [, year, month, day] = /^(\d{4}|[+-]\d{6})-(\d\d)-(\d\d)$/.exec(value) ?? [];
  if (year === "-000000" || Number(month) < 1 || Number(month) > 12) return false;
  // The Gregorian calendar repeats itself every 400 years.
  const lastDay = new Date(Date.UTC(2000 + Number(year) % 400, Number(month), 0)).getUTCDate();
  return Number(day) >= 1 && Number(day) <= lastDay;
}

function isTime(value: unknown): boolean {
  return isText(value, /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?$/);
}
