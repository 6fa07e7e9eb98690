/**
 * A lookup of twenty keys.
 *
 * @module
 */

import { lineitem, orderedCopy } from "../data.ts";
import { laneHeader, laneLines, laneNotes, rivalGoals } from "../predicates/lines.ts";
import type { FileQuestion, Question } from "../predicates/question.ts";
import { race } from "../predicates/race.ts";
import { predicateRacers } from "../predicates/racers.ts";
import type { BenchCase } from "./case.ts";

/** Orders from all over the file, picked by a hash of the key; each is there. */
// deno-fmt-ignore
const keys = [
  124166, 598919, 1193316, 1313184, 1375556, 1857959, 2402916, 2572263, 3013415, 3187779,
  3528224, 3539907, 3912229, 4401029, 4414819, 4433700, 4468007, 4538372, 4656034, 5953986,
];

const lookup: Question = {
  name: "20 keys",
  checksum: { column: "l_extendedprice", of: "hundredths" },
  predicate: { test: "in", column: "l_orderkey", values: keys },
};

/** Some 80 of 6 million rows, all 16 columns, by Bloom filters and by the page index. */
export const twentyKeys: BenchCase = {
  name: "twenty-keys",
  async run({ rounds, quick }) {
    const referencePath = (await lineitem(1)).path;
    const questions: readonly FileQuestion[] = [
      {
        ...lookup,
        name: "shuffled, Bloom filters",
        path: (await orderedCopy("shuffled-bloom")).path,
        referencePath,
      },
      {
        ...lookup,
        name: "sorted, page index",
        path: (await orderedCopy("by-orderkey-indexed")).path,
        referencePath,
      },
    ];
    const lanes = await race(await predicateRacers({ hyparquet: !quick }), questions, rounds);
    return {
      title: "l_orderkey in 20 keys on copies of lineitem SF1, all 16 columns",
      header: laneHeader,
      lines: laneLines(lanes, questions),
      goals: rivalGoals(lanes, questions, 3),
      notes: laneNotes,
    };
  },
};
