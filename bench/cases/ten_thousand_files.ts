/**
 * Files so small that opening them is most of the work.
 *
 * @module
 */

import { raceGoals, raceHeader, raceLines, raceNotes, raceOverFiles } from "../file_races.ts";
import { tenThousandFiles } from "../many_files.ts";
import type { BenchCase } from "./case.ts";

/** 1,000 rows and two columns of each of 10,000 files. */
export const tenThousand: BenchCase = {
  name: "ten-thousand-files",
  async run({ rounds }) {
    const race = await raceOverFiles({
      dataset: await tenThousandFiles({ listed: false }),
      rounds,
    });
    return {
      title: "10,000 files of 1,000 rows in 100 folders, l_orderkey and l_comment",
      header: raceHeader,
      lines: raceLines(race),
      goals: raceGoals(race, 2),
      notes: [...raceNotes, "the files are looked for within the time"],
    };
  },
};
