import process from "node:process";
import { memoryNumbers } from "../ffi/memory.ts";
import { collectGarbage } from "../tests/support/harness.ts";
import { openFiles } from "../tests/support/held_files.ts";

/** What threads and the collector need to finish is less than so many rounds of some milliseconds. */
const rounds = 200;

/**
 * Waits until nothing is left of what was tried: no bytes, no streams, no files.
 *
 * @param folders Where the files are that were opened
 * @throws {Error} Where something stays
 */
export async function expectAtRest(folders: readonly string[]): Promise<void> {
  let left = held(folders);
  for (let round = 0; round < rounds && Object.values(left).some((count) => count > 0); round++) {
    // What was closed is given back by threads that are just done with it; what was dropped, by the collector.
    if (round < 5) await new Promise((resolve) => setTimeout(resolve, round));
    else await collectGarbage();
    left = held(folders);
  }
  if (Object.values(left).some((count) => count > 0)) {
    throw new Error(`Something is held when all is over: ${JSON.stringify(left)}`);
  }
}

function held(folders: readonly string[]): Readonly<Record<string, number>> {
  const { streamBytes, activeStreams } = memoryNumbers();
  const files = process.platform === "linux" ? folders.map(openFiles) : [];
  return {
    streamBytes,
    activeStreams,
    descriptors: files.reduce((sum, { descriptors }) => sum + descriptors, 0),
    maps: files.reduce((sum, { maps }) => sum + maps, 0),
  };
}
