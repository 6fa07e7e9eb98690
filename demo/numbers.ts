/**
 * Columns as plain numbers, so that one loop can go through any of them.
 *
 * @module
 */

import {
  type Data,
  DataType,
  type Date_,
  DateUnit,
  type Decimal,
  type Int,
  Precision,
  type Time,
  type Timestamp,
  TimeUnit,
} from "apache-arrow";
import { numberAt, wordsOf } from "./words.ts";

const UNITS_A_SECOND: Readonly<Record<TimeUnit, number>> = {
  [TimeUnit.SECOND]: 1,
  [TimeUnit.MILLISECOND]: 1e3,
  [TimeUnit.MICROSECOND]: 1e6,
  [TimeUnit.NANOSECOND]: 1e9,
};
const MILLISECONDS_A_DAY = 86_400_000;

/** How a type's values become numbers, and how such a number is shown. */
export interface NumberType {
  /** The values of a chunk: its own array where that holds numbers, or `scratch`, filled. */
  read(data: Data, scratch: Float64Array): ArrayLike<number>;
  show(value: number): string;
}

/** The way for a type, or null where its values have no order worth showing. */
export function numberType(type: DataType): NumberType | null {
  if (DataType.isInt(type)) return { read: integerReader(type), show: plain };
  if (DataType.isFloat(type)) {
    return floatTypes[type.precision];
  }
  if (DataType.isDecimal(type)) return decimal(type);
  if (DataType.isDate(type)) return date(type);
  if (DataType.isTime(type)) return time(type);
  if (DataType.isTimestamp(type)) return timestamp(type);
  return null;
}

const asStored: NumberType["read"] = (data) => data.values;

const from64Bits: NumberType["read"] = (data, scratch) => {
  const words = wordsOf(data.values);
  for (let row = 0; row < data.length; row++) scratch[row] = numberAt(words, row);
  return scratch;
};

const fromUnsigned64Bits: NumberType["read"] = (data, scratch) => {
  const words = wordsOf(data.values);
  for (let row = 0; row < data.length; row++) {
    scratch[row] = (words[2 * row + 1]! >>> 0) * 2 ** 32 + (words[2 * row]! >>> 0);
  }
  return scratch;
};

const floatTypes: Readonly<Record<Precision, NumberType | null>> = {
  [Precision.HALF]: null,
  [Precision.SINGLE]: { read: asStored, show: (value) => plain(value, 7) },
  [Precision.DOUBLE]: { read: asStored, show: plain },
};

function integerReader(type: Int): NumberType["read"] {
  if (type.bitWidth < 64) return asStored;
  return type.isSigned ? from64Bits : fromUnsigned64Bits;
}

function decimal({ bitWidth, scale }: Decimal): NumberType {
  const words = bitWidth / 32;
  return {
    read(data, scratch) {
      const values = wordsOf(data.values);
      for (let row = 0; row < data.length; row++) {
        let value = values[row * words + words - 1]!;
        for (let word = words - 2; word >= 0; word--) {
          value = value * 2 ** 32 + (values[row * words + word]! >>> 0);
        }
        scratch[row] = value;
      }
      return scratch;
    },
    show: (value) => plain(value / 10 ** scale),
  };
}

function date({ unit }: Date_): NumberType {
  const scale = unit === DateUnit.DAY ? MILLISECONDS_A_DAY : 1;
  return {
    read: unit === DateUnit.DAY ? asStored : from64Bits,
    show: (value) => iso(value * scale).slice(0, 10),
  };
}

function time({ unit, bitWidth }: Time): NumberType {
  return {
    read: bitWidth === 64 ? from64Bits : asStored,
    show: (value) => iso(value / UNITS_A_SECOND[unit] * 1e3).slice(11, 19),
  };
}

function timestamp({ unit }: Timestamp): NumberType {
  return {
    read: from64Bits,
    show: (value) => iso(value / UNITS_A_SECOND[unit] * 1e3).slice(0, 19).replace("T", " "),
  };
}

/** Without the digits that the type doesn't hold, such as those of 0.1 as a 32-bit number. */
function plain(value: number, digits = 15): string {
  return String(Number(value.toPrecision(digits)));
}

function iso(milliseconds: number): string {
  const moment = new Date(Math.floor(milliseconds));
  return Number.isNaN(moment.valueOf()) ? "(out of range)" : moment.toISOString();
}
