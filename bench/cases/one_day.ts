/**
 * One day of a file that is sorted by day.
 *
 * @module
 */

import { lineitem, orderedCopy } from "../data.ts";
import { laneHeader, laneLines, laneNotes, rivalGoals } from "../predicates/lines.ts";
import type { FileQuestion } from "../predicates/question.ts";
import { race } from "../predicates/race.ts";
import { predicateRacers } from "../predicates/racers.ts";
import type { BenchCase } from "./case.ts";

/** 2,586 of 6 million rows, which lie together: what statistics and the page index spare. */
export const oneDay: BenchCase = {
  name: "one-day",
  async run({ rounds, quick }) {
    const questions: readonly FileQuestion[] = [{
      name: "one day",
      path: (await orderedCopy("by-shipdate")).path,
      referencePath: (await lineitem(1)).path,
      columns: ["l_orderkey", "l_partkey", "l_extendedprice", "l_shipdate"],
      checksum: { column: "l_extendedprice", of: "hundredths" },
      predicate: {
        test: "between",
        column: "l_shipdate",
        low: { date: "1995-04-16" },
        high: { date: "1995-04-16" },
      },
    }];
    const lanes = await race(await predicateRacers({ hyparquet: !quick }), questions, rounds);
    const spillway = lanes.filter(({ racer }) => racer.side === "ours");
    return {
      title: "One day of lineitem SF1 sorted by l_shipdate, 4 columns",
      header: laneHeader,
      lines: laneLines(lanes, questions),
      goals: [
        ...rivalGoals(lanes, questions, 2),
        ...spillway.map(({ racer, checked: [answer] }) => ({
          what: `${racer.name}: bytes read of the 4 columns'`,
          measured: 100 * (answer?.bytesRead ?? NaN) / (answer?.bytesOfColumns ?? NaN),
          limit: 3,
          sense: "at most",
          unit: " %",
        } as const)),
      ],
      notes: laneNotes,
    };
  },
};
