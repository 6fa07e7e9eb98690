/**
 * `deno task test [rust] [deno] [bun]`: installs and builds what the tests need, runs them on every
 * runtime, and ends with the sum.
 *
 * @module
 */

import { buildLibrary } from "./build.ts";
import { addCounts, closingLine } from "./counts.ts";
import { writeFixtures } from "./fixtures.ts";
import { HeldScreen } from "./held_screen.ts";
import { failedSuite, runSuite, type Screen, type SuiteReport } from "./run_suite.ts";
import { stages, suites } from "./suites.ts";

async function main(names: string[]): Promise<number> {
  const unknown = names.filter((name) => !(name in suites));
  if (unknown.length > 0) {
    console.error(`No such suite: ${unknown}. There are: ${Object.keys(suites).join(", ")}`);
    return 2;
  }
  const chosen = names.length > 0 ? names : Object.keys(suites);
  const reports = await prepare(chosen) ?? await runAll(chosen);
  report(reports);
  return reports.every(({ counts }) => counts.failed === 0) ? 0 : 1;
}

/** Does what the suites need. Returns a report only where that failed. */
async function prepare(names: string[]): Promise<SuiteReport[] | null> {
  if (names.every((name) => name === "rust")) return null;
  try {
    await installPackages();
    await buildLibrary();
    await writeFixtures();
    return null;
  } catch (error) {
    return [failedSuite("Set-up", error)];
  }
}

async function installPackages(): Promise<void> {
  console.log("Installing npm packages, where they are not there yet");
  const install = new Deno.Command(Deno.execPath(), { args: ["install", "--quiet"] });
  const { success } = await install.spawn().status;
  if (!success) throw new Error("deno install failed");
}

async function runAll(names: string[]): Promise<SuiteReport[]> {
  const reports: SuiteReport[] = [];
  for (const stage of stages) {
    reports.push(...await runAtOnce(stage.filter((name) => names.includes(name))));
  }
  return reports;
}

/** Runs suites side by side, and shows what they print one after the other. */
async function runAtOnce(names: string[]): Promise<SuiteReport[]> {
  const running = names.map((name) => {
    const screen = new HeldScreen(Deno.stdout);
    return { name, screen, report: runNamed(name, screen) };
  });
  const reports: SuiteReport[] = [];
  for (const { name, screen, report } of running) {
    console.log(`\n=== ${name} ===`);
    screen.show();
    reports.push(await report);
  }
  return reports;
}

async function runNamed(name: string, screen: Screen): Promise<SuiteReport> {
  try {
    return await runSuite(await suites[name]!(), screen);
  } catch (error) {
    return failedSuite(name, error);
  }
}

/** What failed stands at the end once more, where it is seen without a search through all that passed. */
function report(reports: SuiteReport[]): void {
  for (const { title, failures } of reports) {
    for (const failure of failures) console.log(`\n=== failed in ${title} ===\n${failure}`);
  }
  console.log();
  for (const { title, counts, problem } of reports) {
    console.log(`${title.padEnd(8)}${closingLine(counts)}${problem ? ` (${problem})` : ""}`);
  }
  console.log(closingLine(reports.map(({ counts }) => counts).reduce(addCounts)));
}

Deno.exit(await main(Deno.args));
