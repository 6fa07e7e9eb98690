import {
  Binary,
  Bool,
  type Data,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  DurationMicrosecond,
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
  LargeBinary,
  LargeUtf8,
  List,
  Map_,
  Null,
  type RecordBatch,
  Struct,
  TimeMicrosecond,
  TimestampNanosecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import { batchOf } from "./batch_of.ts";

/** A type of column, and its values. */
interface Column {
  readonly type: DataType;
  readonly value: fc.Arbitrary<unknown>;
}

const column = (type: DataType, value: fc.Arbitrary<unknown>): Column => ({ type, value });
const integer = (bits: number, signed: boolean) =>
  fc.integer(
    signed ? { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 } : { min: 0, max: 2 ** bits - 1 },
  );
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = fc.string({ unit: "grapheme", maxLength: 6 });
const bytes = fc.uint8Array({ maxLength: 6 });
/** Decimals of so many digits at most, as apache-arrow has them: words from the least significant on. */
const decimals = (digits: number, count: number) =>
  fc.bigInt({ min: 1n - 10n ** BigInt(digits), max: 10n ** BigInt(digits) - 1n }).map((value) =>
    Uint32Array.from({ length: count }, (_, at) => Number(value >> BigInt(32 * at) & 0xffff_ffffn))
  );
const words = (count: number) =>
  fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: count, maxLength: count })
    .map((parts) => Uint32Array.from(parts));

/** A function, because apache-arrow numbers dictionaries. */
const simpleColumns: readonly (() => Column)[] = [
  () => column(new Null(), fc.constant(null)),
  () => column(new Bool(), fc.boolean()),
  () => column(new Int8(), integer(8, true)),
  () => column(new Int16(), integer(16, true)),
  () => column(new Int32(), integer(32, true)),
  () => column(new Int64(), int64),
  () => column(new Uint8(), integer(8, false)),
  () => column(new Uint16(), integer(16, false)),
  () => column(new Uint32(), integer(32, false)),
  () => column(new Uint64(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  () => column(new Float16(), fc.integer({ min: -2_000, max: 2_000 })),
  () => column(new Float32(), fc.float()),
  () => column(new Float64(), fc.double()),
  () => column(new Utf8(), text),
  () => column(new LargeUtf8(), text),
  () => column(new Binary(), bytes),
  () => column(new LargeBinary(), bytes),
  () => column(new FixedSizeBinary(3), fc.uint8Array({ minLength: 3, maxLength: 3 })),
  () => column(new Decimal(2, 38, 128), decimals(38, 4)),
  () => column(new Decimal(2, 76, 256), decimals(76, 8)),
  () => column(new DateDay(), fc.date({ noInvalidDate: true, min: new Date(0) })),
  () => column(new DateMillisecond(), fc.date({ noInvalidDate: true })),
  () => column(new TimeMicrosecond(), fc.bigInt({ min: 0n, max: 86_399_999_999n })),
  () => column(new TimestampNanosecond("UTC"), fc.integer({ min: -(2 ** 42), max: 2 ** 42 })),
  () => column(new DurationMicrosecond(), int64),
  () => column(new IntervalDayTime(), words(2).map((parts) => Int32Array.from(parts))),
  () =>
    column(new Dictionary(new Utf8(), new Int8()), fc.constantFrom("sluice", "weir", "dam", "")),
];

const nullable = (value: fc.Arbitrary<unknown>) => fc.option(value, { freq: 4 });

function nested(inner: Column): fc.Arbitrary<Column> {
  const item = new Field("item", inner.type, true);
  const number = new Field("n", new Int32(), true);
  const key = new Field("key", new Utf8(), false);
  const entry = new Struct<Record<string, DataType>>([key, new Field("value", inner.type, true)]);
  const entries = new Field("entries", entry, false);
  return fc.constantFrom(
    column(new List(item), fc.array(nullable(inner.value), { maxLength: 4 })),
    column(
      new FixedSizeList(2, item),
      fc.array(nullable(inner.value), { minLength: 2, maxLength: 2 }),
    ),
    column(
      new Struct([item, number]),
      fc.record({ item: nullable(inner.value), n: nullable(fc.nat(9)) }),
    ),
    column(
      new Map_(entries as ConstructorParameters<typeof Map_>[0]),
      fc.uniqueArray(fc.nat(9), { maxLength: 3 }).chain((keys) =>
        fc.tuple(...keys.map(() => nullable(inner.value))).map((values) =>
          new Map(keys.map((key, index) => [`k${key}`, values[index]]))
        )
      ),
    ),
  );
}

const simpleColumn = fc.constantFrom(...simpleColumns).map((make) => make());
const anyColumn = fc.oneof(
  { weight: 2, arbitrary: simpleColumn },
  { weight: 1, arbitrary: simpleColumn.chain(nested) },
  { weight: 1, arbitrary: simpleColumn.chain(nested).chain(nested) },
);

/** A column's data of a number of rows; perhaps a slice of more rows. */
function dataOf({ type, value }: Column, rows: number): fc.Arbitrary<Data> {
  return fc.record({
    before: fc.nat(11),
    after: fc.nat(3),
    values: fc.array(nullable(value), { minLength: rows + 14, maxLength: rows + 14, size: "max" }),
  }).map(({ before, after, values }) => {
    const used = values.slice(0, before + rows + after);
    // Of an empty array, apache-arrow makes columns that its own writer can't write.
    if (used.length === 0) return vectorFromArray([null], type).data[0]!.slice(0, 0);
    return vectorFromArray(used, type).data[0]!.slice(before, rows);
  });
}

/** A batch of up to three columns of any types, each a slice of its own. */
export const generatedBatch: fc.Arbitrary<RecordBatch> = fc.tuple(
  fc.nat(40),
  fc.array(anyColumn, { maxLength: 3 }),
).chain(([rows, columns]) =>
  fc.tuple(...columns.map((column) => dataOf(column, rows))).map((children) =>
    batchOf(Object.fromEntries(children.map((data, index) => [`c${index}`, data])), {
      rows,
      metadata: new Map([["origin", "generated"]]),
    })
  )
);
