import { expect } from "@std/expect";
import { parquetWriteBuffer } from "hyparquet-writer";
import { writeFileSync } from "node:fs";
import { type ScanOptions, scanParquet } from "spillway";
import { columnsOf } from "./support/arrow_values.ts";
import { fixture } from "./support/fixtures.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { evenSizes, expectSequence, expectSequences, sum } from "./support/sequence.ts";

const SEQUENCE_ROWS = 100_000;
const ONE_GROUP_ROWS = 400_000;
const TINY_GROUPS_ROWS = 20_000;
const UNEVEN_ROWS = 30_000;

async function rowNumbers(options: ScanOptions, name = "sequence"): Promise<number[]> {
  const stream = scanParquet(fixture(name), { ...options, columns: ["id"] });
  const { id = [] } = columnsOf(await Array.fromAsync(stream));
  return id.map(Number);
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, at) => start + at);
}

for (const batchSize of [7, 999, 1_000, 1_001, 10_000, 33_333, 100_000, 100_001, 5_000_000]) {
  test(`batches of ${batchSize} rows come in order, all full but the last`, async () => {
    // A batch costs more than its rows here: 3,000 of them are enough.
    const rows = Math.min(SEQUENCE_ROWS, 3_000 * batchSize);
    const stream = scanParquet(fixture("sequence"), { batchSize, limit: rows });
    expect(await expectSequences(stream)).toEqual(evenSizes(rows, batchSize));
  });
}

test("batches of one row come in order, across row groups", async () => {
  const stream = scanParquet(fixture("sequence"), { batchSize: 1, offset: 9_000, limit: 2_000 });
  expect(await expectSequences(stream, 9_000)).toEqual(evenSizes(2_000, 1));
});

test("batches whose size adapts come in order and hold every row", async () => {
  const sizes = await expectSequences(scanParquet(fixture("sequence")));
  expect(sum(sizes)).toBe(SEQUENCE_ROWS);
  expect(Math.min(...sizes)).toBeGreaterThan(0);
});

test("a batch says with which row of the file it begins", async () => {
  const firsts = [];
  for await (using batch of scanParquet(fixture("sequence"), { batchSize: 30_000, offset: 5 })) {
    firsts.push(batch.firstRow);
  }
  expect(firsts).toEqual([5, 30_005, 60_005, 90_005]);
});

for (const name of ["one_row_group", "one_row_group_no_index"]) {
  for (const io of ["mmap", "read"] as const) {
    test(`${name}, ${io}: the only row group is split, and comes in order`, async () => {
      const columns = ["id", "text", "maybe"];
      const sizes = await expectSequences(scanParquet(fixture(name), { columns, io }));
      expect(sum(sizes)).toBe(ONE_GROUP_ROWS);
      expect(sizes.length).toBeGreaterThan(3);
      const fixed = scanParquet(fixture(name), { columns, io, batchSize: 12_345 });
      expect(await expectSequences(fixed)).toEqual(evenSizes(ONE_GROUP_ROWS, 12_345));
    });
  }
}

test("a single column of the only row group comes in order", async () => {
  for (const column of ["id", "text", "flag", "maybe"]) {
    const sizes = await expectSequences(
      scanParquet(fixture("one_row_group"), { columns: [column] }),
    );
    expect(sum(sizes)).toBe(ONE_GROUP_ROWS);
  }
});

test("row groups smaller than a batch are coalesced", async () => {
  const adaptive = await expectSequences(scanParquet(fixture("tiny_row_groups")));
  expect(sum(adaptive)).toBe(TINY_GROUPS_ROWS);
  // Row groups have 10 rows; only the last batch may be short of the least size.
  expect(Math.min(...adaptive.slice(0, -1))).toBeGreaterThanOrEqual(1_000);
  const fixed = await expectSequences(
    scanParquet(fixture("tiny_row_groups"), { batchSize: 3_333 }),
  );
  expect(fixed).toEqual(evenSizes(TINY_GROUPS_ROWS, 3_333));
});

test("pages that end at different rows give the rows that belong together", async () => {
  for (
    const [offset, limit, batchSize] of [
      [0, UNEVEN_ROWS, 1_000],
      [1, 13, 5],
      [6_999, 2, 1],
      [7_000, 7_000, 701],
      [12_345, 9_876, 4_321],
      [29_990, 100, 3],
    ] as const
  ) {
    for (const io of ["mmap", "read"] as const) {
      const stream = scanParquet(fixture("uneven_pages"), { offset, limit, batchSize, io });
      const rows = Math.min(limit, UNEVEN_ROWS - offset);
      expect(await expectSequences(stream, offset)).toEqual(evenSizes(rows, batchSize));
    }
  }
});

test("offset and limit cut rows, also in the middle of a row group", async () => {
  expect(await rowNumbers({ offset: 9_990, limit: 20 })).toEqual(range(9_990, 10_010));
  expect(await rowNumbers({ limit: 3 })).toEqual([0, 1, 2]);
  expect(await rowNumbers({ offset: 99_998 })).toEqual([99_998, 99_999]);
  expect(await rowNumbers({ offset: 99_998, limit: 1_000 })).toEqual([99_998, 99_999]);
  expect(await rowNumbers({ offset: 50_000, limit: 25_000 })).toEqual(range(50_000, 75_000));
});

test("a scan of no rows ends at once, and has a schema", async () => {
  const scans: [string, ScanOptions][] = [
    ["sequence", { limit: 0 }],
    ["sequence", { offset: 100_000 }],
    ["sequence", { offset: Number.MAX_SAFE_INTEGER }],
    ["sequence", { rowGroups: [] }],
    ["no_rows", {}],
    ["no_rows", { batchSize: 10, offset: 5, limit: 5 }],
  ];
  for (const [name, options] of scans) {
    const stream = scanParquet(fixture(name), options);
    expect((await stream.schema()).fields.length).toBe(7);
    expect(await Array.fromAsync(stream)).toEqual([]);
  }
});

test("a file without row groups gives no rows, whoever wrote it", async () => {
  using directory = tempDirectory();
  const path = directory.file("no_rows.parquet");
  // This writer gives the empty list of row groups another type than a list that holds some.
  writeFileSync(
    path,
    new Uint8Array(parquetWriteBuffer({ columnData: [{ name: "n", type: "INT32", data: [] }] })),
  );
  const stream = scanParquet(path);
  expect((await stream.schema()).fields.map(({ name }) => name)).toEqual(["n"]);
  expect(await Array.fromAsync(stream)).toEqual([]);
});

test("a file of one row gives it", async () => {
  expect(await expectSequences(scanParquet(fixture("one_row")))).toEqual([1]);
});

test("row groups are chosen by index, and offset and limit count within them", async () => {
  expect(await rowNumbers({ rowGroups: [3] })).toEqual(range(30_000, 40_000));
  const two = [...range(10_000, 20_000), ...range(70_000, 80_000)];
  expect(await rowNumbers({ rowGroups: [1, 7] })).toEqual(two);
  expect(await rowNumbers({ rowGroups: [1, 7], offset: 9_999, limit: 3 })).toEqual(
    [19_999, 70_000, 70_001],
  );
  expect(await rowNumbers({ rowGroups: [9], batchSize: 3_000 })).toEqual(range(90_000, 100_000));
});

test("rows of chosen row groups come in file order, whatever the order of the indices", async () => {
  expect(await rowNumbers({ rowGroups: [7, 1], limit: 10_001 })).toEqual(
    [...range(10_000, 20_000), 70_000],
  );
});

test("the row index numbers the rows of the file, not those of the scan", async () => {
  const stream = scanParquet(fixture("sequence"), {
    columns: ["text"],
    rowIndex: "nr",
    rowGroups: [2, 5],
    offset: 9_998,
    limit: 4,
    batchSize: 3,
  });
  const names = (await stream.schema()).fields.map(({ name }) => name);
  expect(names.toSorted()).toEqual(["nr", "text"]);
  const { nr, text } = columnsOf(await Array.fromAsync(stream));
  expect(nr).toEqual([29_998n, 29_999n, 50_000n, 50_001n]);
  expect(text).toEqual(["row 29998", "row 29999", "row 50000", "row 50001"]);
});

test("a row index may be all that is read", async () => {
  const stream = scanParquet(fixture("tiny_row_groups"), {
    columns: [],
    rowIndex: "nr",
    batchSize: 900,
  });
  const batches = await Array.fromAsync(stream);
  expect(batches.map(({ numRows }) => numRows)).toEqual(evenSizes(TINY_GROUPS_ROWS, 900));
  expect(columnsOf(batches)["nr"]).toEqual(range(0, TINY_GROUPS_ROWS).map(BigInt));
});

test("rows are counted where no column is read", async () => {
  const stream = scanParquet(fixture("sequence"), { columns: [], batchSize: 30_000 });
  const batches = await Array.fromAsync(stream);
  expect(batches.map(({ numRows }) => numRows)).toEqual(evenSizes(SEQUENCE_ROWS, 30_000));
  expect(batches.every(({ numCols }) => numCols === 0)).toBe(true);
});

test("many streams at once each give their own rows in order", async () => {
  const streams = range(0, 12).map((at) => ({
    start: at * 7_000,
    stream: scanParquet(fixture("sequence"), {
      offset: at * 7_000,
      limit: 9_000,
      batchSize: 500 + at,
    }),
  }));
  const sizes = await Promise.all(
    streams.map(({ stream, start }) => expectSequences(stream, start)),
  );
  expect(sizes).toEqual(range(0, 12).map((at) => evenSizes(9_000, 500 + at)));
});

test("long rows after short ones come one by one, and whole", async () => {
  const LONG = 5 * 2 ** 20;
  const stream = scanParquet(fixture("long_after_short"), { memoryLimit: "64MB" });
  let rows = 0;
  for await (using batch of stream) {
    const { text } = columnsOf([batch]);
    for (const value of text!) {
      const row = rows++;
      if (row < 30_000 || row >= 30_012) expect(value).toBe(`row ${row}`);
      else expect(value).toBe(`${String(row).padStart(63, "0")}\n`.repeat(LONG / 64));
    }
    // A page's size tells of its rows together, so that the first long one comes with short ones.
    const long = text!.filter((value) => (value as string).length === LONG);
    expect(long.length).toBeLessThanOrEqual(1);
  }
  expect(rows).toBe(31_012);
  expect(stream.stats().peakBytes).toBeLessThanOrEqual(stream.stats().limitBytes);
});

test("a row of a batch can be looked at while the stream goes on", async () => {
  const kept = [];
  for await (const batch of scanParquet(fixture("sequence"), { batchSize: 9_000 })) {
    kept.push(batch);
  }
  kept.forEach((batch, at) => expectSequence(batch, at * 9_000));
  expect(kept.length).toBe(12);
});
