/**
 * A Parquet file copied with another compression.
 *
 * @module
 */

import { ours, pythonRival, runtimes } from "../contenders.ts";
import { lineitem } from "../data.ts";
import { raceOfWrites, writeHeader, writeLines, writeNotes } from "../parquet_writes.ts";
import type { BenchCase } from "./case.ts";

/** `lineitem` from Snappy to Zstandard: read, encoded and written. */
export const writeParquet: BenchCase = {
  name: "write-parquet",
  async run({ rounds }) {
    const contenders = [
      ...await Promise.all(
        runtimes.map((runtime) => ours(runtime, "write_parquet.ts", { writes: true })),
      ),
      await pythonRival("Polars", "write"),
      await pythonRival("DuckDB", "write"),
      await pythonRival("pyarrow", "write"),
    ];
    const dataset = await lineitem(1);
    const lanes = await raceOfWrites(contenders, { original: dataset, dataset, rounds });
    return {
      title: "lineitem SF1 from Parquet to Parquet of Zstandard, all 16 columns",
      header: writeHeader,
      lines: writeLines(lanes),
      goals: [],
      notes: [...writeNotes, "write: in the process, from the call to the file's close"],
    };
  },
};
