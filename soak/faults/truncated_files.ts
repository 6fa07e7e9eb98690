import { copyFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { scanParquet, SpillwayError } from "spillway";
import { fixture } from "../../tests/support/fixtures.ts";
import type { Fault } from "../fault.ts";

/** Another process shortens a file while it is read by a map: each access beyond its end raises SIGBUS. */
export const truncatedFiles: Fault = {
  name: "Files cut off while they are scanned",
  times: 200,
  testTimes: 10,
  async try({ random, folder }) {
    const path = join(folder, "cut.parquet");
    copyFileSync(fixture("one_row_group"), path);
    const { size } = statSync(path);
    const cutAfter = random.below(30);
    let batches = 0;
    try {
      for await (using batch of scanParquet(path, { memoryLimit: "4MB" })) {
        if (batch.numRows === 0) throw new Error("An empty batch");
        if (batches++ === cutAfter) truncateSync(path, random.below(size));
      }
      return "answered";
    } catch (error) {
      if (error instanceof SpillwayError) return "refused";
      throw error;
    }
  },
};
