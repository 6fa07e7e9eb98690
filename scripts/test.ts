/**
 * `deno task test [rust] [deno] [bun]`: installs and builds what the tests need, runs them on every
 * runtime, and ends with the sum.
 *
 * @module
 */

import { buildLibrary } from "./build.ts";
import { addCounts, closingLine } from "./counts.ts";
import { writeFixtures } from "./fixtures.ts";
import { failedSuite, runSuite, type SuiteReport } from "./run_suite.ts";
import { suites } from "./suites.ts";

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
  for (const [name, suite] of Object.entries(suites)) {
    if (!names.includes(name)) continue;
    console.log(`\n=== ${name} ===`);
    try {
      reports.push(await runSuite(await suite()));
    } catch (error) {
      reports.push(failedSuite(name, error));
    }
  }
  return reports;
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
