import { expect } from "@std/expect";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { tempDirectory, test } from "./support/harness.ts";
import { writeNumbers } from "./support/number_files.ts";
import { runScript } from "./support/run_script.ts";

const onLinux = process.platform === "linux";

const files = 2_000;
/** More than it takes to finish with a file and to read another, and what the runtime reads for itself. */
const fewReads = 300;

test.skipIf(!onLinux)(
  "a scan that is ended in any phase reads no more than it is at, and leaves nothing behind",
  async () => {
    using directory = tempDirectory();
    const model = directory.file("part-0.parquet");
    writeNumbers(model, 0);
    const bytes = readFileSync(model);
    for (let part = 1; part < files; part++) {
      writeFileSync(directory.file(`part-${part}.parquet`), bytes);
    }
    const { code, stdout, stderr } = await runScript("cancel_phases", {
      args: [directory.path, `${fewReads}`],
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { ends, before, after } = JSON.parse(stdout);
    expect(Object.keys(ends).length).toBe(14);
    for (const [phase, { outcome, wanted, readsAfter }] of Object.entries<Ended>(ends)) {
      expect({ phase, outcome, few: readsAfter < fewReads }).toEqual({
        phase,
        outcome: wanted,
        few: true,
      });
    }
    expect(after).toMatchObject({ descriptors: 0, maps: 0, streamBytes: 0 });
    // What the runtimes start for waiting ends some seconds later.
    expect(after.threads).toBeLessThanOrEqual(before.threads + 16);
  },
);

interface Ended {
  readonly outcome: unknown;
  readonly wanted: string;
  readonly readsAfter: number;
}
