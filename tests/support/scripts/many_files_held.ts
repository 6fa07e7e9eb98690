/**
 * Reads the files of the folder that its argument names, in the way that another argument names, and prints what of the
 * system's the process held of them meanwhile and after.
 */
import process from "node:process";
import { col, type RecordBatchStream, type ScanOptions, scanParquet } from "spillway";
import { heldFiles, openFiles } from "../held_files.ts";

const folder = process.argv[2]!;
const way = process.argv[3]!;

const most = { descriptors: 0, maps: 0 };

function look(): void {
  const { descriptors, maps } = openFiles(folder);
  most.descriptors = Math.max(most.descriptors, descriptors);
  most.maps = Math.max(most.maps, maps);
}

/** Looks while something is awaited, too. */
async function lookDuring<Value>(work: Promise<Value>): Promise<Value> {
  let pending = true;
  const done = work.finally(() => pending = false);
  done.catch(() => {});
  while (pending) {
    look();
    await new Promise((resolve) => setTimeout(resolve));
  }
  return await done;
}

async function readAll(options: ScanOptions): Promise<number> {
  let rows = 0;
  for await (using batch of scanParquet(folder, options)) {
    rows += batch.numRows;
    look();
  }
  return rows;
}

async function readSome(options: ScanOptions, batches: number): Promise<RecordBatchStream> {
  const stream = scanParquet(folder, options);
  const reader = stream.getReader();
  for (let taken = 0; taken < batches; taken++) (await reader.read()).value?.release();
  reader.releaseLock();
  look();
  return stream;
}

const concurrency = 3;

/** Each gives a number that is the same every time. */
const ways: Record<string, () => Promise<number>> = {
  mapped: () => readAll({ concurrency }),
  read: () => readAll({ concurrency, io: "read" }),
  unordered: () => readAll({ concurrency, ordered: false }),
  tested: () => readAll({ concurrency, where: col("number").mod(2).eq(0) }),
  union: () => lookDuring(readAll({ concurrency, schema: "union" })),
  collected: async () => (await lookDuring(scanParquet(folder, { concurrency }).collect())).numRows,
  counted: () => lookDuring(scanParquet(folder, { concurrency, io: "read" }).count()),
  cancelled: async () => {
    for (const batches of [0, 1, 5, 40]) await (await readSome({}, batches)).cancel("enough");
    return 0;
  },
  left: async () => {
    for (let round = 0; round < 5; round++) for await (using _ of scanParquet(folder)) break;
    return 0;
  },
  aborted: async () => {
    for (const batches of [0, 1, 5, 40]) {
      const abort = new AbortController();
      const stream = await readSome({ signal: abort.signal, ordered: false }, batches);
      abort.abort(new Error("enough"));
      await stream.getReader().closed.catch(() => {});
    }
    return 0;
  },
  // Only the collector knows that nobody wants these any more.
  dropped: async () => {
    for (const batches of [1, 5, 40]) await readSome({}, batches);
    return 0;
  },
  explained: async () =>
    (await lookDuring(scanParquet(folder, { concurrency }).explain())).rows ?? 0,
};

await ways[way]!(); // threads start, code is compiled
const before = await heldFiles(folder);
most.descriptors = most.maps = 0;
const result = await ways[way]!();
const after = await heldFiles(folder);
console.log(JSON.stringify({ result, most, before, after }));
