/**
 * Lanes as lines of a table and as goals.
 *
 * @module
 */

import { type Goal, mebibytes, seconds, times } from "../table.ts";
import { fastestRival, type Lane, laneRatio, middle } from "./race.ts";
import type { FileQuestion } from "./question.ts";

/** The table's header over {@linkcode laneLines}. */
export const laneHeader: readonly string[] = [
  "contender",
  "answer",
  "fastest",
  "against Spillway on Deno",
  "bytes read",
];

/** A line for each question and lane. */
export function laneLines(
  lanes: readonly Lane[],
  questions: readonly FileQuestion[],
): string[][] {
  const [first] = lanes;
  if (!first) throw new Error("A race without contenders");
  return questions.flatMap(({ name }, question) =>
    lanes.map((lane) => [
      questions.length > 1 ? `${name}: ${lane.racer.name}` : lane.racer.name,
      seconds(middle(lane, question)),
      seconds(Math.min(...lane.seconds[question] ?? [])),
      times(laneRatio(lane, first, question)),
      mebibytes(lane.checked[question]?.bytesRead ?? NaN),
    ])
  );
}

/** How many times as long as ours the fastest rival takes, for each question and runtime. */
export function rivalGoals(
  lanes: readonly Lane[],
  questions: readonly FileQuestion[],
  limit: number,
): Goal[] {
  return questions.flatMap(({ name }, question) => {
    const rival = fastestRival(lanes, question);
    return lanes.filter(({ racer }) => racer.side === "ours").map((lane) => ({
      what: `${name}: ${rival.racer.name} against ${lane.racer.name}`,
      measured: laneRatio(rival, lane, question),
      limit,
      sense: "at least",
      unit: " x",
    } as const));
  });
}

/** What a reader of every such table must know. */
export const laneNotes: readonly string[] = [
  "answer: in the process, from the call to the last batch; imports are excluded for all",
  "every contender's rows and a column's sum were the same as DuckDB's aggregates over the original",
];
