/**
 * `deno task bench [--case NAME] [--quick] [--sf10] [--sf40]`: sets everything up, measures, prints tables.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { boundary } from "./cases/boundary.ts";
import { boundedMemory } from "./cases/bounded_memory.ts";
import type { BenchCase } from "./cases/case.ts";
import { firstBatch } from "./cases/first_batch.ts";
import { firstBatchOfMany } from "./cases/first_batch_of_many.ts";
import { fullScan } from "./cases/full_scan.ts";
import { halfOfRows } from "./cases/half_of_rows.ts";
import { hundredFiles } from "./cases/hundred_files.ts";
import { memoryTable } from "./cases/memory_table.ts";
import { ndjsonResponse } from "./cases/ndjson_response.ts";
import { oneDay } from "./cases/one_day.ts";
import { oneGroup } from "./cases/one_row_group.ts";
import { rareWord } from "./cases/rare_word.ts";
import { readCsv } from "./cases/read_csv.ts";
import { readNdjson } from "./cases/read_ndjson.ts";
import { scaling } from "./cases/scaling.ts";
import { sinkMemory } from "./cases/sink_memory.ts";
import { sixteenFiles } from "./cases/sixteen_files.ts";
import { tenThousand } from "./cases/ten_thousand_files.ts";
import { tpch6 } from "./cases/tpch_6.ts";
import { twentyKeys } from "./cases/twenty_keys.ts";
import { twentyPredicates } from "./cases/twenty_predicates.ts";
import { writeBatches } from "./cases/write_batches.ts";
import { writeParquet } from "./cases/write_parquet.ts";
import { describeMachine } from "./machine.ts";
import { progress } from "./harness.ts";
import { formatResult } from "./table.ts";

/** Cases that have one name together. */
const groups: Readonly<Record<string, readonly BenchCase[]>> = {
  predicates: [oneDay, tpch6, rareWord, twentyKeys, halfOfRows, twentyPredicates],
  formats: [writeParquet, writeBatches, readCsv, readNdjson, ndjsonResponse, sinkMemory],
  "many-files": [sixteenFiles, hundredFiles, tenThousand, firstBatchOfMany, scaling],
};

const cases: readonly BenchCase[] = [
  fullScan,
  firstBatch,
  boundary,
  oneGroup,
  boundedMemory,
  memoryTable,
  ...Object.values(groups).flat(),
];

const usage = `deno task bench [--case NAME]... [--quick] [--sf10] [--sf40] [--rounds N]
  --case    ${cases.map(({ name }) => name).join(", ")},
            or ${Object.keys(groups).join(", ")} for all cases of that kind
  --quick   3 rounds instead of 7, without the slowest rivals
  --sf10    the bounded-memory case on 60 million rows (2.5 GB of disk) instead of 6 million
  --sf40    the memory table also on 240 million rows (10 GB of disk)
  --rounds  runs of each contender`;

try {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      case: { type: "string", multiple: true },
      quick: { type: "boolean", default: false },
      sf10: { type: "boolean", default: false },
      sf40: { type: "boolean", default: false },
      rounds: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) console.log(usage);
  else {
    const names = values.case ?? cases.map(({ name }) => name);
    const rounds = Number(values.rounds ?? (values.quick ? 3 : 7));
    const scale = values.sf10 ? 10 : 1;
    await bench(names, { rounds, quick: values.quick, scale, large: values.sf40 });
  }
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}

async function bench(
  names: readonly string[],
  context: Parameters<BenchCase["run"]>[0],
): Promise<void> {
  const chosen = names.flatMap((name) => {
    const found = groups[name] ?? cases.find((one) => one.name === name);
    if (!found) throw new Error(`There is no case ${name}\n${usage}`);
    return found;
  });
  console.log(await describeMachine());
  for (const one of chosen) {
    progress(`case ${one.name}`);
    const result = await one.run(context);
    progress("");
    console.log(formatResult(result));
  }
}
