import { expect } from "@std/expect";
import { tempDirectory, test } from "./support/harness.ts";
import { runScript } from "./support/run_script.ts";
import { namesIn } from "./support/sink_test.ts";

interface Failure {
  readonly way: string;
  readonly told: unknown;
  readonly same: boolean;
  readonly left: readonly string[];
  readonly rows: number;
}

/** How each kind of sink fails; `null` where the system doesn't let a process have such a disk, which is said. */
async function failures(where: "disk" | "file"): Promise<Failure[] | null> {
  using folder = tempDirectory();
  const { stdout, stderr } = await runScript("write_too_much", { args: [where, folder.path] });
  // A file system of its own is gone with its process.
  expect(namesIn(folder.path)).toEqual([]);
  if (stdout.trim() === "refused") {
    console.log(`Skipping the full ${where}: the system lets no process of this user have one`);
    return null;
  }
  if (!stdout.startsWith("[")) throw new Error(`${stdout}${stderr}`);
  return JSON.parse(stdout);
}

const cases = [
  ["disk", "the disk is full; make room and write it again"],
  ["file", "the file system holds no file of this size; set maxFileBytes"],
] as const;

for (const [where, advice] of cases) {
  const found = await failures(where);
  test.skipIf(found === null)(
    `a full ${where} is an error of every sink, and nothing is left`,
    () => {
      expect(found!.length).toBe(8);
      for (const { way, told, same, left, rows } of found!) {
        const message = expect.stringContaining(advice);
        expect({ way, told, same, left, rows }).toEqual({
          way,
          told: { code: "FILE_WRITE", path: expect.any(String), message },
          same: true,
          left: [],
          rows: 1_000,
        });
      }
    },
  );
}
