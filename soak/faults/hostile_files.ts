import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runScript } from "../../tests/support/run_script.ts";
import type { Fault } from "../fault.ts";

/** Files of one try, which a process of its own reads: one that dies must not take the others with it. */
const FILES = 100;

/** Files of all formats with other bytes than their writers wrote, read in every way. */
export const hostileFiles: Fault = {
  name: "A hundred files with changed bytes",
  times: 50,
  testTimes: 1,
  async try({ random, folder }) {
    const seed = random.below(2 ** 32);
    const { code, stdout, stderr } = await runScript("hostile_files", {
      args: [folder, String(seed), String(FILES)],
    });
    if (code !== 0) {
      const at = readFileSync(join(folder, "at"), "utf8");
      throw new Error(`The file of seed ${at} ended the process, by ${code}: ${stderr}`);
    }
    const { answered } = JSON.parse(stdout) as { answered: number };
    if (answered === 0) throw new Error("No file of a hundred gave rows");
    return answered === FILES ? "answered" : "refused";
  },
};
