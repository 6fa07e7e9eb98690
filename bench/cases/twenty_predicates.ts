/**
 * Twenty predicates in a row, twelve of TPC-H and eight of a service's log.
 *
 * @module
 */

import { lineitem, serviceLog } from "../data.ts";
import { laneNotes } from "../predicates/lines.ts";
import { logQuestions } from "../predicates/log.ts";
import { fastestRival, laneRatio, middle, race } from "../predicates/race.ts";
import type { FileQuestion } from "../predicates/question.ts";
import { predicateRacers } from "../predicates/racers.ts";
import { tpchQuestions } from "../predicates/tpch.ts";
import { geometricMean } from "../statistics.ts";
import { type Goal, seconds, times } from "../table.ts";
import type { BenchCase } from "./case.ts";

/** Each predicate against the rival that is the fastest at it. */
export const twentyPredicates: BenchCase = {
  name: "twenty-predicates",
  async run({ rounds }) {
    const { path: lines } = await lineitem(1);
    const { path: log } = await serviceLog();
    const questions: readonly FileQuestion[] = [
      ...tpchQuestions.map((question) => ({ ...question, path: lines })),
      ...logQuestions.map((question) => ({ ...question, path: log })),
    ];
    const lanes = await race(await predicateRacers(), questions, rounds);
    const spillway = lanes.filter(({ racer }) => racer.side === "ours");
    const against = spillway.map((lane) =>
      questions.map((_, question) => laneRatio(fastestRival(lanes, question), lane, question))
    );
    return {
      title: "Twenty predicates in a row",
      header: [
        "predicate",
        "rows",
        ...spillway.map(({ racer }) => racer.name),
        "fastest rival",
        "",
        ...spillway.map(({ racer }) => `against ${racer.name}`),
      ],
      lines: questions.map(({ name }, question) => {
        const rival = fastestRival(lanes, question);
        return [
          name,
          `${rival.checked[question]?.rows}`,
          ...spillway.map((lane) => seconds(middle(lane, question))),
          rival.racer.name,
          seconds(middle(rival, question)),
          ...against.map((ratios) => times(ratios[question] ?? NaN)),
        ];
      }),
      goals: spillway.flatMap(({ racer }, i) => {
        const ratios = against[i] ?? [];
        return [
          atLeast(`${racer.name}, geometric mean`, geometricMean(ratios), 1.5),
          atLeast(`${racer.name}, the slowest`, Math.min(...ratios), 0.9),
        ];
      }),
      notes: [
        ...laneNotes,
        "one process of a contender answers all twenty, one after the other",
        "hyparquet's filter has neither parts of texts nor two columns",
      ],
    };
  },
};

function atLeast(what: string, measured: number, limit: number): Goal {
  return { what, measured, limit, sense: "at least", unit: " x" };
}
