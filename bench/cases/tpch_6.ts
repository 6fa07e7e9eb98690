/**
 * TPC-H's query 6 before its sum: three conditions, two columns.
 *
 * @module
 */

import { lineitem } from "../data.ts";
import { laneHeader, laneLines, laneNotes, rivalGoals } from "../predicates/lines.ts";
import { race } from "../predicates/race.ts";
import { predicateRacers } from "../predicates/racers.ts";
import { forecastRevenue } from "../predicates/tpch.ts";
import type { BenchCase } from "./case.ts";

/** 1.9 % of the rows, from all row groups: what reading the other columns late spares. */
export const tpch6: BenchCase = {
  name: "tpch-6",
  async run({ rounds, quick }) {
    const questions = [{ ...forecastRevenue, path: (await lineitem(1)).path }];
    const lanes = await race(await predicateRacers({ hyparquet: !quick }), questions, rounds);
    return {
      title: "TPC-H 6's predicate on lineitem SF1, l_extendedprice and l_discount",
      header: laneHeader,
      lines: laneLines(lanes, questions),
      goals: rivalGoals(lanes, questions, 1),
      notes: laneNotes,
    };
  },
};
