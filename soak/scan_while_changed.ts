import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  col,
  EmptyFileError,
  FileChangedError,
  FileNotFoundError,
  NotParquetError,
  type RecordBatchStream,
  scanArrow,
  scanCsv,
  scanNdjson,
  type ScanOptions,
  scanParquet,
  SpillwayError,
  TruncatedFileError,
} from "spillway";
import { type ChangeKind, changeKinds, keepsOpenFiles } from "./change.ts";
import { ChangeLater } from "./change_later.ts";
import type { Outcome, Trial } from "./fault.ts";
import { extension, type Format, numberedFile, otherFile, type Storage } from "./numbered_files.ts";
import { numberedColumns, NumberedRows } from "./numbered_rows.ts";
import type { Random } from "./random.ts";

const ROWS = 60_000;
/** Changes come so many microseconds after the start, at most: scans take about as long. */
const LATEST_MICROS = 50_000;
/** Long before all tests, so that what is written later has another time, however coarse the clock. */
const WRITTEN = new Date("2001-02-03T04:05:06Z");

/** What a file may be found to be that was changed before it was opened. */
const foundWhenOpened = [EmptyFileError, FileNotFoundError, NotParquetError, TruncatedFileError];

type Options = Pick<ScanOptions, "batchSize" | "columns" | "io" | "memoryLimit" | "where">;

const scans: Readonly<
  Record<Format, (paths: string | readonly string[], options: Options) => RecordBatchStream>
> = { parquet: scanParquet, arrow: scanArrow, csv: scanCsv, ndjson: scanNdjson };

/**
 * Scans files, one of which another thread changes at some moment.
 *
 * @param trial Decides which file is changed, how and when, and how they are scanned
 * @param storage How they are stored
 * @param files How many there are
 * @returns Whether all rows came, or the change was told
 * @throws {Error} For any other rows, and for any other error
 */
export async function scanWhileChanged(
  { random, folder }: Trial,
  storage: Storage,
  files: number,
): Promise<Outcome> {
  const kind = random.oneOf(changeKinds);
  // A file that is being overwritten when it is opened has no time of its own yet: that one is open by then.
  const file = kind.startsWith("overwrite") ? 0 : random.below(files);
  const paths = await writeFiles(folder, storage, files);
  const path = paths[file]!;
  const bytes = await numberedFile(storage, ...rowsOf(file, files));
  const other = join(folder, "other");
  writeFileSync(other, otherFile(bytes, storage));
  const { first, options } = anyOptions(random);
  const rows = new NumberedRows(first, ROWS / files);
  const delayMicros = Math.floor(LATEST_MICROS ** random.number());
  const length = random.below(bytes.length);
  await using change = await ChangeLater.prepare({ kind, path, other, length }, delayMicros);
  try {
    const stream = scans[storage.format](files === 1 ? path : paths, options);
    // Its first file is open then.
    await stream.schema();
    change.begin();
    const { io, where } = options;
    const isMapped = storage.format === "arrow" && io === "mmap" && where === undefined;
    await readAll(stream, rows, isMapped);
    expectWhole(rows, first, files);
    const mayBeNew = kind === "replace" && file > 0 ? file : null;
    expectOld(rows, files, mayBeNew);
  } catch (error) {
    if (isRefusal(error, { kind, path, isOpen: file === 0 })) return "refused";
    const { format, compression } = storage;
    const what = JSON.stringify({ kind, format, compression, delayMicros, ...options });
    throw new Error(`${what}: ${error}`, { cause: error });
  }
  return "answered";
}

async function writeFiles(folder: string, storage: Storage, files: number): Promise<string[]> {
  const paths: string[] = [];
  for (let file = 0; file < files; file++) {
    const path = join(folder, `${String(file).padStart(2, "0")}.${extension(storage)}`);
    writeFileSync(path, await numberedFile(storage, ...rowsOf(file, files)));
    utimesSync(path, WRITTEN, WRITTEN);
    paths.push(path);
  }
  return paths;
}

function rowsOf(file: number, files: number): [start: number, end: number] {
  return [file * ROWS / files, (file + 1) * ROWS / files];
}

/** How files are scanned, and the first row that is wanted. */
function anyOptions(random: Random): { first: number; options: Options } {
  const options: Options = {
    io: random.oneOf(["mmap", "mmap", "read"]),
    memoryLimit: random.oneOf(["4MB", "64MB"]),
    columns: numberedColumns,
    batchSize: random.oneOf([1_000, 10_000]),
  };
  const first = random.oneOf([0, ROWS / 3]);
  const isFirst = col("id").ge(first);
  const where = random.oneOf([null, isFirst, col("text").like("% %").and(isFirst)]);
  return where === null ? { first: 0, options } : { first, options: { ...options, where } };
}

/**
 * Reads and checks all rows.
 *
 * @param isMapped Whether batches show a mapped file as it is: a batch may change while it is looked at then, and what
 *   counts is that the stream does not end as if nothing had happened
 */
async function readAll(
  stream: RecordBatchStream,
  rows: NumberedRows,
  isMapped: boolean,
): Promise<void> {
  let wrong: unknown;
  for await (using batch of stream) {
    try {
      if (wrong === undefined) rows.take(batch);
    } catch (error) {
      if (!isMapped) throw error;
      wrong = error;
    }
  }
  if (wrong !== undefined) throw wrong;
}

function expectWhole(rows: NumberedRows, first: number, files: number): void {
  if (rows.next !== ROWS) {
    throw new Error(`${rows.next - first} rows of ${files} files, not ${ROWS - first}`);
  }
}

function expectOld(rows: NumberedRows, files: number, mayBeNew: number | null): void {
  for (let file = 0; file < files; file++) {
    if (rows.isNew(file) && file !== mayBeNew) throw new Error(`Rows of file ${file} are new`);
  }
}

function isRefusal(
  error: unknown,
  { kind, path, isOpen }: { kind: ChangeKind; path: string; isOpen: boolean },
): boolean {
  if (!(error instanceof SpillwayError) || error.path !== path) return false;
  if (error instanceof FileChangedError) return !keepsOpenFiles(kind);
  return !isOpen && foundWhenOpened.some((found) => error instanceof found);
}
