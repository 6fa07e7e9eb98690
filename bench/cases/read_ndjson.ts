/**
 * NDJSON to record batches.
 *
 * @module
 */

import { asText, orders } from "../data.ts";
import { raceOverText } from "../text_reads.ts";
import type { BenchCase } from "./case.ts";

/** `orders`, an object a line, with dates as texts. */
export const readNdjson: BenchCase = {
  name: "read-ndjson",
  async run({ rounds }) {
    const dataset = await asText(await orders(), "json");
    const { notes = [], ...result } = await raceOverText({ dataset, format: "ndjson", rounds });
    return {
      title: `${dataset.name} (379 MB) to batches, all 9 columns`,
      ...result,
      notes: [
        ...notes,
        "DuckDB is told all types and pyarrow the date's, or they would look for dates in texts",
      ],
    };
  },
};
