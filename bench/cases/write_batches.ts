/**
 * Batches that JavaScript made, written as Parquet.
 *
 * @module
 */

import { javaScriptRival, ours, runtimes } from "../contenders.ts";
import { firstMillion, lineitem } from "../data.ts";
import { raceOfWrites, writeHeader, writeLines, writeNotes } from "../parquet_writes.ts";
import type { BenchCase } from "./case.ts";

/** The first million rows of `lineitem`, from apache-arrow's record batches in memory. */
export const writeBatches: BenchCase = {
  name: "write-batches",
  async run({ rounds }) {
    const contenders = [
      ...await Promise.all(
        runtimes.map((runtime) => ours(runtime, "write_batches.ts", { writes: true })),
      ),
      javaScriptRival("parquet-wasm", "write"),
      javaScriptRival("hyparquet-writer", "write"),
    ];
    const [original, dataset] = [await lineitem(1), await firstMillion()];
    const lanes = await raceOfWrites(contenders, { original, dataset, rounds });
    return {
      title: `${dataset.name} from JavaScript's batches to Parquet of Zstandard, all 16 columns`,
      header: writeHeader,
      lines: writeLines(lanes),
      goals: [],
      notes: [
        ...writeNotes,
        "write: from batches in memory to the file's close, with what a library makes of them first",
        "parquet-wasm has no choice of the level: it writes at level 1",
      ],
    };
  },
};
