import { expect } from "@std/expect";
import {
  Binary,
  Bool,
  type Data,
  type DataType,
  Decimal,
  Dictionary,
  Field,
  FixedSizeList,
  Int32,
  Int8,
  LargeUtf8,
  List,
  makeData,
  Map_,
  RecordBatch,
  Schema,
  Struct,
  tableFromArrays,
  tableFromIPC,
  tableFromJSON,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  col,
  limit,
  offset,
  type RecordBatchStream,
  rename,
  scanParquet,
  select,
  type SpillwayBatch,
  tableToStream,
  where,
  withColumns,
  writeArrow,
  writeCsv,
  writeNdjson,
  writeParquet,
} from "spillway";
import { columnsOf, type PlainValue } from "./support/arrow_values.ts";
import { batchOf } from "./support/batch_of.ts";
import { batchStream } from "./support/batch_stream.ts";
import { fixture } from "./support/fixtures.ts";
import { expectSequence, expectSequences, sum } from "./support/sequence.ts";
import { sinkTest } from "./support/sink_test.ts";

type Columns = Record<string, PlainValue[]>;

/** The values that a Parquet file has of these batches. */
async function throughParquet(
  path: string,
  batches: ReadableStream<RecordBatch>,
): Promise<Columns> {
  await batches.pipeTo(writeParquet(path, { rowGroupRows: 1_000, overwrite: true }));
  return columnsOf(await Array.fromAsync(scanParquet(path)));
}

/** A number that follows from all bytes of a batch that JavaScript can see. */
function hashOf(batch: RecordBatch): string {
  const hash = createHash("sha256");
  const visit = (data: Data): void => {
    for (const view of [data.values, data.valueOffsets, data.nullBitmap]) {
      if (ArrayBuffer.isView(view)) {
        hash.update(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
      }
    }
    data.children.forEach(visit);
  };
  visit(batch.data);
  return hash.digest("hex");
}

const sources: Readonly<Record<string, () => ReadableStream<RecordBatch>>> = {
  "zero-copy batches": () => scanParquet(fixture("sequence"), { limit: 5_000, batchSize: 700 }),
  "copied batches": () =>
    scanParquet(fixture("sequence"), { limit: 5_000, batchSize: 700, zeroCopy: false }),
  "batches past their share of memory": () =>
    scanParquet(fixture("sequence"), { limit: 5_000, batchSize: 700, memoryLimit: "300KB" }),
  "batches of dictionaries": () =>
    scanParquet(fixture("sequence"), { limit: 5_000, batchSize: 700, dictionary: ["text"] }),
  "batches with views of text": () =>
    scanParquet(fixture("sequence"), { limit: 5_000, batchSize: 700, strings: "preserve" }),
};

for (const [name, open] of Object.entries(sources)) {
  sinkTest(`${name} are written, and released by that`, async (folder) => {
    const batches: SpillwayBatch[] = [];
    for (const [extension, write] of Object.entries({ writeParquet, writeArrow, writeNdjson })) {
      const path = folder.file(`a.${extension}`);
      const writer = write(path).getWriter();
      for await (const batch of open()) {
        await writer.write(batch);
        batches.push(batch as SpillwayBatch);
      }
      await writer.close();
    }
    expect(batches.length).toBe(24);
    expect(batches.every(({ released }) => released)).toBe(true);
    expect(sum(await expectSequences(scanParquet(folder.file("a.writeParquet"))))).toBe(5_000);
  });
}

sinkTest(
  "batches that another branch of a tee has too stay valid, and as they were",
  async (folder) => {
    for (const options of [{}, { zeroCopy: false }, { dictionary: ["text"] }] as const) {
      const scan = scanParquet(fixture("sequence"), { limit: 6_000, batchSize: 500, ...options });
      const [kept, written] = scan.tee();
      const path = folder.file("a.parquet");
      const hashes: string[] = [];
      const hashing = new TransformStream<SpillwayBatch, SpillwayBatch>({
        transform(batch, controller) {
          hashes.push(hashOf(batch));
          controller.enqueue(batch);
        },
      });
      const [batches] = await Promise.all([
        Array.fromAsync(kept),
        written.pipeThrough(hashing).pipeTo(writeParquet(path, { overwrite: true })),
      ]);
      expect(batches.map(({ released }) => released)).toEqual(batches.map(() => false));
      expect(batches.map(hashOf)).toEqual(hashes);
      batches.forEach((batch, at) => expectSequence(batch, 500 * at));
      expect(sum(await expectSequences(scanParquet(path)))).toBe(6_000);
      batches.forEach((batch) => batch.release());
    }
  },
);

sinkTest("one stream goes to two sinks by a tee", async (folder) => {
  const [one, two] = scanParquet(fixture("sequence"), { limit: 6_000, batchSize: 500 }).tee();
  await Promise.all([
    one.pipeTo(writeParquet(folder.file("one"))),
    two.pipeTo(writeParquet(folder.file("two"), { compression: "zstd" })),
  ]);
  expect(sum(await expectSequences(scanParquet(folder.file("one"))))).toBe(6_000);
  expect(sum(await expectSequences(scanParquet(folder.file("two"))))).toBe(6_000);
});

/** Transforms that no scan takes over, so that they give slices and parts of batches. */
const opaque = () => new TransformStream<SpillwayBatch, SpillwayBatch>();
const slices: Readonly<Record<string, (stream: ReadableStream<RecordBatch>) => RecordBatchStream>> =
  {
    limit: (stream) => stream.pipeThrough(limit(1_234)) as RecordBatchStream,
    offset: (stream) => stream.pipeThrough(offset(1_234)) as RecordBatchStream,
    select: (stream) => stream.pipeThrough(select("point", "id", "maybe")) as RecordBatchStream,
    rename: (stream) => stream.pipeThrough(rename({ id: "number" })) as RecordBatchStream,
    where: (stream) => stream.pipeThrough(where(col("id").mod(3).eq(1))) as RecordBatchStream,
    withColumns: (stream) =>
      stream.pipeThrough(withColumns({ twice: col("id").mul(2) })) as RecordBatchStream,
    "offset and limit": (stream) =>
      stream.pipeThrough(offset(777)).pipeThrough(limit(1_111)) as RecordBatchStream,
  };

for (const [name, transform] of Object.entries(slices)) {
  sinkTest(`what ${name} gives is written, of batches of all kinds`, async (folder) => {
    for (const [source, open] of Object.entries(sources)) {
      if (source.includes("views")) continue; // No transform takes them.
      const through = () => transform(open().pipeThrough(opaque()));
      const expected = columnsOf(await Array.fromAsync(through()));
      expect(Object.values(expected)[0]!.length).toBeGreaterThan(1_000);
      expect(await throughParquet(folder.file("a.parquet"), through())).toEqual(expected);
    }
  });
}

sinkTest("slices of JavaScript's own batches are written, from any bit on", async (folder) => {
  const count = 50;
  const index = Array.from({ length: count }, (_, row) => row);
  const whole = batchOf({
    number: vectorFromArray(index.map((row) => row % 3 ? row : null), new Int32()),
    bool: vectorFromArray(index.map((row) => row % 5 ? row % 2 === 0 : null), new Bool()),
    text: vectorFromArray(index.map((row) => row % 4 ? `row ${row}` : null), new Utf8()),
    list: vectorFromArray(
      index.map((row) => row % 7 ? index.slice(0, row % 4) : null),
      new List(new Field("item", new Int32(), true)),
    ),
    pair: vectorFromArray(
      index.map((row) => row % 6 ? [row, null] : null),
      new FixedSizeList(2, new Field("item", new Int32(), true)),
    ),
    struct: vectorFromArray(
      index.map((row) => row % 2 ? { a: row, b: row % 3 ? "x" : null } : null),
      new Struct([new Field("a", new Int32(), true), new Field("b", new Utf8(), true)]),
    ),
    word: vectorFromArray(
      index.map((row) => row % 3 ? `w${row % 2}` : null),
      new Dictionary(new Utf8(), new Int8()),
    ),
  });
  for (const [from, to] of [[0, 50], [1, 50], [7, 9], [8, 8], [13, 40], [49, 50]] as const) {
    const batch = whole.slice(from, to);
    const expected = columnsOf([batch]);
    const found = await throughParquet(folder.file("a"), batchStream([batch, batch.slice(0, 0)]));
    if (from === to) expect(found).toEqual({});
    else expect(found).toEqual(expected);
  }
});

sinkTest(
  "small slices of large columns are written, which show a part of their values",
  async (folder) => {
    const count = 12_000;
    const index = Array.from({ length: count }, (_, row) => row);
    const some = (row: number) => index.slice(0, row % 4);
    const pair = new Struct([new Field("a", new Int32(), true), new Field("b", new Utf8(), true)]);
    const entry = new Struct<{ key: Utf8; value: Int32 }>([
      new Field("key", new Utf8(), false),
      new Field("value", new Int32(), true),
    ]);
    const list = (type: DataType) => new List(new Field("item", type, true));
    const columns: Record<string, [DataType, (row: number) => unknown]> = {
      text: [new Utf8(), (row) => `row ${row}`],
      large: [new LargeUtf8(), (row) => `ü${row}`],
      binary: [new Binary(), (row) => Uint8Array.of(row, row >> 8)],
      list: [list(new Int32()), some],
      texts: [list(new Utf8()), (row) => some(row).map((each) => `${row}.${each}`)],
      lists: [list(list(new Int32())), (row) => some(row).map(some)],
      pairs: [list(pair), (row) => some(row).map((a) => ({ a, b: a === 1 ? null : `b${row}` }))],
      map: [new Map_(new Field("entries", entry, false)), (row) => new Map([[`k${row}`, row]])],
    };
    const whole = batchOf(
      Object.fromEntries(
        Object.entries(columns).map(([name, [type, value]]) => [
          name,
          vectorFromArray(index.map((row) => row % 5 === 2 ? null : value(row)), type),
        ]),
      ),
    );
    const ranges = [[0, 1], [3, 40], [5_000, 5_033], [11_990, 12_000], [6_000, 6_000]] as const;
    const slices = ranges.map(([from, to]) => whole.slice(from, to));
    const expected = columnsOf(slices);
    expect(await throughParquet(folder.file("a"), batchStream(slices))).toEqual(expected);
    await batchStream(slices).pipeTo(writeArrow(folder.file("b")));
    expect(columnsOf(tableFromIPC(readFileSync(folder.file("b"))).batches)).toEqual(expected);
  },
);

sinkTest("tables of every origin are written", async (folder) => {
  const arrays = tableFromArrays({
    ints: Int32Array.of(1, 2, 3),
    floats: [0.5, null, -0],
    bigs: BigInt64Array.of(1n, 2n ** 62n, -1n),
    words: ["a", "b", "a"],
    flags: [true, false, null],
    dates: [new Date(0), new Date(1_700_000_000_123), null],
    lists: [[1, 2], [4], [3]],
  });
  const json = tableFromJSON([
    { id: 1, name: "one", nested: { deep: [1, 2], at: new Date(86_400_000) } },
    { id: 2, name: null, nested: { deep: [3], at: new Date(1) } },
  ]);
  const ipc = tableFromIPC(tableToIPC(arrays, "stream"));
  for (
    const table of [arrays, json, ipc, arrays.concat(arrays).slice(2, 5), arrays.select(["words"])]
  ) {
    const expected = columnsOf(table.batches);
    expect(await throughParquet(folder.file("a"), tableToStream(table))).toEqual(expected);
    // A table keeps its batches.
    expect(columnsOf(table.batches)).toEqual(expected);
  }
});

sinkTest(
  "dictionaries that grow, and others in each batch, are written as their values",
  async (folder) => {
    const type = () => new Dictionary(new Utf8(), new Int32());
    const words = [["a", "b", null], ["b", "c"], ["ü", "", "a", "a"], [null, null]];
    const apart = words.map((part) => batchOf({ word: vectorFromArray(part, type()) }));
    const expected = { word: words.flat() };
    expect(await throughParquet(folder.file("a"), batchStream(apart))).toEqual(expected);
    const arrow = writeArrow(folder.file("a.arrow"));
    await batchStream(apart).pipeTo(arrow);
    const csv = writeCsv(folder.file("a.csv"), { header: false, nullValue: "-" });
    await batchStream(apart).pipeTo(csv);
    expect(columnsOf(tableFromIPC(readFileSync(folder.file("a.arrow"))).batches)).toEqual(expected);
    expect(readFileSync(folder.file("a.csv"), "utf8").split("\n").slice(0, -1))
      .toEqual(words.flat().map((word) => word === "" ? '""' : word ?? "-"));
  },
);

sinkTest(
  "batches of one schema may differ in what it says of nulls and of metadata",
  async (folder) => {
    const batch = (values: readonly (number | null)[], metadata?: Map<string, string>) =>
      batchOf({ n: vectorFromArray(values, new Int32()) }, metadata ? { metadata } : {});
    const batches = [batch([1, null], new Map([["a", "b"]])), batch([3]), batch([null])];
    expect(await throughParquet(folder.file("a"), batchStream(batches)))
      .toEqual({ n: [1n, null, 3n, null] });
  },
);

sinkTest(
  "nulls of a column that is said to have none are an error that names it",
  async (folder) => {
    const fields = [new Field("n", new Int32(), false)];
    const children = [vectorFromArray([1, null], new Int32()).data[0]!];
    const data = makeData({ type: new Struct(fields), length: 2, nullCount: 0, children });
    const batch = new RecordBatch(new Schema(fields), data);
    const error = await batchStream([batch]).pipeTo(writeParquet(folder.file("a")))
      .catch((reason) => reason);
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toContain("'n' is declared as non-nullable but contains null values");
  },
);

sinkTest(
  "decimals of more digits than their type has are an error, and are not cut",
  async (folder) => {
    const decimal = (value: number, digits: number, bits: number) =>
      batchOf({
        d: vectorFromArray(
          [null, Uint32Array.from({ length: bits / 32 }, (_, at) => at === 0 ? value : 0)],
          new Decimal(2, digits, bits),
        ),
      });
    for (const bits of [128, 256]) {
      for (
        const [name, write] of Object.entries({ writeParquet, writeArrow, writeCsv, writeNdjson })
      ) {
        const path = folder.file(`${name}${bits}`);
        const error = await batchStream([decimal(1_000, 3, bits)]).pipeTo(write(path))
          .catch((reason) => reason);
        expect(error).toBeInstanceOf(RangeError);
        expect(error.message).toContain("column 'd' of batch 0");
        await batchStream([decimal(999, 3, bits)]).pipeTo(write(path));
      }
      const columns = columnsOf(
        await Array.fromAsync(scanParquet(folder.file(`writeParquet${bits}`))),
      );
      expect(columns).toEqual({ d: [null, 999n] });
    }
  },
);

sinkTest("rows without columns are refused by formats that can't count them", async (folder) => {
  const batch = batchOf({}, { rows: 3 });
  for (const [name, write] of Object.entries({ writeParquet, writeCsv })) {
    const error = await batchStream([batch]).pipeTo(write(folder.file(name))).catch((reason) =>
      reason
    );
    expect(error).toMatchObject({ code: "UNSUPPORTED_FEATURE", path: folder.file(name) });
    expect(error.message).toContain("rows without columns");
    await batchStream([batch.slice(0, 0)]).pipeTo(write(folder.file(`${name} of none`)));
  }
  await batchStream([batch]).pipeTo(writeNdjson(folder.file("ndjson")));
  await batchStream([batch]).pipeTo(writeArrow(folder.file("arrow")));
  expect(readFileSync(folder.file("ndjson"), "utf8")).toBe("{}\n{}\n{}\n");
  expect(tableFromIPC(readFileSync(folder.file("arrow"))).numRows).toBe(3);
});
