/**
 * Three columns of sixty million rows in 100 files, and one of seven years by its folder.
 *
 * @module
 */

import { raceGoals, raceHeader, raceLines, raceNotes, raceOverFiles } from "../file_races.ts";
import { filesByYear } from "../many_files.ts";
import type { BenchCase } from "./case.ts";

/** Folders by the year of shipment, with and without a predicate that they decide. */
export const hundredFiles: BenchCase = {
  name: "hundred-files",
  async run({ rounds }) {
    const datasets = [await filesByYear("all"), await filesByYear("chosen")];
    const races = [];
    for (const dataset of datasets) {
      races.push({ dataset, race: await raceOverFiles({ dataset, rounds }) });
    }
    return {
      title: "lineitem SF10 in 100 files by year, 3 columns",
      header: raceHeader,
      lines: races.flatMap(({ dataset, race }) =>
        raceLines(race).map(([name = "", ...figures]) => [`${dataset.name}: ${name}`, ...figures])
      ),
      goals: races.flatMap(({ dataset, race }) =>
        raceGoals(race, 1.25).map((goal) => ({ ...goal, what: `${dataset.name}: ${goal.what}` }))
      ),
      notes: [
        ...raceNotes,
        ...datasets.map(({ name, rows }) => `${name}: ${rows.toLocaleString("en")} rows`),
        "the year is a column of the folders' names alone, not among the three",
      ],
    };
  },
};
