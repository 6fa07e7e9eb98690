/**
 * Scans, and writes, what its arguments name, and ends in the middle of that, in the way that they say, so many milliseconds
 * after the first batch.
 */
import process from "node:process";
import {
  col,
  encodeNdjson,
  type RecordBatchStream,
  scanArrow,
  scanCsv,
  scanNdjson,
  scanParquet,
  writeParquet,
} from "spillway";

const [way = "", scanned = "", path = "", folder = "", delay = "0"] = process.argv.slice(2);
const delayMs = Number(delay);
const memoryLimit = "8MiB";

const scans: Readonly<Record<string, () => RecordBatchStream>> = {
  parquet: () => scanParquet(path, { memoryLimit }),
  predicate: () => scanParquet(path, { where: col("text").ne("none"), memoryLimit }),
  many: () => scanParquet(`${path}/`, { memoryLimit, schema: "union" }),
  csv: () => scanCsv(path, { memoryLimit }),
  ndjson: () => scanNdjson(path, { memoryLimit }),
  arrow: () => scanArrow(path, { memoryLimit }),
};
const scan = scans[scanned]!;
const held: unknown[] = [];

/** Bun may not exit for an unhandled rejection or error while `setImmediate` is called again and again, by whomever. */
let endless = true;

/** Reads again and again, holding on to some batches: most of what the process does goes on natively. */
async function readOn(): Promise<void> {
  do {
    for await (const batch of scan()) {
      held.push(batch);
      if (held.length > 8) held.shift();
    }
  } while (endless);
}

/** Reads the first batch, and leaves the rest. */
async function readOne(): Promise<void> {
  const reader = scan().getReader();
  held.push(reader, await reader.read());
  reader.read();
}

async function write(): Promise<void> {
  await scan().pipeTo(writeParquet(`${folder}/out`, { memoryLimit }));
}

async function encode(): Promise<void> {
  const reader = scan().pipeThrough(encodeNdjson({ memoryLimit })).getReader();
  while (!(await reader.read()).done);
}

const ends: Readonly<Record<string, () => void>> = {
  exit: () => process.exit(7),
  runtimeExit: () => "Deno" in globalThis ? Deno.exit(7) : process.exit(7),
  exitCode: () => void (process.exitCode = 7),
  uncaught: () => {
    endless = false;
    throw new Error("the program is wrong");
  },
  unhandled: () => {
    endless = false;
    Promise.reject(new Error("the program is wrong"));
  },
  SIGTERM: () => void process.kill(process.pid, "SIGTERM"),
  SIGINT: () => void process.kill(process.pid, "SIGINT"),
  nothing: () => {},
};

if (way === "nothing" || way === "exitCode") {
  await readOne();
  ends[way]!();
} else {
  const running = [readOn(), readOn(), write(), encode()];
  for (const promise of running) promise.catch(() => {});
  if (delayMs === 0) ends[way]!();
  else setTimeout(ends[way]!, delayMs);
}
