import { readdirSync } from "node:fs";
import { runtime } from "../../tests/support/harness.ts";
import { runScript } from "../../tests/support/run_script.ts";
import type { Fault, Outcome } from "../fault.ts";
import { sources } from "../sources.ts";

/** How a process ends, and what its parent is told of it. */
const codes = {
  exit: 7,
  runtimeExit: 7,
  exitCode: 7,
  uncaught: 1,
  unhandled: 1,
  SIGTERM: "ended by SIGTERM",
  SIGINT: "ended by SIGINT",
  nothing: 0,
} as const satisfies Readonly<Record<string, number | string>>;

type Way = keyof typeof codes;

/** Milliseconds of reading and writing before the end, at most. */
const longestMs = 60;

/** A process ends in the midst of scans and sinks: by itself, by an error, by a signal. */
export const exits: Fault = {
  name: "Processes that end while they scan and write",
  times: 400,
  testTimes: 3,
  async try({ random, folder }): Promise<Outcome> {
    const { parquet, rowGroup, manyFiles, csv, ndjson, arrow } = await sources();
    const way = random.oneOf(Object.keys(codes) as [Way, ...Way[]]);
    const [scanned, { path }] = random.oneOf([
      ["parquet", parquet],
      ["parquet", rowGroup],
      ["predicate", rowGroup],
      ["many", manyFiles],
      ["csv", csv],
      ["ndjson", ndjson],
      ["arrow", arrow],
    ]);
    const delayMs = random.oneOf([0, random.below(3), random.below(longestMs)]);
    const { code, stdout, stderr } = await runScript("exit_while_scanning", {
      args: [way, scanned, path, folder, `${delayMs}`],
    });
    const ended = { way, scanned, delayMs, code, stdout, stderr };
    if (code !== codes[way]) throw new Error(`Another end than ${codes[way]}: ${told(ended)}`);
    const wrong = way === "uncaught" || way === "unhandled"
      ? !stderr.includes("the program is wrong")
      : stdout + stderr !== "";
    if (wrong) throw new Error(`Something else was printed: ${told(ended)}`);
    // A file has its name when it is whole, or not at all.
    const found = readdirSync(folder).filter((name) => !name.startsWith("."));
    if (found.some((name) => name !== "out")) throw new Error(`${found} was written`);
    return "answered";
  },
};

function told(ended: unknown): string {
  return `${JSON.stringify(ended)} on ${runtime}`;
}
