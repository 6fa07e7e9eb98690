/**
 * Values as text formats have them, read back as {@linkcode PlainValue}s: what a reader of such a format would do.
 *
 * @module
 */
import { DataType, type Field, type TimeUnit } from "apache-arrow";
import type { PlainValue } from "./arrow_values.ts";

/** Nanoseconds of the units of time, by their number. */
const unitNanoseconds: Readonly<Record<TimeUnit, bigint>> = [
  1_000_000_000n,
  1_000_000n,
  1_000n,
  1n,
];
const dayNanoseconds = 86_400_000_000_000n;

/**
 * Reads a value of a type that isn't nested from its text.
 *
 * @throws {Error} Where the text is none that a value of the type may have
 */
export function fromText(type: DataType, text: string): PlainValue {
  if (DataType.isDictionary(type)) return fromText(type.dictionary, text);
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return text;
  if (DataType.isBool(type)) return text === "true" || (text !== "false" && wrong(type, text));
  if (DataType.isInt(type)) return BigInt(matched(type, text, /^-?\d+$/)[0]);
  if (DataType.isFloat(type)) return float(type, text);
  if (DataType.isDecimal(type)) {
    const [, whole, digits = ""] = matched(type, text, /^(-?\d+)(?:\.(\d+))?$/);
    return digits.length === type.scale ? BigInt(`${whole}${digits}`) : wrong(type, text);
  }
  if (DataType.isDate(type)) {
    const nanoseconds = instant(type, text, /^([+-]?\d+)-(\d\d)-(\d\d)(?:T([\d:.]+))?$/);
    return nanoseconds / (type.unit === 0 ? dayNanoseconds : 1_000_000n);
  }
  if (DataType.isTimestamp(type)) {
    const end = type.timezone ? "Z" : "";
    const pattern = new RegExp(`^([+-]?\\d+)-(\\d\\d)-(\\d\\d)T([\\d:.]+)${end}$`);
    return instant(type, text, pattern) / unitNanoseconds[type.unit];
  }
  if (DataType.isTime(type)) return ofDay(type, text) / unitNanoseconds[type.unit];
  if (DataType.isDuration(type)) return duration(type, text) / unitNanoseconds[type.unit];
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type)) {
    return matched(type, text, /^(?:[0-9a-f]{2})*$/)[0];
  }
  return wrong(type, text);
}

/**
 * Reads a line of JSON into values in which numbers are objects with their text, all digits of it.
 *
 * @example
 * ```ts
 * import { expect } from "@std/expect";
 *
 * expect(jsonWithDigits('{"a":[1e2,"1",null]}')).toEqual({ a: [{ digits: "1e2" }, "1", null] });
 * ```
 */
export function jsonWithDigits(line: string): unknown {
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
  return JSON.parse(
    line.replace(tokens, (token) => token.startsWith('"') ? token : `{"digits":"${token}"}`),
  );
}

/**
 * Reads a value of any type from JSON.
 *
 * @param json What {@linkcode jsonWithDigits} has given
 */
export function fromJson(type: DataType, json: unknown): PlainValue {
  if (json === null || DataType.isNull(type)) return json === null ? null : wrong(type, json);
  if (DataType.isDictionary(type)) return fromJson(type.dictionary, json);
  if (DataType.isStruct(type)) {
    const names = type.children.map(({ name }: Field) => name);
    if (Object.keys(json as object).some((name) => !names.includes(name))) wrong(type, json);
    const values = json as Record<string, unknown>;
    return Object.fromEntries(
      type.children.map(({ name, type }: Field) => [name, fromJson(type, values[name] ?? null)]),
    );
  }
  if (DataType.isMap(type)) {
    const value = type.childType.children[1]!.type;
    return Object.entries(json as object).map(([key, each]) => ({
      key,
      value: fromJson(value, each),
    }));
  }
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type)) {
    const item = type.children[0]!.type;
    return Array.isArray(json) ? json.map((each) => fromJson(item, each)) : wrong(type, json);
  }
  const isNumber = DataType.isInt(type) || DataType.isFloat(type) || DataType.isDecimal(type);
  const text = DataType.isBool(type) && typeof json === "boolean"
    ? String(json)
    : isNumber
    ? (json as { digits?: string }).digits
    : json;
  return typeof text === "string" ? fromText(type, text) : wrong(type, json);
}

/** A value with another in place of each that isn't nested. */
export function mapLeaves(
  type: DataType,
  value: PlainValue,
  leaf: (type: DataType, value: PlainValue) => PlainValue,
): PlainValue {
  if (value === null) return null;
  if (DataType.isDictionary(type)) return mapLeaves(type.dictionary, value, leaf);
  if (Array.isArray(value) && !DataType.isInterval(type)) {
    return value.map((each) => mapLeaves(type.children[0]!.type, each, leaf));
  }
  if (DataType.isStruct(type)) {
    const values = value as Record<string, PlainValue>;
    // The entries of maps have names of their own.
    const names = "key" in values && type.children.length === 2
      ? ["key", "value"]
      : type.children.map(({ name }: Field) => name);
    return Object.fromEntries(
      names.map((name, at) => [name, mapLeaves(type.children[at]!.type, values[name]!, leaf)]),
    );
  }
  return leaf(type, value);
}

function float(type: DataType, text: string): number {
  const special: Readonly<Record<string, number>> = { NaN, inf: Infinity, "-inf": -Infinity };
  if (text in special) return special[text]!;
  const value = Number(matched(type, text, /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/)[0]);
  // The fewest digits that tell a float from others of its width.
  return DataType.isFloat(type) && type.precision < 2 ? Math.fround(value) : value;
}

function instant(type: DataType, text: string, pattern: RegExp): bigint {
  const [, year, month, day, time] = matched(type, text, pattern);
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return BigInt(date.getTime()) * 1_000_000n + (time === undefined ? 0n : ofDay(type, time));
}

function ofDay(type: DataType, text: string): bigint {
  const [, hours, minutes, seconds, fraction = ""] = matched(
    type,
    text,
    /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/,
  );
  const whole = BigInt(hours!) * 3_600n + BigInt(minutes!) * 60n + BigInt(seconds!);
  return whole * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}

function duration(type: DataType, text: string): bigint {
  const [, sign, days = "0", seconds = "0", fraction = ""] = matched(
    type,
    text,
    /^(-?)P(?:(\d+)D)?(?:T(\d+)(?:\.(\d{1,9}))?S)?$/,
  );
  const size = BigInt(days) * dayNanoseconds + BigInt(seconds) * 1_000_000_000n +
    BigInt(fraction.padEnd(9, "0"));
  return sign === "-" ? -size : size;
}

function matched(type: DataType, text: string, pattern: RegExp): RegExpExecArray {
  return pattern.exec(text) ?? wrong(type, text);
}

function wrong(type: DataType, found: unknown): never {
  throw new Error(`${JSON.stringify(found)} is no ${type}`);
}
