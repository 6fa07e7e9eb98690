import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import {
  type RecordBatchStream,
  scanArrow,
  scanCsv,
  scanNdjson,
  type ScanOptions,
  scanParquet,
  writeArrow,
  writeCsv,
  writeNdjson,
  writeParquet,
} from "spillway";
import { fixture } from "../tests/support/fixtures.ts";

/** What scans of every format may be told. */
export type SourceOptions = Pick<
  ScanOptions,
  "columns" | "limit" | "memoryLimit" | "offset" | "signal" | "where" | "zeroCopy"
>;

/** Something to scan, of which all rows are known: those of `tests/support/sequence.ts`. */
export interface Source {
  readonly rows: number;
  /** The columns that it has. */
  readonly columns: readonly string[];
  /** Where its files are. */
  readonly path: string;
  scan(options?: SourceOptions): RecordBatchStream;
}

/** Sources by their names. */
export interface Sources {
  readonly parquet: Source;
  readonly rowGroup: Source;
  readonly manyFiles: Source;
  readonly csv: Source;
  readonly gzippedCsv: Source;
  readonly ndjson: Source;
  readonly arrow: Source;
}

const rows = 50_000;
const columns = ["id", "bucket", "text", "price", "flag"];

let made: Promise<Sources> | null = null;

/** All sources, which are written the first time, and removed when the process ends. */
export function sources(): Promise<Sources> {
  return made ??= make();
}

/** Where the sources' files are. */
export async function sourceFolders(): Promise<readonly string[]> {
  const folders = Object.values(await sources()).map(({ path }) => dirname(path));
  return [...new Set(folders)];
}

async function make(): Promise<Sources> {
  const folder = mkdtempSync(join(tmpdir(), "spillway-sources-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  const all = () => scanParquet(fixture("sequence"), { columns, limit: rows });
  await Promise.all([
    all().pipeTo(writeParquet(path("many"), { maxFileRows: 1_000 })),
    all().pipeTo(writeCsv(path("rows.csv"))),
    all().pipeTo(writeCsv(path("rows.csv.gz"))),
    all().pipeTo(writeNdjson(path("rows.ndjson"))),
    all().pipeTo(writeArrow(path("rows.arrow"))),
  ]);
  const of = (
    name: string,
    scan: (path: string, options?: SourceOptions) => RecordBatchStream,
  ) => ({
    rows,
    columns,
    path: path(name),
    scan: (options?: SourceOptions) => scan(path(name), options),
  });
  const fixed = (name: string, rows: number, io: "mmap" | "read") => ({
    rows,
    columns: [...columns, "maybe", "point"],
    path: fixture(name),
    scan: (options?: SourceOptions) => scanParquet(fixture(name), { io, ...options }),
  });
  return {
    parquet: fixed("sequence", 100_000, "mmap"),
    rowGroup: fixed("one_row_group", 400_000, "read"),
    manyFiles: of("many", (path, options) => scanParquet(`${path}/`, options)),
    csv: of("rows.csv", (path, options) => scanCsv(path, options)),
    gzippedCsv: of("rows.csv.gz", (path, options) => scanCsv(path, options)),
    ndjson: of("rows.ndjson", (path, options) => scanNdjson(path, options)),
    arrow: of("rows.arrow", (path, options) => scanArrow(path, options)),
  };
}
