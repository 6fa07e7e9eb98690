/**
 * Values in a file's statistics.
 *
 * @module
 */
import type { ColumnChunkMetadata } from "../scan/file_metadata.ts";

/**
 * A value in statistics: 64-bit integers are bigints, decimals the nearest number, dates and
 * timestamps `Date`s, times of day numbers or bigints in the file's unit.
 */
export type StatisticsValue = number | bigint | string | boolean | Date | Uint8Array;

/** Which end of the values a bound is at. */
export type Bound = "min" | "max";

const MILLISECONDS_A_DAY = 86_400_000;

/** Turns what {@linkcode ColumnStatistics} hold into a value. */
type Read = (value: string | number | boolean, bound: Bound) => StatisticsValue | undefined;

/**
 * Finds how a column's statistics are to be read.
 *
 * @param column The column chunk.
 * @param deprecated Whether the bounds are of the old kind, for which all was ordered as signed.
 * @returns What makes a value of a bound; `undefined` where the bound can't be relied on.
 */
export function statisticsReader(
  { physicalType, logicalType }: ColumnChunkMetadata,
  deprecated: boolean,
): Read {
  const type = logicalType ?? "";
  switch (physicalType) {
    case "BOOLEAN":
      return (value) => typeof value === "boolean" ? value : undefined;
    case "FLOAT":
    case "DOUBLE":
      return (value) => typeof value === "number" ? value : undefined;
    case "INT32":
    case "INT64":
      return integerReader(type, physicalType === "INT64" ? 64 : 32, deprecated);
    case "BYTE_ARRAY":
      return deprecated ? () => undefined : bytesReader(type);
    default:
      // Nobody orders INT96 as times, and bytes of a fixed length may be numbers.
      return () => undefined;
  }
}

function integerReader(type: string, bits: number, deprecated: boolean): Read {
  const unsigned = /^UINT_|is_signed: false/.test(type);
  if (unsigned && deprecated) return () => undefined;
  const convert = integerMeaning(type, bits);
  return (value, bound) => {
    if (typeof value !== "string" && typeof value !== "number") return undefined;
    const integer = BigInt(value);
    return convert(unsigned ? BigInt.asUintN(bits, integer) : integer, bound);
  };
}

function integerMeaning(
  type: string,
  bits: number,
): (value: bigint, bound: Bound) => StatisticsValue | undefined {
  if (type === "Date" || type === "DATE") {
    return (days) => dateOf(Number(days) * MILLISECONDS_A_DAY);
  }
  if (type.startsWith("Timestamp") || type.startsWith("TIMESTAMP_")) {
    const unit = /NANOS/.test(type) ? 1_000_000n : /MICROS/.test(type) ? 1_000n : 1n;
    return (ticks, bound) => dateOf(Number(wholeMilliseconds(ticks, unit, bound)));
  }
  if (type.startsWith("Decimal")) {
    const scale = /scale: (-?\d+)/.exec(type)?.[1];
    // By way of text, which gives the nearest number.
    return scale === undefined ? () => undefined : (value) => Number(`${value}e${-Number(scale)}`);
  }
  if (type === "DECIMAL") return () => undefined;
  return bits === 64 ? (value) => value : (value) => Number(value);
}

/**
 * Rounds a point in time to milliseconds: down a lower bound and up an upper one, so that they stay
 * bounds.
 *
 * @param ticks The time.
 * @param unit The ticks in a millisecond.
 * @param bound Which bound it is.
 * @returns The milliseconds.
 */
export function wholeMilliseconds(ticks: bigint, unit: bigint, bound: Bound): bigint {
  const rest = (ticks % unit + unit) % unit;
  const below = (ticks - rest) / unit;
  return bound === "max" && rest > 0n ? below + 1n : below;
}

function dateOf(milliseconds: number): Date | undefined {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function bytesReader(type: string): Read {
  if (/^(Decimal|DECIMAL|Unknown|Variant|Geometry|Geography)/.test(type)) return () => undefined;
  const textual = /^(String|UTF8|Json|JSON)$/.test(type);
  return (value) => {
    if (typeof value !== "string" || mayBeHex(value)) return undefined;
    return textual ? value : new TextEncoder().encode(value);
  };
}

/**
 * Whether text may be the hexadecimal form of bytes. That is how bytes that are no UTF-8 are given;
 * text that looks like it is not told from them.
 */
function mayBeHex(text: string): boolean {
  if (text.length % 2 !== 0 || !/^[0-9a-f]+$/.test(text)) return false;
  const bytes = Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return false;
  } catch {
    return true;
  }
}
