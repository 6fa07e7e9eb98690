import { expect } from "@std/expect";
import {
  type ColumnBounds,
  type ColumnStatistics,
  type FileMetadata,
  UnknownColumnError,
} from "spillway";
import { rowGroupStatistics } from "../../src/expressions/row_group_statistics.ts";
import { test } from "../support/harness.ts";
import { describedRowGroup } from "../support/row_group.ts";

type Stored = ColumnStatistics["min"];

function bounds(
  type: string,
  logicalType: string | null,
  [min, max]: readonly [Stored, Stored],
  rest: Partial<ColumnStatistics> = {},
): readonly unknown[] {
  const statistics = { min, max, ...rest };
  const column = { type, statistics, ...(logicalType !== null && { logicalType }) };
  const read: ColumnBounds = describedRowGroup(10, { a: column }).column("a");
  return [read.min, read.max];
}

const none = [undefined, undefined];
const timestamp = (unit: string) =>
  `Timestamp(TimestampType { is_adjusted_to_u_t_c: true, unit: ${unit} })`;
const integer = (bits: number, signed: boolean) =>
  `Integer(IntType { bit_width: ${bits}, is_signed: ${signed} })`;

test("bounds are values of the column's type", () => {
  expect(bounds("BOOLEAN", null, [false, true])).toEqual([false, true]);
  expect(bounds("INT32", null, [-5, 7])).toEqual([-5, 7]);
  expect(bounds("INT32", integer(8, true), [-5, 7])).toEqual([-5, 7]);
  expect(bounds("INT64", null, ["-9223372036854775808", "9223372036854775807"]))
    .toEqual([-(2n ** 63n), 2n ** 63n - 1n]);
  expect(bounds("DOUBLE", null, [-0.5, 1e300])).toEqual([-0.5, 1e300]);
  expect(bounds("FLOAT", null, [0, 9.899999618530273])).toEqual([0, 9.899999618530273]);
  expect(bounds("BYTE_ARRAY", "String", ["", "größe"])).toEqual(["", "größe"]);
  expect(bounds("BYTE_ARRAY", "UTF8", ["a", "b"])).toEqual(["a", "b"]);
  expect(bounds("BYTE_ARRAY", null, ["\0", "a"])).toEqual([Uint8Array.of(0), Uint8Array.of(97)]);
});

test("unsigned integers are stored as signed ones", () => {
  expect(bounds("INT32", integer(32, false), [1, -1])).toEqual([1, 2 ** 32 - 1]);
  expect(bounds("INT64", "UINT_64", ["0", "-1"])).toEqual([0n, 2n ** 64n - 1n]);
  expect(bounds("INT32", "UINT_8", [0, 200])).toEqual([0, 200]);
});

test("dates and timestamps are Dates, rounded outwards", () => {
  const dates = (...times: number[]) => times.map((time) => new Date(time));
  expect(bounds("INT32", "Date", [-1, 1])).toEqual(dates(-86_400_000, 86_400_000));
  expect(bounds("INT32", "DATE", [0, 0])).toEqual(dates(0, 0));
  expect(bounds("INT64", timestamp("MILLIS"), ["-1", "1"])).toEqual(dates(-1, 1));
  expect(bounds("INT64", timestamp("MICROS"), ["1999", "2001"])).toEqual(dates(1, 3));
  expect(bounds("INT64", timestamp("MICROS"), ["-2001", "-1999"])).toEqual(dates(-3, -1));
  expect(bounds("INT64", "TIMESTAMP_MICROS", ["2000", "2000"])).toEqual(dates(2, 2));
  expect(bounds("INT64", timestamp("NANOS"), ["-1", "1"])).toEqual(dates(-1, 1));
  // No Date holds it.
  expect(bounds("INT64", timestamp("MILLIS"), ["0", "9000000000000000"]))
    .toEqual([new Date(0), undefined]);
});

test("times of day stay as they are stored", () => {
  const time = (unit: string) =>
    `Time(TimestampType { is_adjusted_to_u_t_c: true, unit: ${unit} })`;
  expect(bounds("INT32", time("MILLIS"), [3_000, 3_723_000])).toEqual([3_000, 3_723_000]);
  expect(bounds("INT64", time("MICROS"), ["3", "3723000000"])).toEqual([3n, 3_723_000_000n]);
});

test("decimals are the nearest numbers", () => {
  const decimal = (scale: number) => `Decimal(DecimalType { scale: ${scale}, precision: 18 })`;
  expect(bounds("INT32", decimal(2), [-5, 12_345])).toEqual([-0.05, 123.45]);
  expect(bounds("INT64", decimal(0), ["-5", "12345"])).toEqual([-5, 12_345]);
  expect(bounds("INT64", decimal(18), ["-1", "999999999999999999"])).toEqual([-1e-18, 1]);
  // The old annotation doesn't say the scale here, and bytes are not told apart.
  expect(bounds("INT64", "DECIMAL", ["1", "2"])).toEqual(none);
  expect(bounds("BYTE_ARRAY", decimal(2), ["00", "01"])).toEqual(none);
});

test("bytes that may be given in hexadecimal are not relied on", () => {
  expect(bounds("BYTE_ARRAY", null, ["ff00", "ffff"])).toEqual(none);
  expect(bounds("BYTE_ARRAY", "String", ["ff", "zz"])).toEqual([undefined, "zz"]);
  // Bytes of UTF-8 are given as text, so this is text.
  expect(bounds("BYTE_ARRAY", "String", ["61", "7a"])).toEqual(["61", "7a"]);
  expect(bounds("BYTE_ARRAY", "String", ["abc", "face it"])).toEqual(["abc", "face it"]);
});

test("types without an order that can be relied on have no bounds", () => {
  expect(bounds("INT96", null, ["1", "2"])).toEqual(none);
  expect(bounds("FIXED_LEN_BYTE_ARRAY", "Float16", ["de47", "uJ"])).toEqual(none);
  expect(bounds("FIXED_LEN_BYTE_ARRAY", null, ["0", "1"])).toEqual(none);
  expect(bounds("BYTE_ARRAY", "Variant(VariantType)", ["0", "1"])).toEqual(none);
});

test("bounds of the old kind hold for signed types only", () => {
  const old = { minMaxDeprecated: true };
  expect(bounds("INT32", null, [1, 2], old)).toEqual([1, 2]);
  expect(bounds("DOUBLE", null, [1, 2], old)).toEqual([1, 2]);
  expect(bounds("INT32", "Date", [0, 0], old)).toEqual([new Date(0), new Date(0)]);
  expect(bounds("INT32", "UINT_32", [1, 2], old)).toEqual(none);
  expect(bounds("BYTE_ARRAY", "String", ["a", "b"], old)).toEqual(none);
  expect(bounds("BYTE_ARRAY", null, ["a", "b"], old)).toEqual(none);
});

test("bounds that contradict each other are dropped, the null count is kept", () => {
  const statistics = { min: 2, max: 1, nullCount: 4 };
  const rowGroup = describedRowGroup(10, { a: { type: "INT32", statistics } });
  expect(rowGroup.column("a")).toEqual({ min: undefined, max: undefined, nullCount: 4 });
});

test("what the file doesn't say is undefined", () => {
  const rowGroup = describedRowGroup(10, {
    silent: { type: "INT32", statistics: null },
    half: { type: "INT32", statistics: { max: 3 } },
    counted: { type: "INT32", statistics: { nullCount: 0 } },
  });
  const nothing = { min: undefined, max: undefined, nullCount: undefined };
  expect(rowGroup.column("silent")).toEqual(nothing);
  expect(rowGroup.column("half")).toEqual({ ...nothing, max: 3 });
  expect(rowGroup.column("counted")).toEqual({ ...nothing, nullCount: 0 });
});

test("structs have fields, lists have no statistics of rows", () => {
  const statistics = { min: 1, max: 2, nullCount: 1 };
  const rowGroup = describedRowGroup(10, {
    "user.age": { type: "INT32", statistics },
    "tags.list.element": { type: "INT32", numValues: 17, statistics },
  });
  const nothing = { min: undefined, max: undefined, nullCount: undefined };
  expect(rowGroup.column("user.age")).toEqual({ min: 1, max: 2, nullCount: 1 });
  expect(rowGroup.column("user")).toEqual(nothing);
  expect(rowGroup.column("tags")).toEqual(nothing);
  expect(rowGroup.column("tags.list.element")).toEqual(nothing);
});

test("a file's row groups keep their order", () => {
  const rowGroup = { totalByteSize: 0, compressedSize: 0, sortingColumns: [], columns: [] };
  const rowGroups = [
    { ...rowGroup, index: 0, numRows: 5, firstRow: 0 },
    { ...rowGroup, index: 1, numRows: 3, firstRow: 5 },
  ];
  const metadata: FileMetadata = {
    path: "a.parquet",
    sizeBytes: 100,
    numRows: 8,
    createdBy: null,
    formatVersion: 2,
    keyValueMetadata: {},
    numRowGroups: 2,
    rowGroups,
    estimatedRowSizeBytes: 1,
  };
  expect(rowGroupStatistics(metadata).map(({ index, numRows }) => [index, numRows]))
    .toEqual([[0, 5], [1, 3]]);
});

test("a row group has its index and rows, and no columns but its own", () => {
  const rowGroup = describedRowGroup(10, { price: { type: "INT32" } });
  expect([rowGroup.index, rowGroup.numRows]).toEqual([3, 10]);
  let error: unknown;
  try {
    rowGroup.column("pirce");
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(UnknownColumnError);
  const { message, suggestions, column, rowGroup: index } = error as UnknownColumnError;
  expect(message).toBe(
    "Can't give the statistics of row group 3: it has no column pirce. Did you mean price?",
  );
  expect([suggestions, column, index]).toEqual([["price"], "pirce", 3]);
});
