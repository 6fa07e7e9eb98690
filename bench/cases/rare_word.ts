/**
 * A word that few comments hold.
 *
 * @module
 */

import { lineitem } from "../data.ts";
import { laneHeader, laneLines, laneNotes, rivalGoals } from "../predicates/lines.ts";
import type { FileQuestion } from "../predicates/question.ts";
import { race } from "../predicates/race.ts";
import { predicateRacers } from "../predicates/racers.ts";
import type { BenchCase } from "./case.ts";

/** 64 of 6 million rows, all 16 columns: a search through every text, and little else to decode. */
export const rareWord: BenchCase = {
  name: "rare-word",
  async run({ rounds }) {
    const questions: readonly FileQuestion[] = [{
      name: "rare word",
      path: (await lineitem(1)).path,
      checksum: { column: "l_comment", of: "bytes" },
      predicate: { test: "contains", column: "l_comment", text: "Tiresias;" },
    }];
    const lanes = await race(await predicateRacers(), questions, rounds);
    return {
      title: 'Comments of lineitem SF1 that contain "Tiresias;", all 16 columns',
      header: laneHeader,
      lines: laneLines(lanes, questions),
      goals: rivalGoals(lanes, questions, 1),
      notes: [...laneNotes, "hyparquet's filter has no parts of texts"],
    };
  },
};
