import { expect } from "@std/expect";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  ParallelStreamReader,
  type RecordBatchStream,
  type ScanOptions,
  scanParquet,
  type SpillwayBatch,
} from "spillway";
import { findFiles } from "../src/find/find_files.ts";
import { type TempDirectory, tempDirectory, test } from "./support/harness.ts";
import { holdReaddir } from "./support/held_readdir.ts";
import { writeNumbers } from "./support/number_files.ts";

/** Folders in one another. */
const depth = 12;
/** The folder that is being read when the search is cancelled. */
const heldAt = 4;

/** Each folder has a file of 100 numbers, and the next folder. */
function writeChain(directory: TempDirectory): string {
  let folder = directory.path;
  for (let level = 0; level < depth; level++) {
    writeNumbers(join(folder, "part.parquet"), 100 * level);
    folder = join(folder, "below");
    mkdirSync(folder);
  }
  return directory.path;
}

/** Lets all that is ready to go on do so, as often as it takes to read a chain of folders. */
async function turns(): Promise<void> {
  using directory = tempDirectory();
  await findFiles(writeChain(directory));
}

const enough = new Error("enough");

/** What is waited for, and what ends it: what it settles to then. */
interface Way {
  readonly begin: (paths: string, options: ScanOptions) => Promise<unknown>;
  readonly end: (abort: AbortController) => Promise<void> | void;
  readonly outcome: unknown;
}

const over = { done: true, value: undefined };
const aborted = { error: enough };
const abort = (controller: AbortController) => controller.abort(enough);

function aborting(begin: (stream: RecordBatchStream) => Promise<unknown>): Way {
  return {
    begin: (paths, options) => begin(scanParquet(paths, options)),
    end: abort,
    outcome: aborted,
  };
}

function cancelling(open: (stream: RecordBatchStream) => ReadableStream<SpillwayBatch>): Way {
  let reader: ReadableStreamDefaultReader<SpillwayBatch>;
  return {
    begin: (paths, options) => {
      reader = open(scanParquet(paths, options)).getReader();
      return reader.read();
    },
    end: () => reader.cancel("enough"),
    outcome: over,
  };
}

const ways: Readonly<Record<string, Way>> = {
  "cancelling a stream": cancelling((stream) => stream),
  "cancelling what a stream is piped through": cancelling((stream) =>
    stream.pipeThrough(
      new TransformStream<SpillwayBatch, SpillwayBatch>({}, {}, { highWaterMark: 0 }),
    )
  ),
  "cancelling both branches of a tee": (() => {
    let branches: ReadableStreamDefaultReader<SpillwayBatch>[];
    return {
      begin: async (paths, options) => {
        branches = scanParquet(paths, options).tee().map((branch) => branch.getReader());
        const [one] = await Promise.all(branches.map((branch) => branch.read()));
        return one;
      },
      end: async () => void await Promise.all(branches.map((branch) => branch.cancel())),
      outcome: over,
    };
  })(),
  "aborting a stream": aborting((stream) => stream.getReader().read()),
  "aborting rows": aborting((stream) => stream.rows().next()),
  "aborting schema()": aborting((stream) => stream.schema()),
  "aborting metadata()": aborting((stream) => stream.metadata()),
  "aborting explain()": aborting((stream) => stream.explain()),
  "aborting count()": aborting((stream) => stream.count()),
  "aborting max()": aborting((stream) => stream.max("number")),
  "aborting collect()": aborting((stream) => stream.collect()),
  "aborting collectParallel()": {
    begin: (paths, options) => new ParallelStreamReader(paths, options).collectParallel(),
    end: abort,
    outcome: aborted,
  },
};

for (const [name, { begin, end, outcome }] of Object.entries(ways)) {
  test(`${name} while files are looked for settles at once, and no other folder is read`, async () => {
    using directory = tempDirectory();
    const paths = writeChain(directory);
    using folders = holdReaddir(directory.path, heldAt);
    const controller = new AbortController();
    const settled = begin(paths, { signal: controller.signal }).catch((error) => ({ error }));
    await folders.reached;
    // The folder is still being read when these are over.
    await end(controller);
    expect(await settled).toEqual(outcome);
    expect(folders.count).toBe(heldAt);
    await folders.letGo();
    await turns();
    expect(folders.count).toBe(heldAt);
  });
}

test("files are looked for until nobody waits for them any more", async () => {
  using directory = tempDirectory();
  const paths = writeChain(directory);
  using folders = holdReaddir(directory.path, heldAt);
  const stream = scanParquet(paths);
  const plan = stream.explain();
  const reader = stream.getReader();
  const read = reader.read();
  await folders.reached;
  await reader.cancel();
  expect(await read).toEqual(over);
  await folders.letGo();
  expect((await plan).rows).toBe(100 * depth);
  // One folder more than there are files: the last is empty.
  expect(folders.count).toBe(depth + 1);
});

test("a search that was given up is begun anew when its files are asked for again", async () => {
  using directory = tempDirectory();
  const paths = writeChain(directory);
  using folders = holdReaddir(directory.path, heldAt);
  const stream = scanParquet(paths);
  const reader = stream.getReader();
  const read = reader.read();
  await folders.reached;
  await reader.cancel();
  await turns();
  const schema = stream.schema();
  await folders.letGo();
  expect((await schema).names).toEqual(["number", "text"]);
  expect(await read).toEqual(over);
  expect(folders.count).toBe(heldAt + depth + 1);
});

test("facts that are asked for after an abort reject with its reason", async () => {
  using directory = tempDirectory();
  const stream = scanParquet(writeChain(directory), { signal: AbortSignal.abort(enough) });
  await expect(stream.schema()).rejects.toBe(enough);
  await expect(stream.explain()).rejects.toBe(enough);
  await expect(stream.metadata()).rejects.toBe(enough);
});

test("an abort after a stream's end leaves its facts as they are", async () => {
  using directory = tempDirectory();
  const controller = new AbortController();
  const stream = scanParquet(writeChain(directory), { signal: controller.signal });
  for await (using _ of stream);
  controller.abort(enough);
  expect((await stream.schema()).names).toEqual(["number", "text"]);
  expect((await stream.explain()).rows).toBe(100 * depth);
});
