/**
 * JavaScript's numbers and dates as those of columns.
 *
 * @module
 */
import { type DataType, type Float, type Int, Precision } from "apache-arrow";
import { misfit } from "./misfit.ts";
import { isHalf, storageType } from "./storage_type.ts";
import { unitsOf, unitsPerMs } from "./time_units.ts";

type Convert = (value: unknown) => number | bigint;

/**
 * Makes what converts whole numbers, of either kind, to those of a type.
 *
 * @param type The column's type, for messages.
 * @param stored The type of the integers that it is kept in.
 */
export function convertInteger(type: DataType, stored: DataType): Convert {
  const fit = integerFit(stored as Int);
  return (value) => {
    const whole = wholeNumber(value);
    const fitting = whole === null ? null : fit(whole);
    if (fitting === null) throw misfit(value, type);
    return fitting;
  };
}

/** What gives a whole number as a builder takes it; `null` where the type can't hold it. */
function integerFit(
  { bitWidth, isSigned }: Int,
): (whole: number | bigint) => number | bigint | null {
  const least = isSigned ? -(2n ** BigInt(bitWidth - 1)) : 0n;
  const most = 2n ** BigInt(isSigned ? bitWidth - 1 : bitWidth) - 1n;
  const convert = bitWidth === 64 ? BigInt : Number;
  return (whole) => whole >= least && whole <= most ? convert(whole) : null;
}

function wholeNumber(value: unknown): number | bigint | null {
  if (typeof value === "bigint") return value;
  return typeof value === "number" && Number.isInteger(value) ? value : null;
}

/**
 * Makes what converts numbers to floats: rounded to the nearest, but nothing finite becomes infinite.
 *
 * @param type The type.
 */
export function convertFloat(type: Float): Convert {
  const round = isHalf(type)
    ? Math.f16round
    : type.precision === Precision.SINGLE
    ? Math.fround
    : null;
  return (value) => {
    const number = typeof value === "bigint" ? exactNumber(value) : value;
    if (typeof number !== "number") throw misfit(value, type);
    if (round !== null && Number.isFinite(number) && !Number.isFinite(round(number))) {
      throw misfit(value, type);
    }
    return isHalf(type) ? halfBits(number) : number;
  };
}

function exactNumber(value: bigint): number | null {
  const number = Number(value);
  return Number.isFinite(number) && BigInt(number) === value ? number : null;
}

const half = new DataView(new ArrayBuffer(2));

function halfBits(value: number): number {
  half.setFloat16(0, value);
  return half.getUint16(0);
}

/**
 * Makes what converts dates, and milliseconds in a number as columns give them, to the unit of a
 * type; a bigint is in that unit already.
 *
 * @param type A type of dates or timestamps.
 */
export function convertMoment(type: DataType): Convert {
  const perMs = unitsPerMs(type);
  const fit = integerFit(storageType(type) as Int);
  return (value) => {
    const units = typeof value === "bigint" ? value : unitsIn(value, perMs);
    if (units === null) throw misfit(value, type, "it is no whole number of its units");
    const fitting = fit(units);
    if (fitting === null) throw misfit(value, type);
    return fitting;
  };
}

function unitsIn(value: unknown, perMs: number): bigint | null {
  const ms = value instanceof Date ? value.getTime() : value;
  return typeof ms === "number" ? unitsOf(ms, perMs) : null;
}
