import { expect } from "@std/expect";
import {
  type DataType,
  DateDay,
  Decimal,
  DenseUnion,
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Int16,
  Int32,
  Int64,
  List,
  Map_,
  Schema,
  SparseUnion,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  TimestampMicrosecond,
  TimestampMillisecond,
  Utf8,
} from "apache-arrow";
import { sameSchema } from "../src/batches/same_schema.ts";
import { test } from "./support/harness.ts";

const field = (type: DataType, name = "a", nullable = true) => new Field(name, type, nullable);
const schema = (...fields: Field[]) => new Schema(fields);
const map = (name: string, value: DataType) => {
  const entry = new Struct<{ key: Utf8; value: DataType }>([
    new Field(name, new Utf8(), false),
    field(value, "v"),
  ]);
  return new Map_(new Field("entries", entry, false));
};

test("schemas are the same where a batch of one could be of the other", () => {
  const pairs: [DataType, DataType][] = [
    [new Int32(), new Int32()],
    [new DenseUnion([0], [field(new Int32())]), new DenseUnion([0], [field(new Int32())])],
    [new Dictionary(new Utf8(), new Int32()), new Dictionary(new Utf8(), new Int32())],
    [new List(field(new Int32(), "item")), new List(field(new Int32(), "element", false))],
    [new Struct([field(new Int32())]), new Struct([field(new Int32(), "a", false)])],
    [map("key", new Int32()), map("keys", new Int32())],
    [
      new List(field(new Dictionary(new Utf8(), new Int32(), 1))),
      new List(field(new Dictionary(new Utf8(), new Int32(), 2))),
    ],
    [new TimestampMicrosecond("UTC"), new TimestampMicrosecond("UTC")],
  ];
  for (const [left, right] of pairs) {
    const other = new Schema([field(right, "a", false)], new Map([["made", "elsewhere"]]));
    expect([String(left), sameSchema(schema(field(left)), other)]).toEqual([String(left), true]);
  }
});

test("types that were read are the same as those that were made", () => {
  const types = [
    new Int32(),
    new Float32(),
    new TimestampMicrosecond(),
    new DateDay(),
    new Decimal(1, 5),
  ];
  for (const type of types) {
    const made = schema(field(type));
    const read = tableFromIPC(tableToIPC(new Table(made, []))).schema;
    expect([String(type), sameSchema(made, read), sameSchema(read, made)])
      .toEqual([String(type), true, true]);
  }
});

test("schemas differ by names, order, number and types", () => {
  const [a, b] = [field(new Int32(), "a"), field(new Int32(), "b")];
  expect(sameSchema(schema(a, b), schema(b, a))).toBe(false);
  expect(sameSchema(schema(a, b), schema(a))).toBe(false);
  expect(sameSchema(schema(a), schema(a, b))).toBe(false);
  expect(sameSchema(schema(), schema())).toBe(true);
  const pairs: [DataType, DataType][] = [
    [new Int32(), new Int64()],
    [new Dictionary(new Utf8(), new Int32()), new Dictionary(new Utf8(), new Int16())],
    [new Dictionary(new Utf8(), new Int32()), new Dictionary(new Int32(), new Int32())],
    [new List(field(new Int32())), new List(field(new Int64()))],
    [new FixedSizeList(2, field(new Int32())), new FixedSizeList(3, field(new Int32()))],
    [new Struct([field(new Int32(), "a")]), new Struct([field(new Int32(), "b")])],
    [map("key", new Int32()), map("key", new Int64())],
    [new TimestampMicrosecond("UTC"), new TimestampMicrosecond()],
    [new TimestampMicrosecond("UTC"), new TimestampMillisecond("UTC")],
    [new Decimal(2, 9), new Decimal(3, 9)],
    [new Decimal(2, 9), new Decimal(2, 9, 256)],
    [new DenseUnion([0], [field(new Int32())]), new DenseUnion([0], [field(new Int64())])],
    [new DenseUnion([0], [field(new Int32())]), new DenseUnion([1], [field(new Int32())])],
    [new DenseUnion([0], [field(new Int32())]), new SparseUnion([0], [field(new Int32())])],
  ];
  for (const [left, right] of pairs) {
    expect([String(left), sameSchema(schema(field(left)), schema(field(right)))])
      .toEqual([String(left), false]);
  }
});
