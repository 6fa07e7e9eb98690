/**
 * `lineitem` in many files, generated once, with the sums that a scan of them must give.
 *
 * The sums over parts of the rows come from DuckDB's aggregates over the original file.
 *
 * @module
 */

import { join } from "node:path";
import { projectPath } from "../scripts/project.ts";
import { dataFolder, type Dataset, lineitem } from "./data.ts";
import { exists, python, setUp } from "./tools.ts";

/** SF1's rows in files of equal size, or all of them in one that is written in the same way. */
export async function slices({ files }: { files: 1 | 16 }): Promise<Dataset> {
  const original = await lineitem(1);
  const folder = join(dataFolder, "sf1", `lineitem-${files}-files`);
  await unlessThere(folder, "sliced_files.py", [original.path, folder, `${files}`, "0"]);
  const name = files === 1 ? "one file" : `${files} files`;
  return { ...original, name, path: join(folder, "*.parquet") };
}

/** The rows of 1998 are 11.4 % of all, the least of a year. */
const chosenYear = 1998;

const byYear = {
  all: {
    rows: 59_986_052,
    fingerprint: {
      orderkey: 1_799_465_265_420_123,
      price: 229_381_315_677_336,
      shipdate: 557_775_744_278,
    },
  },
  chosen: {
    rows: 6_849_245,
    fingerprint: {
      orderkey: 205_324_900_490_286,
      price: 26_196_128_437_385,
      shipdate: 71_001_028_966,
    },
  },
} as const;

/** Three columns of SF10 in 100 files, in a folder for each year of shipment: all, or one year. */
export async function filesByYear(which: keyof typeof byYear): Promise<Dataset> {
  const { path: original } = await lineitem(10);
  const folder = join(dataFolder, "sf10", "lineitem-by-year");
  await unlessThere(folder, "files_by_year.py", [original, folder, "620000"]);
  const columns = ["l_orderkey", "l_extendedprice", "l_shipdate"];
  const partition = { column: "year", value: chosenYear };
  return {
    name: which === "all" ? "all years" : `year = ${chosenYear}`,
    path: join(folder, "*", "*.parquet"),
    extent: which === "all" ? { columns } : { columns, partition },
    ...byYear[which],
  };
}

/** Two columns of SF10's first ten million rows: 1,000 in each of 10,000 files, in 100 folders. */
export async function tenThousandFiles({ listed }: { listed: boolean }): Promise<Dataset> {
  const { path: original } = await lineitem(10);
  const folder = join(dataFolder, "sf10", "lineitem-10000-files");
  const shape = ["10000", "100", "10000000"];
  await unlessThere(folder, "sliced_files.py", [original, folder, ...shape]);
  return {
    name: "10,000 files",
    path: join(folder, "*", "*.parquet"),
    extent: { columns: ["l_orderkey", "l_comment"], listed },
    rows: 10_000_000,
    fingerprint: { orderkey: 49_998_953_959_981, comment: 264_974_889 },
  };
}

/** Runs a script that writes a folder, which it moves into place once all is written. */
async function unlessThere(folder: string, script: string, args: readonly string[]): Promise<void> {
  if (await exists(folder)) return;
  await setUp([await python(), projectPath(`bench/${script}`), ...args]);
}
