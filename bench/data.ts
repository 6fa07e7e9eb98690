/**
 * The files that are scanned, generated once, with the sums that a complete scan must give.
 *
 * @module
 */

import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { projectPath } from "../scripts/project.ts";
import type { ExpectedSums } from "./fingerprint.ts";
import type { ScanExtent } from "./report_line.ts";
import { exists, python, setUp, workFolder } from "./tools.ts";

/** TPC-H's scale factors in use: 6 million rows times the factor, 1 GB at 4 and 10 GB at 40. */
export type Scale = 1 | 4 | 10 | 40;

/** A file, or many, and what a scan of it gives. */
export interface Dataset {
  readonly name: string;
  /** The file, or the pattern of many. */
  readonly path: string;
  /** What is scanned of it; absent means all. */
  readonly extent?: ScanExtent;
  readonly rows: number;
  readonly fingerprint: ExpectedSums;
}

// TPC-H's generator is deterministic. These sums come from DuckDB's aggregates over its output;
// the rows and the sum of l_quantity are also those that the TPC-H specification's answers imply.
const contents: Record<Scale, { rows: number; fingerprint: ExpectedSums }> = {
  1: {
    rows: 6_001_215,
    fingerprint: {
      orderkey: 18_005_322_964_949,
      linenumber: 18_007_100,
      quantity: 15_307_879_500,
      shipdate: 55_810_723_358,
      returned: 1_478_870,
      comment: 158_997_209,
    },
  },
  // Of this one and of 40 only what the memory table needs.
  4: { rows: 23_996_604, fingerprint: { price: 91_785_910_750_379 } },
  10: {
    rows: 59_986_052,
    fingerprint: {
      orderkey: 1_799_465_265_420_123,
      linenumber: 179_934_396,
      quantity: 152_973_803_600,
      shipdate: 557_775_744_278,
      returned: 14_808_183,
      comment: 1_589_702_202,
    },
  },
  40: { rows: 240_012_290, fingerprint: { price: 917_743_535_723_418 } },
};

/** `SPILLWAY_BENCH_DATA` names a folder that has `sf1/` and `sf10/` already. */
export const dataFolder: string = Deno.env.get("SPILLWAY_BENCH_DATA") ?? join(workFolder, "data");

/** TPC-H's `lineitem` as tpchgen-cli writes it: Snappy, row groups of some 114,000 rows. */
export async function lineitem(scale: Scale): Promise<Dataset> {
  const path = await generate("lineitem", scale);
  return { name: `lineitem SF${scale}`, path, ...contents[scale] };
}

/** TPC-H's `orders` of SF1: 1.5 million rows of nine columns. */
export async function orders(): Promise<Dataset> {
  return {
    name: "orders SF1",
    path: await generate("orders", 1),
    rows: 1_500_000,
    fingerprint: {
      orderkey: 4_499_987_250_000,
      price: 22_682_930_644_746,
      comment: 72_770_808,
    },
  };
}

async function generate(table: "lineitem" | "orders", scale: Scale): Promise<string> {
  const path = join(dataFolder, `sf${scale}`, `${table}.parquet`);
  if (!(await exists(path))) {
    // Into a folder beside, then moved: a half-written file never looks like a whole one.
    const incoming = join(dataFolder, `sf${scale}.${Deno.pid}.tmp`);
    await mkdir(dirname(path), { recursive: true });
    const generator = join(dirname(await python()), "tpchgen-cli");
    const output = ["--output-dir", incoming];
    await setUp([generator, "parquet", "-s", `${scale}`, "-T", table, ...output]);
    await rename(join(incoming, `${table}.parquet`), path);
    await Deno.remove(incoming, { recursive: true });
  }
  return path;
}

/** A file's rows as text: CSV with a header, or a JSON object a line. */
export async function asText(original: Dataset, format: "csv" | "json"): Promise<Dataset> {
  const path = original.path.replace(/\.parquet$/, `.${format}`);
  if (!(await exists(path))) {
    await setUp([await python(), projectPath("bench/text_copy.py"), original.path, path, format]);
  }
  const name = `${original.name} as ${format === "csv" ? "CSV" : "NDJSON"}`;
  return { ...original, name, path };
}

/** The first rows of `lineitem` SF1 as an Arrow IPC stream, which JavaScript reads to batches. */
export async function firstMillion(): Promise<Dataset> {
  const { path: original } = await lineitem(1);
  const path = join(dataFolder, "sf1", "lineitem-first-million.arrows");
  if (!(await exists(path))) {
    const shape = ["1000000", "65536"];
    await setUp([await python(), projectPath("bench/ipc_copy.py"), original, path, ...shape]);
  }
  return {
    name: "the first million rows of lineitem",
    path,
    rows: 1_000_000,
    fingerprint: {
      orderkey: 499_706_269_684,
      linenumber: 3_000_464,
      quantity: 2_553_648_300,
      shipdate: 9_299_770_482,
      returned: 246_801,
      comment: 26_511_095,
    },
  };
}

/** The same rows in one single row group, with or without a page index. */
export async function oneRowGroup({ pageIndex }: { pageIndex: boolean }): Promise<Dataset> {
  const original = await lineitem(1);
  const suffix = pageIndex ? "1-group-indexed" : "1-group";
  const path = join(dataFolder, "sf1", `lineitem-${suffix}.parquet`);
  if (!(await exists(path))) {
    const script = projectPath("bench/one_row_group.py");
    await setUp([await python(), script, original.path, path, pageIndex ? "1" : "0"]);
  }
  const name = `one row group, ${pageIndex ? "with" : "without"} a page index`;
  return { ...original, name, path };
}

/** The copies of `lineitem` that predicates are asked of, and how DuckDB orders their rows. */
const sortings = {
  "by-shipdate": ["l_shipdate, l_orderkey, l_linenumber"],
  "by-orderkey-indexed": ["l_orderkey, l_linenumber"],
  // An order's lines together, but the orders as they fall: bounds of the key say nothing.
  "shuffled-bloom": ["md5_number_lower(l_orderkey::varchar), l_linenumber", "l_orderkey"],
} as const;

/**
 * The same rows in another order, in row groups of 128k rows, with a page index (and Bloom filters
 * of the order's key in the shuffled one).
 */
export async function orderedCopy(order: keyof typeof sortings): Promise<Dataset> {
  const original = await lineitem(1);
  const path = join(dataFolder, "sf1", `lineitem-${order}.parquet`);
  if (!(await exists(path))) {
    const script = projectPath("bench/ordered_copy.py");
    await setUp([await python(), script, original.path, path, ...sortings[order]]);
  }
  return { ...original, name: `lineitem SF1 ${order}`, path };
}

/** A web service's log: 5 million lines of a week, with a page index. */
export async function serviceLog(): Promise<{ readonly path: string }> {
  const path = join(dataFolder, "log", "service.parquet");
  if (!(await exists(path))) {
    await mkdir(dirname(path), { recursive: true });
    await setUp([await python(), projectPath("bench/log_file.py"), path, "5000000"]);
  }
  return { path };
}

/** Reads the file once, so that every contender finds it in the page cache. */
export async function warmPageCache({ path }: Dataset): Promise<void> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1 << 22);
  while (await file.read(buffer) !== null);
}
