/**
 * `deno task soak`: tries every fault many times on both runtimes, in processes that may die of it, then looks for leaks.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { findBun } from "../scripts/bun_binary.ts";
import { buildLibrary } from "../scripts/build.ts";
import { writeFixtures } from "../scripts/fixtures.ts";
import { projectPath } from "../scripts/project.ts";
import { faults } from "./faults.ts";
import { soakLeaks } from "./leaks.ts";
import { type Runtime, type RuntimeName, titles } from "./runtimes.ts";
import { type Failure, soakFault } from "./soak_fault.ts";
import { formatTable, replaceTables, type TableLine } from "./table.ts";

const usage = `deno task soak [--runtime deno|bun] [--fault NAME]... [--times N] [--seed N] \
[--minutes N] [--leaks] [--out FOLDER] [--write] [--list]
  --runtime  only this one; both are soaked at the same time otherwise
  --fault    only this fault, and no search for leaks after it; --list tells the names
  --times    tries of each fault on each runtime, instead of each fault's own number
  --seed     the first try's; the others' follow
  --minutes  how long leaks are looked for: 30 if nothing is said, 0 for not at all
  --leaks    only look for leaks
  --out      the folder for drawings and samples of the search for leaks
  --write    puts the tables into the README`;

/** Who waits wants to know now and then how far it is. */
const PROGRESS_MS = 30_000;

/** What is asked for. */
interface Wanted {
  readonly names: readonly string[];
  readonly runtimes: readonly Runtime[];
  readonly seed: number;
  readonly times?: number | undefined;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      runtime: { type: "string" },
      fault: { type: "string", multiple: true },
      times: { type: "string" },
      seed: { type: "string", default: "1" },
      minutes: { type: "string", default: "30" },
      leaks: { type: "boolean", default: false },
      out: { type: "string" },
      write: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return say(usage);
  if (Deno.build.os !== "linux") throw new Error("The soak looks into /proc, which only Linux has");
  if (values.list) {
    const lines = Object.entries(faults).map(([key, { name, times }]) =>
      `${key.padEnd(24)}${String(times).padStart(6)}  ${name}`
    );
    return say(lines.join("\n"));
  }
  const wanted: Wanted = {
    names: values.leaks ? [] : values.fault ?? Object.keys(faults),
    runtimes: await findRuntimes(values.runtime),
    seed: wholeNumber("--seed", values.seed),
    times: values.times === undefined ? undefined : wholeNumber("--times", values.times),
  };
  const unknown = wanted.names.filter((name) => !(name in faults));
  if (unknown.length > 0) throw new Error(`There is no fault ${unknown}\n${usage}`);
  const minutes = values.fault === undefined ? Number(values.minutes) : 0;
  if (!(minutes >= 0)) throw new Error(`--minutes must be a number, not ${values.minutes}`);

  await buildLibrary();
  await writeFixtures();
  const survived = await soakFaults(wanted, values.write);
  const { out } = values;
  const flat = minutes === 0 ||
    await soakLeaks(wanted.runtimes, { minutes, seed: wanted.seed, out, report: say });
  return survived && flat ? 0 : 1;
}

/** Tries all faults, prints the tables, and tells whether nothing went wrong. */
async function soakFaults(wanted: Wanted, write: boolean): Promise<boolean> {
  const { names, runtimes } = wanted;
  if (names.length === 0) return true;
  const all = await Promise.all(runtimes.map((runtime) => soakRuntime(runtime, wanted)));
  const tables = all.map((lines, at) => `${titles[runtimes[at]!.name]}:\n\n${formatTable(lines)}`)
    .join("\n\n");
  say(`\n${tables}\n`);
  if (write) {
    const readme = projectPath("README.md");
    writeFileSync(readme, replaceTables(readFileSync(readme, "utf8"), tables));
  }
  return all.flat().every(({ report }) => report.failures.length === 0);
}

async function soakRuntime(runtime: Runtime, wanted: Wanted): Promise<TableLine[]> {
  const title = titles[runtime.name];
  const lines: TableLine[] = [];
  for (const key of wanted.names) {
    const { name, times } = faults[key]!;
    const all = wanted.times ?? times;
    let told = performance.now();
    const report = await soakFault(runtime, {
      table: projectPath("soak/faults.ts"),
      fault: key,
      times: all,
      seed: wanted.seed,
      onProgress(tried) {
        if (performance.now() - told < PROGRESS_MS) return;
        told = performance.now();
        say(`${title}: ${name}: ${tried} of ${all} tried`);
      },
      onFailure: (failure) => say(describeFailure(runtime.name, key, failure)),
    });
    lines.push({ name, report });
    say(`${title}: ${name}: ${report.tried} tried, ${report.failures.length} went wrong`);
  }
  return lines;
}

/** Says what happened, and how to see it again. */
function describeFailure(
  runtime: RuntimeName,
  fault: string,
  { kind, seed, times, details }: Failure,
): string {
  const again =
    `deno task soak --runtime ${runtime} --fault ${fault} --seed ${seed} --times ${times}`;
  return `${titles[runtime]}: ${kind}: ${details}\n  Again: ${again}`;
}

async function findRuntimes(only: string | undefined): Promise<Runtime[]> {
  const programs: Readonly<Record<RuntimeName, () => Promise<string>>> = {
    deno: () => Promise.resolve(Deno.execPath()),
    bun: findBun,
  };
  const names = (Object.keys(programs) as RuntimeName[]).filter((name) => name === (only ?? name));
  if (names.length === 0) throw new Error(`There is no runtime ${only}\n${usage}`);
  return await Promise.all(names.map(async (name) => ({ name, program: await programs[name]() })));
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new Error(`${option} must be a whole number, not ${text}`);
  }
  return number;
}

/** Prints it, and gives the exit code of what went well. */
function say(text: string): number {
  console.log(text);
  return 0;
}

try {
  Deno.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(2);
}
