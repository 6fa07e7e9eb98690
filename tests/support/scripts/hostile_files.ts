/**
 * Reads files of which bytes were changed, cut out or put in, in every way that there is, and prints how often that gave
 * rows. Arguments: a folder, the first seed, and the number of files. The file `at` in the folder holds the seed that it
 * is at, for when this process dies.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import {
  col,
  decodeArrow,
  decodeCsv,
  decodeNdjson,
  InternalError,
  InvalidHandleError,
  MmapParquetReader,
  type RecordBatchStream,
  scanArrow,
  scanCsv,
  scanNdjson,
  scanParquet,
  SpillwayError,
  type TextDecoding,
} from "spillway";
import { Random } from "../../../soak/random.ts";

/** More rows than these are not compared: a few bytes may stand for a billion. */
const MOST_ROWS = 2_000;

const data = "tests/data";
const files = {
  parquet: [
    `${data}/readings.parquet`,
    `${data}/generated/names.parquet`,
    `${data}/generated/codec_zstd.parquet`,
    `${data}/generated/nested_v2.parquet`,
  ],
  arrow: [`${data}/readings.arrow`, `${data}/generated/ipc_words.arrows`],
  csv: [`${data}/stations.csv`],
  ndjson: [`${data}/events.ndjson`],
} as const;

type Format = keyof typeof files;
type Rows = AsyncIterable<{ toArray(): unknown[] }>;

const [folder, firstSeed, count] = process.argv.slice(2);
let answered = 0;
for (let at = 0; at < Number(count); at++) {
  const seed = (Number(firstSeed) + at) >>> 0;
  writeFileSync(join(folder!, "at"), String(seed));
  const random = new Random(seed);
  const format = random.oneOf(["parquet", "parquet", "arrow", "csv", "ndjson"] as const);
  const path = join(folder!, `${at}.${format}`);
  const bytes = changed(readFileSync(random.oneOf<string>(files[format])), random);
  writeFileSync(path, bytes);
  const first = await rowsOf(() => scanned(format, path, "mmap"));
  const again = await rowsOf(() => scanned(format, path, "read"));
  const same = Math.min(first.length, again.length);
  for (let row = 0; row < same; row++) {
    if (first[row] !== again[row]) {
      throw new Error(`Row ${row} is ${first[row]}, then ${again[row]}`);
    }
  }
  if (first.length > 0) answered++;
  for (const other of otherWays(format, path, bytes, random)) await refusedOr(other);
}
console.log(JSON.stringify({ answered }));

/** The rows as texts, up to the first error. */
async function rowsOf(open: () => Rows): Promise<string[]> {
  const rows: string[] = [];
  await refusedOr(async () => {
    for await (const batch of open()) {
      for (const row of batch.toArray()) rows.push(textOf(row));
      if (rows.length > MOST_ROWS) break;
    }
  });
  return rows;
}

/** A row as text; some of all times that Arrow can hold are none that JavaScript can. */
function textOf(row: unknown): string {
  try {
    return String(row);
  } catch (error) {
    return String(error);
  }
}

/** Runs something that a hostile file may make fail, but not in any way. */
async function refusedOr(body: () => Promise<unknown>): Promise<void> {
  try {
    await body();
  } catch (error) {
    const clear = error instanceof SpillwayError && !(error instanceof InternalError) &&
      !(error instanceof InvalidHandleError);
    if (!clear) throw error;
  }
}

function scanned(format: Format, path: string, io: "mmap" | "read"): RecordBatchStream {
  const options = { memoryLimit: "8MB", io } as const;
  if (format === "parquet") return scanParquet(path, options);
  if (format === "arrow") return scanArrow(path, options);
  return format === "csv" ? scanCsv(path, options) : scanNdjson(path, options);
}

function* otherWays(
  format: Format,
  path: string,
  bytes: Uint8Array,
  random: Random,
): Generator<() => Promise<unknown>> {
  yield () => scanned(format, path, "mmap").count();
  if (format !== "parquet") {
    const decoding = { arrow: decodeArrow, csv: decodeCsv, ndjson: decodeNdjson }[format]();
    yield () => decoded(decoding, bytes, 1 + random.below(5_000));
    return;
  }
  yield () => scanParquet(path).explain();
  yield () => scanParquet(path).metadata();
  yield () => Promise.resolve().then(() => new MmapParquetReader(path).totalRows);
  yield () => scanParquet(path, { offset: random.below(200), limit: 10, dictionary: true }).count();
  const name = random.oneOf(["celsius", "station", "id", "ID", "a.b", "point"]);
  yield () =>
    scanParquet(path, { where: col(name).gt(3) }).count().catch((error: unknown) => {
      // The column may be of any type: the file says which.
      if (!(error instanceof TypeError)) throw error;
    });
}

async function decoded({ readable, writable }: TextDecoding, bytes: Uint8Array, size: number) {
  const writer = writable.getWriter();
  const pushed = (async () => {
    for (let at = 0; at < bytes.length; at += size) await writer.write(bytes.slice(at, at + size));
    await writer.close();
  })();
  const [read, wrote] = await Promise.allSettled([readable.count(), pushed]);
  if (read.status === "rejected") throw read.reason;
  if (wrote.status === "rejected") throw wrote.reason;
}

/** The bytes with a few changes, near the end more often than elsewhere: footers are there. */
function changed(bytes: Uint8Array, random: Random): Uint8Array {
  let all = Uint8Array.from(bytes);
  for (let change = 0; change <= random.below(3); change++) {
    const near = random.below(2) === 0 ? Math.min(all.length, 700) : all.length;
    const at = Math.max(0, all.length - 1 - random.below(near));
    const length = 1 + random.below(1 + random.below(40));
    const kind = random.below(6);
    if (kind < 3) {
      all[at] = random.oneOf([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
    } else if (kind === 3) {
      all.fill(random.below(256), at, at + length);
    } else {
      const rest = all.subarray(kind === 4 ? at + length : at);
      const added = kind === 4 ? [] : Array.from({ length }, () => random.below(256));
      all = Uint8Array.from([...all.subarray(0, at), ...added, ...rest]);
    }
  }
  return random.below(15) === 0 ? all.subarray(0, random.below(all.length)) : all;
}
