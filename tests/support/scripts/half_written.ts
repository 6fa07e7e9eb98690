/**
 * Opens some hundred sinks and encoders, leaves each half-written, in every way there is, and prints what of the system's
 * the process held before and after, and what lies in the folder that its argument names.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import {
  encodeNdjson,
  encodeParquet,
  MemoryManager,
  type RecordBatchStream,
  scanParquet,
  writeCsv,
  writeParquet,
} from "spillway";
import { collectGarbage } from "../harness.ts";

const source = process.argv[2]!;
const folder = process.argv[3]!;
const rounds = Number(process.argv[4]);

const columns = ["id", "text", "bucket"];
let made = 0;
const path = () => `${folder}/${made++}`;

const ways: ((stream: RecordBatchStream) => Promise<void>)[] = [
  async (stream) => {
    const writer = writeParquet(path()).getWriter();
    const reader = stream.getReader();
    await writer.write((await reader.read()).value!);
    await writer.abort("enough");
    await reader.cancel();
  },
  // Only the collector knows that nobody wants these any more.
  async (stream) => {
    const writer = writeParquet(path(), { partitionBy: ["bucket"] }).getWriter();
    const reader = stream.getReader();
    await writer.write((await reader.read()).value!);
    await reader.cancel();
  },
  async (stream) => {
    const reader = stream.pipeThrough(encodeParquet({ rowGroupRows: 1_000 })).getReader();
    await reader.read();
  },
  async (stream) => {
    const reader = stream.pipeThrough(encodeNdjson()).getReader();
    await reader.read();
    await reader.cancel("enough");
  },
  async (stream) => {
    const sorted = writeParquet(path(), { sortingColumns: ["text"], maxFileRows: 100 });
    await stream.pipeTo(sorted).catch(() => {});
  },
  async (stream) => {
    const abort = new AbortController();
    const piped = stream.pipeTo(writeCsv(path(), { compression: "gzip" }), {
      signal: abort.signal,
    });
    await new Promise((resolve) => setTimeout(resolve, 2));
    abort.abort("enough");
    await piped.catch(() => {});
  },
  async (stream) => {
    const [one, two] = stream.tee();
    const writing = one.pipeTo(writeParquet(`${folder}/no/such/folder`)).catch(() => {});
    await two.cancel();
    await writing;
  },
];

async function run(sinks: number, atOnce: number): Promise<void> {
  for (let done = 0; done < sinks; done += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, async (_, at) => {
      const stream = scanParquet(source, { columns, batchSize: 2_000, memoryLimit: "2MB" });
      await ways[(done + at) % ways.length]!(stream);
    }));
  }
}

interface Held {
  readonly threads: number;
  readonly descriptors: number;
  readonly openFiles: number;
  readonly maps: number;
  readonly streamBytes: number;
  readonly left: readonly string[];
}

function held(): Held {
  const descriptors = readdirSync("/proc/self/fd");
  return {
    threads: readdirSync("/proc/self/task").length,
    descriptors: descriptors.length,
    openFiles: descriptors.filter((descriptor) => target(descriptor).startsWith(folder)).length,
    maps: readFileSync("/proc/self/maps", "utf8").trim().split("\n").length,
    streamBytes: MemoryManager.shared.currentUsage().streamBytes,
    left: readdirSync(folder),
  };
}

function target(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "closed since it was listed";
  }
}

/** Gives finalizers and the library's threads the time they need, and no more. */
async function settled(): Promise<Held> {
  for (let round = 0; round < 100; round++) {
    await collectGarbage();
    const { openFiles, streamBytes, left } = held();
    if (openFiles === 0 && streamBytes === 0 && left.length === 0) break;
  }
  return held();
}

await run(2 * ways.length, 4); // threads start, code is compiled
const before = await settled();
await run(rounds, 4);
const after = await settled();
console.log(JSON.stringify({ before, after }));
