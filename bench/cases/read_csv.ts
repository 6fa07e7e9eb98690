/**
 * CSV to record batches.
 *
 * @module
 */

import { asText, lineitem } from "../data.ts";
import { raceOverText } from "../text_reads.ts";
import type { BenchCase } from "./case.ts";

/** `lineitem` as CSV with a header, in types that everybody finds out. */
export const readCsv: BenchCase = {
  name: "read-csv",
  async run({ rounds }) {
    const dataset = await asText(await lineitem(1), "csv");
    return {
      title: `${dataset.name} (773 MB) to batches, all 16 columns`,
      ...await raceOverText({ dataset, format: "csv", rounds }),
    };
  },
};
