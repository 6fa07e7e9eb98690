import { expect } from "@std/expect";
import { PartitionMismatchError, SpillwayError, UnknownColumnError } from "spillway";
import { hivePartitions } from "../src/find/hive_path.ts";
import { type HiveType, partitionColumns } from "../src/find/hive_types.ts";
import { test } from "./support/harness.ts";

const filesAt = (...paths: string[]) =>
  paths.map((path) => ({ path, partitions: hivePartitions(path) }));

/** The type and the values of the column k, in folders of these names. */
function columnOf(values: readonly string[], type?: HiveType) {
  const found = filesAt(...values.map((value) => `k=${value}/f.parquet`));
  const { columns, values: rows } = partitionColumns(found, type === undefined ? {} : { k: type });
  return { type: columns[0]?.type, values: rows.map(([value]) => value) };
}

function failure(run: () => unknown): SpillwayError {
  try {
    run();
  } catch (error) {
    if (error instanceof SpillwayError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown");
}

const NULL = "__HIVE_DEFAULT_PARTITION__";
const day = (text: string) => new Date(`${text}T00:00:00Z`);

const inferred: readonly { from: readonly string[]; type: HiveType; values: readonly unknown[] }[] =
  [
    { from: ["1", "0", "-7"], type: "int64", values: [1n, 0n, -7n] },
    { from: ["1", NULL], type: "int64", values: [1n, null] },
    {
      from: ["9223372036854775807", "-9223372036854775808"],
      type: "int64",
      values: [9223372036854775807n, -9223372036854775808n],
    },
    {
      from: ["9223372036854775808", "1"],
      type: "string",
      values: ["9223372036854775808", "1"],
    },
    { from: ["-9223372036854775809"], type: "string", values: ["-9223372036854775809"] },
    { from: ["01", "12"], type: "int64", values: [1n, 12n] },
    { from: ["+1"], type: "string", values: ["+1"] },
    { from: ["-0"], type: "int64", values: [0n] },
    { from: ["1.0"], type: "string", values: ["1.0"] },
    { from: ["", "1"], type: "string", values: ["", "1"] },
    { from: ["1", "x"], type: "string", values: ["1", "x"] },
    { from: ["2024-02-29", NULL], type: "date", values: [day("2024-02-29"), null] },
    {
      from: ["0001-01-01", "9999-12-31"],
      type: "date",
      values: [day("0001-01-01"), day("9999-12-31")],
    },
    { from: ["2023-02-29"], type: "string", values: ["2023-02-29"] },
    { from: ["2024-13-01"], type: "string", values: ["2024-13-01"] },
    { from: ["2024-1-1"], type: "string", values: ["2024-1-1"] },
    { from: ["2024-01-01", "2024"], type: "string", values: ["2024-01-01", "2024"] },
    { from: [NULL, NULL], type: "string", values: [null, null] },
  ];

for (const { from, type, values } of inferred) {
  test(`${from.join(" and ")} make a column of type ${type}`, () => {
    expect(columnOf(from)).toEqual({ type, values });
  });
}

test("a stated type is taken instead", () => {
  expect(columnOf(["1", NULL], "string")).toEqual({ type: "string", values: ["1", null] });
  expect(columnOf(["01", "+5", "-0"], "int64")).toEqual({ type: "int64", values: [1n, 5n, 0n] });
  expect(columnOf([NULL], "date")).toEqual({ type: "date", values: [null] });
});

test("an empty value is null of a stated type, and text of a string", () => {
  expect(columnOf(["", "1"], "int64").values).toEqual([null, 1n]);
  expect(columnOf(["", "2024-01-01"], "date").values).toEqual([null, day("2024-01-01")]);
  expect(columnOf([""], "string").values).toEqual([""]);
});

test("a value that doesn't fit the stated type is an error with the file, the key and the value", () => {
  const unfit: readonly [string, HiveType][] = [
    ["x", "int64"],
    ["1.5", "int64"],
    ["9223372036854775808", "int64"],
    ["2024-02-30", "date"],
    ["5", "date"],
  ];
  for (const [value, type] of unfit) {
    const error = failure(() => columnOf([NULL, value], type));
    expect(error).toBeInstanceOf(PartitionMismatchError);
    expect(error.code).toBe("PARTITION_MISMATCH");
    expect(error.path).toBe(`k=${value}/f.parquet`);
    expect(error.column).toBe("k");
    expect(error.message).toContain(`"${value}" is not of the stated type ${type}`);
  }
});

test("columns come in the order of the first file, whatever the order of the others", () => {
  const found = filesAt("a=1/b=x/f", "b=y/a=2/f");
  expect(partitionColumns(found)).toEqual({
    columns: [{ name: "a", type: "int64" }, { name: "b", type: "string" }],
    values: [[1n, "x"], [2n, "y"]],
  });
});

test("a file without a key that the first one has is an error that names both", () => {
  const error = failure(() => partitionColumns(filesAt("a=1/b=1/f", "a=2/g")));
  expect(error).toBeInstanceOf(PartitionMismatchError);
  expect(error.message).toContain("the path of a=1/b=1/f has the key b, that of a=2/g doesn't");
  expect([error.path, error.column]).toEqual(["a=2/g", "b"]);
});

test("a file with a key that the first one lacks is an error that names both", () => {
  const error = failure(() => partitionColumns(filesAt("f", "a=2/g")));
  expect(error).toBeInstanceOf(PartitionMismatchError);
  expect(error.message).toContain("the path of a=2/g has the key a, that of f doesn't");
  expect([error.path, error.column]).toEqual(["a=2/g", "a"]);
});

test("a path with a key twice is an error, even if it is the only one", () => {
  const error = failure(() => partitionColumns(filesAt("k=1/k=1/f")));
  expect(error).toBeInstanceOf(PartitionMismatchError);
  expect([error.path, error.column]).toEqual(["k=1/k=1/f", "k"]);
});

test("a type for a key that no path has is an error with the nearest keys", () => {
  const error = failure(() => partitionColumns(filesAt("month=1/f"), { mnoth: "int64" }));
  expect(error).toBeInstanceOf(UnknownColumnError);
  expect(error.column).toBe("mnoth");
  expect(error.suggestions).toEqual(["month"]);
});

test("a type that doesn't exist is refused", () => {
  const types = JSON.parse('{ "k": "int32" }');
  expect(() => partitionColumns(filesAt("k=1/f"), types)).toThrow(TypeError);
  expect(() => partitionColumns(filesAt("k=1/f"), { k: JSON.parse('"toString"') })).toThrow(
    TypeError,
  );
});

test("keys named like an object's own members are ordinary keys", () => {
  const { columns, values } = partitionColumns(filesAt("constructor=1/__proto__=a/f"));
  expect(columns.map(({ name }) => name)).toEqual(["constructor", "__proto__"]);
  expect(values).toEqual([[1n, "a"]]);
});

test("files without partitions have no columns, and no files have those that are stated", () => {
  expect(partitionColumns(filesAt("f", "g"))).toEqual({ columns: [], values: [[], []] });
  expect(partitionColumns([])).toEqual({ columns: [], values: [] });
  expect(partitionColumns([], { k: "date" })).toEqual({
    columns: [{ name: "k", type: "date" }],
    values: [],
  });
});
