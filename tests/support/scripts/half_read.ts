/**
 * Opens the file that its argument names some hundred times, drops each stream half-read, in every way there is, and
 * prints what of the system's the process held before and after.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { MemoryManager, type RecordBatchStream, scanParquet } from "spillway";
import { collectGarbage } from "../harness.ts";

const path = process.argv[2]!;
const rounds = Number(process.argv[3]);

const ways: ((stream: RecordBatchStream, abort: AbortController) => Promise<void>)[] = [
  async (stream) => {
    for await (using _ of stream) break;
  },
  async (stream) => {
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel("enough");
  },
  async (stream, abort) => {
    const reader = stream.getReader();
    await reader.read();
    abort.abort(new Error("enough"));
    await reader.read().catch(() => {});
  },
  // Only the collector knows that nobody wants these any more.
  async (stream) => {
    const reader = stream.getReader();
    await reader.read();
    await reader.read();
    reader.releaseLock();
  },
  async (stream) => {
    await stream.schema();
  },
  async (stream) => {
    const failing = async () => {
      for await (const batch of stream) {
        throw new Error(`the consumer failed on ${batch.numRows} rows`);
      }
    };
    await failing().catch(() => {});
  },
  async (stream) => {
    const [one, two] = stream.tee();
    const reader = one.getReader();
    await reader.read();
    await Promise.all([reader.cancel(), two.cancel()]);
  },
  async (stream) => {
    const pending = stream.getReader();
    const read = pending.read();
    await pending.cancel();
    await read;
  },
];

async function run(streams: number, atOnce: number): Promise<void> {
  for (let done = 0; done < streams; done += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, async (_, at) => {
      const abort = new AbortController();
      const io = (done + at) % 16 < 8 ? "mmap" : "read";
      const stream = scanParquet(path, { signal: abort.signal, memoryLimit: "8MB", io });
      await ways[(done + at) % ways.length]!(stream, abort);
    }));
  }
}

interface Held {
  readonly threads: number;
  readonly descriptors: number;
  readonly fileDescriptors: number;
  readonly fileMaps: number;
  readonly maps: number;
  readonly streamBytes: number;
}

function held(): Held {
  const descriptors = readdirSync("/proc/self/fd");
  const maps = readFileSync("/proc/self/maps", "utf8").trim().split("\n");
  return {
    threads: readdirSync("/proc/self/task").length,
    descriptors: descriptors.length,
    fileDescriptors: descriptors.filter((descriptor) => target(descriptor) === path).length,
    fileMaps: maps.filter((line) => line.endsWith(path)).length,
    maps: maps.length,
    streamBytes: MemoryManager.shared.currentUsage().streamBytes,
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
    const { fileMaps, streamBytes } = held();
    if (fileMaps === 0 && streamBytes === 0) break;
  }
  return held();
}

await run(2 * ways.length, 4); // threads start, code is compiled
const before = await settled();
await run(rounds, 4);
const after = await settled();
console.log(JSON.stringify({ before, after }));
