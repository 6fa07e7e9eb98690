/**
 * Every row of all 16 columns, out of 16 files.
 *
 * @module
 */

import { runtimes } from "../contenders.ts";
import {
  raceGoals,
  raceHeader,
  raceLines,
  raceNotes,
  raceOverFiles,
  scanSeconds,
  variant,
} from "../file_races.ts";
import { slices } from "../many_files.ts";
import { pairedRatio } from "../statistics.ts";
import type { BenchCase } from "./case.ts";

/** The full scan of many files against the rivals, and against the same rows in one file. */
export const sixteenFiles: BenchCase = {
  name: "sixteen-files",
  async run({ rounds }) {
    const dataset = await slices({ files: 16 });
    const oneFile = await slices({ files: 1 });
    const aside = await Promise.all(
      runtimes.map((runtime) => variant(runtime, oneFile.name, { dataset: oneFile })),
    );
    const race = await raceOverFiles({ dataset, rounds, aside });
    return {
      title: "Full scan of lineitem SF1 in 16 files, all 16 columns",
      header: raceHeader,
      lines: raceLines(race),
      goals: [
        ...raceGoals(race, 1.25),
        ...race.spillway.map((one, i) => ({
          what: `${one.contender.name}, against one file`,
          measured: pairedRatio(scanSeconds(one), scanSeconds(race.aside[i])),
          limit: 1.05,
          sense: "at most",
          unit: " x",
        } as const)),
      ],
      notes: [
        ...raceNotes,
        "one file: the same rows written by the same writer, with row groups of the same size",
      ],
    };
  },
};
