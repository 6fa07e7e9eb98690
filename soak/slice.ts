/**
 * A process that tries a fault some times, and prints a line of JSON before and after each try, so that whoever started
 * it knows at which one it died.
 *
 * The argument is JSON: {@linkcode SliceArguments}; the lines are {@linkcode SliceLine}s.
 *
 * @module
 */

import { writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { repositoryRoot } from "../tests/support/harness.ts";
import { dieOfRejections } from "./die_of_rejections.ts";
import type { Fault } from "./fault.ts";
import { descriptors, type Held, heldAtRest, holdsNothing, threads } from "./held.ts";
import { FaultError, folderPrefix, tryFault } from "./run_fault.ts";
import { MARK, type SliceArguments, type SliceLine } from "./slice_line.ts";

/** What the runtimes start and end when they like: sockets, timers, threads that wait for files. */
const RUNTIMES_DESCRIPTORS = 16;
const RUNTIMES_THREADS = 16;

const SHOWN_CHARACTERS = 1_500;

async function runSlice({ table, fault: name, seed, times }: SliceArguments): Promise<void> {
  const { faults }: { faults: Readonly<Record<string, Fault>> } = await import(
    pathToFileURL(table).href
  );
  const fault = faults[name];
  if (!fault) throw new Error(`There is no fault ${name}`);
  const before = counts();
  for (let at = seed; at < seed + times; at++) {
    say({ trying: at });
    try {
      say({ outcome: await tryFault(fault, at) });
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      say({ wrong: shown(error.cause) });
      process.exit(); // whatever the error left open
    }
  }
  const held = await heldAtRest([folderPrefix, join(repositoryRoot, "tests", "data")]);
  say({ leaked: leaks(held, before) });
}

/** All that this process has, whoever has it. */
function counts() {
  const names = threads();
  return {
    descriptors: descriptors().length,
    threads: names.length,
  };
}

function leaks(held: Held, before: ReturnType<typeof counts>): string | null {
  const now = counts();
  const found = [
    ...holdsNothing(held) ? [] : [JSON.stringify(held)],
    ...now.descriptors > before.descriptors + RUNTIMES_DESCRIPTORS
      ? [`${now.descriptors} descriptors instead of ${before.descriptors}`]
      : [],
    ...now.threads > before.threads + RUNTIMES_THREADS
      ? [`${now.threads} threads instead of ${before.threads}`]
      : [],
  ];
  return found.length === 0 ? null : found.join(", ");
}

/** The beginning of an error's stack, which has its message too. */
function shown(error: unknown): string {
  const text = error instanceof Error ? error.stack ?? error.message : String(error);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}

/** Writes at once: what was only buffered would die with the process. */
function say(line: SliceLine): void {
  writeSync(1, `${MARK}${JSON.stringify(line)}\n`);
}

dieOfRejections();
await runSlice(JSON.parse(process.argv[2]!));
