/**
 * Columns of every type that a batch may be lent with, with values for as many rows as one likes.
 *
 * @module
 */
import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  DurationMillisecond,
  DurationNanosecond,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  IntervalDayTime,
  IntervalMonthDayNano,
  IntervalYearMonth,
  LargeBinary,
  LargeUtf8,
  List,
  Map_,
  Null,
  type RecordBatch,
  Struct,
  TimeMicrosecond,
  TimeMillisecond,
  TimeNanosecond,
  TimeSecond,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import { batchOf } from "./batch_of.ts";

/** A type, and its values by row: some of them null. */
export type ColumnSample = readonly [
  name: string,
  type: DataType,
  value: (row: number) => unknown,
];

const word = (row: number): string =>
  ["", "a", "Ünï", "€𝄞", "long ".repeat(row % 7)][row % 5] ?? "";
const bytes = (row: number): Uint8Array =>
  Uint8Array.from({ length: row % 4 }, (_, at) => row + at);
const entry = new Struct<{ key: Utf8; value: Int32 }>([
  new Field("key", new Utf8(), false),
  new Field("value", new Int32(), true),
]);
const item = (type: DataType): Field => new Field("item", type, true);
const pair = new Struct([new Field("a", new Int32(), true), new Field("b", new Utf8(), true)]);

/** A null at every third row of the values that `value` gives. */
function thirdsNull(value: (row: number) => unknown): (row: number) => unknown {
  return (row) => row % 3 === 1 ? null : value(row);
}

const dense: readonly ColumnSample[] = [
  ["null", new Null(), () => null],
  ["bool", new Bool(), (row) => row % 5 < 2],
  ["int8", new Int8(), (row) => row - 128],
  ["int16", new Int16(), (row) => row * 100 - 2_000],
  ["int32", new Int32(), (row) => row * 1_000_003],
  ["int64", new Int64(), (row) => BigInt(row) - 2n ** 62n],
  ["uint8", new Uint8(), (row) => 255 - row],
  ["uint16", new Uint16(), (row) => 65_535 - row],
  ["uint32", new Uint32(), (row) => 4_294_967_295 - row],
  ["uint64", new Uint64(), (row) => 2n ** 64n - 1n - BigInt(row)],
  ["float16", new Float16(), (row) => row / 2],
  ["float32", new Float32(), (row) => [row / 4, NaN, -Infinity, -0][row % 4]],
  ["float64", new Float64(), (row) => [row / 10, NaN, Infinity, -0][row % 4]],
  ["decimal", new Decimal(2, 20), (row) => Uint32Array.of(row, 7, 0, 0)],
  ["decimal256", new Decimal(3, 50, 256), (row) => Uint32Array.of(row, 1, 2, 3, 0, 0, 0, 0)],
  ["date day", new DateDay(), (row) => new Date(86_400_000 * (row - 10))],
  ["date millisecond", new DateMillisecond(), (row) => new Date(86_400_000 * row)],
  ["time s", new TimeSecond(), (row) => row * 60],
  ["time ms", new TimeMillisecond(), (row) => row * 1_001],
  ["time us", new TimeMicrosecond(), (row) => BigInt(row) * 1_000_001n],
  ["time ns", new TimeNanosecond(), (row) => BigInt(row) * 1_000_000_001n],
  ["timestamp s", new TimestampSecond(), (row) => row * 1_000],
  ["timestamp ms", new TimestampMillisecond("UTC"), (row) => row * 1_001],
  ["timestamp us", new TimestampMicrosecond("Europe/Berlin"), (row) => row - 5],
  ["timestamp ns", new TimestampNanosecond(), (row) => row],
  ["interval month", new IntervalYearMonth(), (row) => Int32Array.of(row)],
  ["interval day", new IntervalDayTime(), (row) => Int32Array.of(row, -row)],
  ["interval nano", new IntervalMonthDayNano(), (row) => Int32Array.of(row, 1, row, 0)],
  ["duration ms", new DurationMillisecond(), (row) => BigInt(row)],
  ["duration ns", new DurationNanosecond(), (row) => BigInt(-row)],
  ["fixed size binary", new FixedSizeBinary(3), (row) => Uint8Array.of(row, 1, 2)],
  ["utf8", new Utf8(), word],
  ["large utf8", new LargeUtf8(), word],
  ["binary", new Binary(), bytes],
  ["large binary", new LargeBinary(), bytes],
  ["dictionary", new Dictionary(new Utf8(), new Int32()), (row) => `w${row % 4}`],
  ["dictionary of numbers", new Dictionary(new Float64(), new Uint8()), (row) => row % 3],
  [
    "list",
    new List(item(new Utf8())),
    (row) => Array.from({ length: row % 4 }, (_, at) => word(at)),
  ],
  ["list of lists", new List(item(new List(item(new Int32())))), (row) => [[row], [], [1, null]]],
  ["fixed size list", new FixedSizeList(2, item(new Int32())), (row) => [row, null]],
  ["struct", pair, (row) => ({ a: row % 2 === 0 ? row : null, b: word(row) })],
  ["list of structs", new List(item(pair)), (row) => [{ a: row, b: null }, { a: null, b: "x" }]],
  ["map", new Map_(new Field("entries", entry, false)), (row) => new Map([[`k${row}`, row]])],
];

/** Every type, once without nulls and once with. */
export const columnSamples: readonly ColumnSample[] = dense.flatMap(([name, type, value]) => [
  [name, type, value] as const,
  [`${name} or null`, type, thirdsNull(value)] as const,
]);

/** A column of a sample. */
export function sampleVector([, type, value]: ColumnSample, rows: number): Vector {
  return vectorFromArray(Array.from({ length: rows }, (_, row) => value(row)), type);
}

/** A column of rows' numbers, and beside it one of a sample. */
export function sampleBatch(sample: ColumnSample, rows: number): RecordBatch {
  const numbers = Array.from({ length: rows }, (_, row) => row);
  return batchOf({
    n: vectorFromArray(numbers, new Int32()),
    [sample[0]]: sampleVector(sample, rows),
  });
}
