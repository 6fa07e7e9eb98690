/**
 * Reads the files of the folder that its argument names, in the way that another argument names, and prints what of the
 * system's the process held of them meanwhile and after.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import {
  col,
  MemoryManager,
  type RecordBatchStream,
  type ScanOptions,
  scanParquet,
} from "spillway";
import { collectGarbage } from "../harness.ts";

const folder = process.argv[2]!;
const way = process.argv[3]!;

/** What of the folder is open: files whose descriptor or map the process holds. */
function openFiles(): { descriptors: number; maps: number } {
  const maps = readFileSync("/proc/self/maps", "utf8").split("\n");
  return {
    descriptors:
      readdirSync("/proc/self/fd").filter((name) => target(name).startsWith(folder)).length,
    maps: maps.filter((line) => line.includes(folder)).length,
  };
}

function target(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "closed since it was listed";
  }
}

function threads(): number {
  return readdirSync("/proc/self/task").length;
}

const most = { descriptors: 0, maps: 0 };

function look(): void {
  const { descriptors, maps } = openFiles();
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
  explained: async () => (await lookDuring(scanParquet(folder, { concurrency }).explain())).rows!,
};

/** Gives finalizers and the library's threads the time they need, and no more. */
async function settled() {
  const held = () => {
    const { streamBytes } = MemoryManager.shared.currentUsage();
    return { ...openFiles(), streamBytes, threads: threads() };
  };
  for (let round = 0; round < 100; round++) {
    await collectGarbage();
    const { descriptors, maps, streamBytes } = held();
    if (descriptors + maps + streamBytes === 0) break;
  }
  return held();
}

await ways[way]!(); // threads start, code is compiled
const before = await settled();
most.descriptors = most.maps = 0;
const result = await ways[way]!();
const after = await settled();
console.log(JSON.stringify({ result, most, before, after }));
