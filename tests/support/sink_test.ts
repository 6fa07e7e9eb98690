/**
 * Tests of what is written, each in a folder of its own, after which nothing may be left over.
 *
 * @module
 */
import { expect } from "@std/expect";
import { readdirSync, readlinkSync } from "node:fs";
import { collectGarbage, type TempDirectory, tempDirectory, test } from "./harness.ts";
import { expectStreamBytesBackTo, streamBytes } from "./stream_bytes.ts";

type SinkTestBody = (folder: TempDirectory) => Promise<void>;

/**
 * Registers a test that gets an empty folder. Once it has passed, all memory has to be given back, no file of the
 * folder may be open, and none may have a temporary name.
 */
export function sinkTest(name: string, body: SinkTestBody): void {
  register(test, name, body);
}

/** Registers such a test, or skips it: `sinkTest.skipIf(corpus === null)(name, body)`. */
sinkTest.skipIf = (condition: boolean) => (name: string, body: SinkTestBody): void =>
  register(test.skipIf(condition), name, body);

function register(
  add: (name: string, body: () => Promise<void>) => void,
  name: string,
  body: SinkTestBody,
): void {
  add(name, async () => {
    using folder = tempDirectory();
    const before = await streamBytes();
    await body(folder);
    await expectStreamBytesBackTo(before);
    // A scan that was only asked for metadata is closed by the collector.
    for (let round = 0; round < 100 && openFilesIn(folder.path).length > 0; round++) {
      await collectGarbage();
    }
    expect(openFilesIn(folder.path)).toEqual([]);
    expect(namesIn(folder.path).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
}

/** All that lies in a folder, hidden files too, as sorted paths from there; folders end in a slash. */
export function namesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) =>
    entry.isDirectory()
      ? [
        `${entry.name}/`,
        ...namesIn(`${folder}/${entry.name}`).map((name) => `${entry.name}/${name}`),
      ]
      : [entry.name]
  ).sort();
}

/** The files of a folder that this process has open: none where the system, or Deno's permissions, don't tell. */
function openFilesIn(folder: string): string[] {
  const descriptors = "/proc/self/fd";
  let names: string[];
  try {
    names = readdirSync(descriptors);
  } catch {
    return [];
  }
  return names.map((name) => {
    try {
      return readlinkSync(`${descriptors}/${name}`);
    } catch {
      return ""; // Closed since it was listed.
    }
  }).filter((path) => path.startsWith(folder));
}
