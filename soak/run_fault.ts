import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fault, Outcome } from "./fault.ts";
import { Random } from "./random.ts";

/** How tries of a fault ended. */
export type Tally = Readonly<Record<Outcome, number>>;

/** A try that ended in neither of the ways that it may. */
export class FaultError extends Error {
  override readonly name = "FaultError";

  constructor(fault: Fault, seed: number, cause: unknown) {
    super(`${fault.name}: went wrong with the seed ${seed}: ${cause}`, { cause });
  }
}

/** What the names of the folders of all tries begin with. */
export const folderPrefix: string = join(tmpdir(), "spillway-soak-");

/**
 * Tries a fault once in this process.
 *
 * @param fault The fault
 * @param seed What its moments and sizes follow from
 * @throws {FaultError} Where it goes wrong
 */
export async function tryFault(fault: Fault, seed: number): Promise<Outcome> {
  const folder = mkdtempSync(folderPrefix);
  try {
    return await fault.try({ random: new Random(seed), folder });
  } catch (error) {
    throw new FaultError(fault, seed, error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Tries a fault in this process, with seeds that follow one another.
 *
 * @param fault The fault
 * @param options How often, and the first seed
 * @throws {FaultError} On the first try that goes wrong: says its seed, with which one try repeats it
 */
export async function runFault(
  fault: Fault,
  { times, seed }: { readonly times: number; readonly seed: number },
): Promise<Tally> {
  const tally = { answered: 0, refused: 0 };
  for (let at = 0; at < times; at++) tally[await tryFault(fault, seed + at)]++;
  return tally;
}
