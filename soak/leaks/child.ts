/**
 * The process whose leaks are looked for: does one thing after the other, looks at itself every second and whenever it
 * comes to rest, and prints each sample as a line of JSON.
 *
 * The argument is JSON: {@linkcode LeakSoakArguments}.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { dieOfRejections } from "../die_of_rejections.ts";
import { heldAtRest, holdsNothing } from "../held.ts";
import { Random } from "../random.ts";
import { makeOperations } from "./operations.ts";
import { takeSample } from "./sample.ts";

/** When the process ends, and what it begins with. */
export interface LeakSoakArguments {
  readonly seed: number;
  /** Ends after this time, or after so many operations, whatever comes first. */
  readonly seconds: number;
  readonly operations: number;
  /** Operations from one rest to the next. */
  readonly restEvery: number;
}

const SAMPLE_MS = 1_000;

dieOfRejections();
const { seed, seconds, operations, restEvery }: LeakSoakArguments = JSON.parse(process.argv[2]!);
const folder = mkdtempSync(join(tmpdir(), "spillway-leaks-"));
const folders = [folder, join("tests", "data")];

const work = Object.entries(await makeOperations(folder));
const random = new Random(seed);
const started = performance.now();
let done = 0;
let sampled = -Infinity;

const elapsed = () => performance.now() - started;
const print = (line: object) => console.log(JSON.stringify(line));

/** Takes a sample once everything is back, and tells whether it is. */
async function rest(): Promise<boolean> {
  const held = await heldAtRest(folders);
  print(takeSample({ seconds: elapsed() / 1000, operations: done, folders, rest: held }));
  return holdsNothing(held);
}

async function operate(): Promise<void> {
  // Each once before any comes again, so that every rest has seen them all.
  const [name, operation] = work[done % work.length]!;
  const from = random.below(2 ** 32);
  try {
    await operation(new Random(from));
  } catch (cause) {
    throw new Error(`The operation ${name} went wrong, number ${done}, seed ${from}: ${cause}`, {
      cause,
    });
  }
  done++;
}

try {
  let returned = await rest();
  // What is held once is held at every other rest too, and it takes long to wait for it.
  while (returned && elapsed() < seconds * 1000 && done < operations) {
    await operate();
    if (done % restEvery === 0) returned = await rest();
    else if (elapsed() - sampled >= SAMPLE_MS) {
      sampled = elapsed();
      print(takeSample({ seconds: sampled / 1000, operations: done, folders }));
    }
  }
  if (returned) await rest();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
