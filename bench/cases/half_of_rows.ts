/**
 * A predicate that spares no reading: what filtering within the scan must never cost.
 *
 * @module
 */

import { runtimes } from "../contenders.ts";
import { lineitem } from "../data.ts";
import { laneHeader, laneLines, laneNotes } from "../predicates/lines.ts";
import type { FileQuestion } from "../predicates/question.ts";
import { laneRatio, race } from "../predicates/race.ts";
import { predicateRacers } from "../predicates/racers.ts";
import type { BenchCase } from "./case.ts";

/** Every other row of all 16 columns, here and there, against our own scan that is filtered after. */
export const halfOfRows: BenchCase = {
  name: "half-of-rows",
  async run({ rounds }) {
    const questions: readonly FileQuestion[] = [{
      name: "half of the rows",
      path: (await lineitem(1)).path,
      checksum: { column: "l_extendedprice", of: "hundredths" },
      predicate: { test: "le", column: "l_quantity", value: { decimal: "25" } },
    }];
    const lanes = await race(await predicateRacers({ unfused: true }), questions, rounds);
    const fused = lanes.filter(({ racer }) => racer.side === "ours");
    const unfused = lanes.filter(({ racer }) => racer.unfused);
    return {
      title: "Half of the rows of lineitem SF1, all 16 columns",
      header: laneHeader,
      lines: laneLines(lanes, questions),
      goals: runtimes.map((runtime, i) => {
        const [within, after] = [fused[i], unfused[i]];
        if (!within || !after) throw new Error("A contender is missing");
        return {
          what: `${runtime}: filtered after against filtered within`,
          measured: laneRatio(after, within, 0),
          limit: 1,
          sense: "at least",
          unit: " x",
        } as const;
      }),
      notes: [
        ...laneNotes,
        "filtered after: the same stages behind a stream that the scan can't look into",
        "hyparquet isn't asked: it makes an object of every row, which 3 million don't fit",
      ],
    };
  },
};
