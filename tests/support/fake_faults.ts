/**
 * Faults of which some tries end as none may, for tests of what a soak makes of it.
 *
 * @module
 */

import { openSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Fault, Outcome, Trial } from "../../soak/fault.ts";

let tried = 0;

/** Tries that are answered and refused in turns. What goes wrong does so in the third try of each process. */
function fake(name: string, thirdTry: (trial: Trial) => Promise<Outcome> | Outcome): Fault {
  return {
    name,
    times: 8,
    testTimes: 1,
    async try(trial) {
      tried++;
      if (tried === 3) return await thirdTry(trial);
      return tried % 2 === 0 ? "refused" : "answered";
    },
  };
}

/** The faults. */
export const faults: Readonly<Record<string, Fault>> = {
  harmless: fake("Nothing goes wrong", () => {
    console.log("What a try prints is not the soak's");
    return "answered";
  }),
  crashes: fake("The process is ended by a signal", () => {
    console.error("out of luck");
    process.kill(process.pid, "SIGABRT");
    return new Promise(() => setInterval(() => {}, 1_000));
  }),
  exits: fake("The process ends by itself", () => process.exit(0)),
  rejects: fake("A promise of which nobody knows is rejected", () => {
    Promise.reject(new Error("nobody looks"));
    return new Promise(() => setInterval(() => {}, 1_000));
  }),
  hangs: fake("The event loop stands still", () => {
    for (;;);
  }),
  wrong: fake("A row is wrong", () => {
    throw new Error("the row 5 is 6");
  }),
  leaks: fake("A descriptor stays open", ({ folder }) => {
    openSync(join(folder, "left open"), "w");
    return "answered";
  }),
};
