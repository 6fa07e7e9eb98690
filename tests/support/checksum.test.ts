import { expect } from "@std/expect";
import { type RecordBatch, Table, tableFromArrays, vectorFromArray } from "apache-arrow";
import { checksumOf, type TableChecksum } from "./checksum.ts";
import { compareChecksums } from "./compare_checksums.ts";
import { crc32 } from "./crc32.ts";
import { ExactSum } from "./exact_sum.ts";
import { test } from "./harness.ts";

async function sum(table: Table): Promise<TableChecksum> {
  return await checksumOf(table.batches as RecordBatch[], table.schema);
}

test("checksum is that of the corpus for numbers, with wsum counting from 1", async () => {
  const table = tableFromArrays({ n: Int32Array.of(3, -1, 2) });
  expect(await sum(table)).toEqual({
    rows: 3,
    columns: [{ name: "n", kind: "int", nulls: 0, min: "-1", max: "3", sum: "4", wsum: "7" }],
  });
});

test("checksum does not depend on where batches end", async () => {
  const whole = tableFromArrays({ text: ["a", "b", "", "d"], n: Float64Array.of(1, NaN, -0, 4) });
  const cut = new Table([...whole.slice(0, 1).batches, ...whole.slice(1).batches]);
  expect(cut.batches.length).toBe(2);
  expect(await sum(cut)).toEqual(await sum(whole));
});

test("checksum notices rows that change places", async () => {
  const [there, back] = [["a", "bc"], ["bc", "a"]].map((text) => tableFromArrays({ text }));
  const { verdict, why } = compareChecksums(await sum(there!), await sum(back!));
  expect(verdict).toBe("diff");
  expect(why).toHaveLength(1);
});

test("checksum takes a dictionary as its values", async () => {
  const plain = new Table({ text: vectorFromArray(["x", null, "y", "x"]) });
  const [column] = (await sum(plain)).columns;
  expect(column).toEqual({
    name: "text",
    kind: "string",
    nulls: 1,
    bytes: 3,
    min: "x",
    max: "y",
    crc32: crc32(new TextEncoder().encode("xyx")).toString(16).padStart(8, "0"),
    len_wsum: "8",
  });
});

test("comparing brings units of time together and calls cut ones lossy", () => {
  const column = (unit: string, value: string): TableChecksum => ({
    rows: 1,
    columns: [{
      name: "t",
      kind: "temporal",
      of: "timestamp",
      unit,
      nulls: 0,
      min: value,
      max: value,
      sum: value,
      wsum: value,
    }],
  });
  expect(compareChecksums(column("ms", "5"), column("us", "5000")).verdict).toBe("same");
  expect(compareChecksums(column("us", "5001"), column("ms", "5")).verdict).toBe("lossy");
  expect(compareChecksums(column("ms", "5"), column("us", "5001")).verdict).toBe("diff");
});

test("comparing calls missing rows and columns different", async () => {
  const one = await sum(tableFromArrays({ a: Int32Array.of(1) }));
  const two = await sum(tableFromArrays({ a: Int32Array.of(1, 2) }));
  expect(compareChecksums(two, one)).toEqual({ verdict: "diff", why: ["rows 1 not 2"] });
  expect(compareChecksums(one, { ...one, columns: [] }).verdict).toBe("diff");
});

test("crc32 is zlib's, whole and in pieces", () => {
  const bytes = new TextEncoder().encode("123456789");
  expect(crc32(bytes)).toBe(0xcbf43926);
  expect(crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4)))).toBe(0xcbf43926);
});

test("an exact sum rounds once, at the end", () => {
  const sum = new ExactSum();
  for (const value of [1e100, 1, -1e100, 1e-30, -1e-30]) sum.add(value);
  expect(sum.value()).toBe(1);
  const tenths = new ExactSum();
  for (let i = 0; i < 10; i++) tenths.add(0.1);
  expect(tenths.value()).toBe(1);
});
