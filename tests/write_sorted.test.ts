import { expect } from "@std/expect";
import {
  Field,
  Float64,
  Int32,
  List,
  type RecordBatch,
  tableFromArrays,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import {
  encodeParquet,
  scanParquet,
  type SortingColumn,
  UnknownColumnError,
  UnsortedDataError,
  UnsupportedFeatureError,
  writeParquet,
} from "spillway";
import { batchOf } from "./support/batch_of.ts";
import { batchStream } from "./support/batch_stream.ts";
import { fixture } from "./support/fixtures.ts";
import { namesIn, sinkTest } from "./support/sink_test.ts";

type Numbers = readonly (number | null)[];

const numbers = (values: Numbers): Vector => vectorFromArray(values, new Int32());
const batchesOfNumbers = (parts: readonly Numbers[]): RecordBatch[] =>
  parts.map((part) => batchOf({ n: numbers(part) }));

/** Writes batches in an order, and gives the orders that the row groups say they have. */
async function sorted(
  path: string,
  batches: readonly RecordBatch[],
  sortingColumns: readonly (SortingColumn | string)[],
  rowGroupRows = 3,
): Promise<unknown[]> {
  const sink = writeParquet(path, { sortingColumns, rowGroupRows, overwrite: true });
  await batchStream(batches).pipeTo(sink);
  return (await scanParquet(path).metadata()).rowGroups.map((group) => group.sortingColumns);
}

const orders: Record<string, [SortingColumn | string, Numbers]> = {
  "from the least": ["n", [-2, -2, 0, 1, 1, 7, 9, null, null]],
  "from the greatest": [{ column: "n", descending: true }, [9, 7, 1, 1, 0, -2, null, null]],
  "from nulls to the greatest": [{ column: "n", nullsFirst: true }, [null, null, -2, 0, 7]],
  "from nulls to the least": [
    { column: "n", descending: true, nullsFirst: true },
    [null, 7, 0, 0, -2],
  ],
};

for (const [order, [key, values]] of Object.entries(orders)) {
  sinkTest(`rows that go ${order} are written, and the order recorded`, async (folder) => {
    const expected = {
      descending: false,
      nullsFirst: false,
      ...(typeof key === "string" ? { column: key } : key),
    };
    for (const size of [1, 2, 4, values.length]) {
      const parts = Array.from(
        { length: Math.ceil(values.length / size) },
        (_, part) => values.slice(part * size, (part + 1) * size),
      );
      const recorded = await sorted(folder.file("a.parquet"), batchesOfNumbers(parts), [key]);
      expect(recorded).toEqual(recorded.map(() => [expected]));
      expect(recorded.length).toBe(Math.ceil(values.length / 3));
    }
  });

  sinkTest(`the first row that doesn't go ${order} is named, wherever it is`, async (folder) => {
    const last = values.length - 1;
    for (let wrong = 1; wrong <= last; wrong++) {
      if (values[wrong] === values[wrong - 1]) continue;
      // This row and the one before change places.
      const swapped = [...values];
      [swapped[wrong - 1], swapped[wrong]] = [values[wrong]!, values[wrong - 1]!];
      for (const cut of [0, wrong - 1, wrong, wrong + 1]) {
        const parts = [swapped.slice(0, cut), swapped.slice(cut)].filter(({ length }) =>
          length > 0
        );
        const path = folder.file("a.parquet");
        const error = await sorted(path, batchesOfNumbers(parts), [key]).catch((reason) => reason);
        expect(error).toBeInstanceOf(UnsortedDataError);
        expect(error.message).toContain(
          `Cannot write row ${wrong}: it should come before row ${wrong - 1}`,
        );
        expect(error).toMatchObject({ code: "UNSORTED_DATA", column: "n", path });
        expect(namesIn(folder.path)).toEqual([]);
      }
    }
  });
}

sinkTest("later columns of the order count where earlier ones are the same", async (folder) => {
  const batch = (words: string[], values: Numbers) =>
    batchOf({ word: vectorFromArray(words, new Utf8()), n: numbers(values) });
  const keys = ["word", { column: "n", descending: true }];
  const good = [batch(["a", "a"], [2, 1]), batch(["a", "ä"], [1, 5])];
  const [recorded] = await sorted(folder.file("a.parquet"), good, keys);
  expect(recorded).toEqual([
    { column: "word", descending: false, nullsFirst: false },
    { column: "n", descending: true, nullsFirst: false },
  ]);
  const bad = [batch(["a", "a"], [2, 1]), batch(["a", "b"], [2, 5])];
  await expect(sorted(folder.file("b.parquet"), bad, keys)).rejects.toThrow(
    "Cannot write row 2: it should come before row 1 by the sorting columns 'word', 'n'",
  );
});

sinkTest("words of a dictionary are in the order of the words, not of the keys", async (folder) => {
  const batch = (words: string[]) => tableFromArrays({ word: words }).batches[0]!;
  const good = [batch(["x", "z", "z"]), batch(["z", "zz"])];
  await sorted(folder.file("a.parquet"), good, ["word"]);
  const bad = [batch(["x", "z"]), batch(["y", "z"])];
  await expect(sorted(folder.file("b.parquet"), bad, ["word"])).rejects.toThrow("row 2");
});

sinkTest("rows of a scan that are in order are written by many batches", async (folder) => {
  const path = folder.file("a.parquet");
  const scan = scanParquet(fixture("sequence"), { batchSize: 777, columns: ["id", "text"] });
  await scan.pipeTo(writeParquet(path, { sortingColumns: ["id"], rowGroupRows: 10_000 }));
  expect(await scanParquet(path).count()).toBe(100_000);
  const unsorted = scanParquet(fixture("sequence"), { batchSize: 777, columns: ["id", "text"] });
  // "row 10" comes before "row 9".
  await expect(
    unsorted.pipeTo(writeParquet(folder.file("b.parquet"), { sortingColumns: ["text"] })),
  )
    .rejects.toThrow("Cannot write row 10: it should come before row 9");
});

sinkTest("encoded bytes are checked for their order too", async () => {
  const rows = batchStream(batchesOfNumbers([[1, 2], [1]]));
  const bytes = rows.pipeThrough(encodeParquet({ sortingColumns: ["n"] }));
  const error = await new Response(bytes).arrayBuffer().catch((reason) => reason);
  expect(error).toBeInstanceOf(UnsortedDataError);
  expect(error.message).toContain("row 2");
});

sinkTest(
  "an order by what has none, or isn't there, is an error before all else",
  async (folder) => {
    const list = new List(new Field("item", new Int32(), true));
    const batch = batchOf({
      number: vectorFromArray([1.5], new Float64()),
      list: vectorFromArray([[1]], list),
    });
    const error = async (column: string) =>
      await sorted(folder.file("a.parquet"), [batch], [column]).catch((reason) => reason);
    const unknown = await error("numbre");
    expect(unknown).toBeInstanceOf(UnknownColumnError);
    expect(unknown).toMatchObject({ column: "numbre", suggestions: ["number"] });
    const nested = await error("list");
    expect(nested).toBeInstanceOf(UnsupportedFeatureError);
    expect(nested.column).toBe("list");
    expect(namesIn(folder.path)).toEqual([]);
  },
);
