/**
 * Values in a form that readers of other makes agree in, as JSON has it.
 *
 * @module
 */
import { DataType, type Field, type RecordBatch, type TimeUnit } from "apache-arrow";
import { columnsOf, hex, type PlainValue } from "./arrow_values.ts";

/** Integers, unscaled decimals and times in nanoseconds as text, and floats that JSON lacks too. */
export type ForeignValue =
  | boolean
  | null
  | number
  | string
  | readonly ForeignValue[]
  | { readonly [name: string]: ForeignValue };

/** The columns of a file. */
export type ForeignColumns = Readonly<Record<string, readonly ForeignValue[]>>;

type Scalar = (type: DataType, value: unknown) => ForeignValue;

const unitNanoseconds: Readonly<Record<TimeUnit, bigint>> = [
  1_000_000_000n,
  1_000_000n,
  1_000n,
  1n,
];
const dayNanoseconds = 86_400_000_000_000n;

/** The nanoseconds of a type's unit; 1 where it isn't of time. */
export function nanosecondsOf(type: DataType): bigint {
  if (DataType.isDate(type)) return type.unit === 0 ? dayNanoseconds : 1_000_000n;
  const isTime = DataType.isTime(type) || DataType.isTimestamp(type) || DataType.isDuration(type);
  return isTime ? unitNanoseconds[type.unit] : 1n;
}

/** A float, or a word for it where JSON has none. */
export function floatOrWord(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** The values of batches, which other readers have to give too. */
export function expectedColumns(batches: readonly RecordBatch[]): ForeignColumns {
  const columns = columnsOf(batches);
  const convert: Scalar = (type, value) => {
    if (typeof value === "bigint") return String(value * nanosecondsOf(type));
    return typeof value === "number" ? floatOrWord(value) : value as ForeignValue;
  };
  return Object.fromEntries(
    batches[0]!.schema.fields.map(({ name, type }) => [
      name,
      columns[name]!.map((value) => foreign(type, value, convert, asPlain)),
    ]),
  );
}

/** Takes nested values apart: the values of a list, a struct's by name, a map's entries. */
interface Parts {
  list(value: unknown): readonly unknown[];
  struct(value: unknown): Readonly<Record<string, unknown>>;
  map(value: unknown): readonly { key: unknown; value: unknown }[];
}

const asPlain: Parts = {
  list: (value) => value as PlainValue[],
  struct: (value) => value as Record<string, PlainValue>,
  map: (value) => value as { key: PlainValue; value: PlainValue }[],
};

/** A value of any type, by functions for what isn't nested and for what is. */
export function foreign(
  type: DataType,
  value: unknown,
  scalar: Scalar,
  parts: Parts,
): ForeignValue {
  if (value === null || value === undefined) return null;
  if (DataType.isDictionary(type)) return foreign(type.dictionary, value, scalar, parts);
  if (DataType.isMap(type)) {
    const [key, item] = type.childType.children.map((field: Field) => field.type);
    return parts.map(value).map((entry) => ({
      key: foreign(key!, entry.key, scalar, parts),
      value: foreign(item!, entry.value, scalar, parts),
    }));
  }
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type)) {
    const item = type.children[0]!.type;
    return parts.list(value).map((each) => foreign(item, each, scalar, parts));
  }
  if (DataType.isStruct(type)) {
    const values = parts.struct(value);
    return Object.fromEntries(
      type.children.map(({ name, type }: Field) => [
        name,
        foreign(type, values[name], scalar, parts),
      ]),
    );
  }
  return scalar(type, value);
}

/** What hyparquet gives, with its conversions of times left out. */
export function fromHyparquet(type: DataType, value: unknown): ForeignValue {
  return foreign(type, value, (type, value) => {
    if (DataType.isDecimal(type)) return String(Math.round(Number(value) * 10 ** type.scale));
    if (value instanceof Uint8Array) return hex(value);
    if (DataType.isFloat(type)) return floatOrWord(Number(value));
    if (typeof value === "bigint" || typeof value === "number") {
      return String(BigInt(value) * nanosecondsOf(type));
    }
    return value as ForeignValue;
  }, {
    list: (value) => value as unknown[],
    struct: (value) => value as Record<string, unknown>,
    map: (value) => Object.entries(value as object).map(([key, value]) => ({ key, value })),
  });
}

/** What DuckDB's values are made of. */
interface DuckDBParts {
  readonly days?: number;
  readonly micros?: bigint;
  readonly millis?: bigint;
  readonly nanos?: bigint;
  readonly seconds?: bigint;
  readonly value?: bigint;
  readonly bytes?: Uint8Array;
  readonly items?: readonly unknown[];
  readonly entries?: unknown;
}

/** What DuckDB gives. */
export function fromDuckDB(type: DataType, value: unknown): ForeignValue {
  return foreign(type, value, (type, value) => {
    if (typeof value === "object") {
      const { days, seconds, millis, micros, nanos, value: unscaled, bytes } = value as DuckDBParts;
      if (bytes) return hex(Uint8Array.from(bytes));
      if (days !== undefined) return String(BigInt(days) * dayNanoseconds);
      if (seconds !== undefined) return String(seconds * 1_000_000_000n);
      if (millis !== undefined) return String(millis * 1_000_000n);
      if (micros !== undefined) return String(micros * 1_000n);
      return String(nanos ?? unscaled);
    }
    if (DataType.isFloat(type)) return floatOrWord(value as number);
    return typeof value === "number" || typeof value === "bigint"
      ? String(value)
      : value as ForeignValue;
  }, {
    list: (value) => (value as DuckDBParts).items!,
    struct: (value) => (value as DuckDBParts).entries as Record<string, unknown>,
    map: (value) => (value as DuckDBParts).entries as { key: unknown; value: unknown }[],
  });
}
