import { expect } from "@std/expect";
import { tableFromIPC } from "apache-arrow";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { scanParquet, writeParquet } from "spillway";
import { fixture } from "./support/fixtures.ts";
import { repositoryRoot, runtime, tempDirectory, test } from "./support/harness.ts";
import { namesIn } from "./support/sink_test.ts";

const KILLS = Number(process.env["SPILLWAY_KILLS"] ?? 20);
const ROWS = 5_000;

/** Set to what a failed run printed, it kills after the same delays again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

const ways = ["single", "replacing", "rolling", "partitioned", "arrow"] as const;

/** Numbers from 0 to 1 that follow from a seed. */
function* numbers(seed: number): Generator<number, never> {
  // The constants of Numerical Recipes.
  for (let state = seed >>> 0;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Lets a process write into a folder, and kills it some milliseconds after it began. */
function writeAndKill(way: string, folder: string, delayMs: number): Promise<string> {
  const script = join(repositoryRoot, "tests", "support", "scripts", "write_until_killed.ts");
  const flags = runtime === "deno" ? ["--no-check", "--allow-all"] : [];
  const child = spawn(
    process.execPath,
    ["run", ...flags, script, fixture("sequence"), way, folder],
    {
      cwd: repositoryRoot,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let printed = "";
  let complained = "";
  child.stdout.on("data", (bytes) => {
    const starts = printed === "";
    printed += bytes;
    if (starts) setTimeout(() => child.kill("SIGKILL"), delayMs);
  });
  child.stderr.on("data", (bytes) => complained += bytes);
  child.on("error", reject);
  child.on("close", (_, signal) => {
    if (signal === "SIGKILL") resolve(printed);
    else reject(new Error(`The process ended by itself: ${complained}`));
  });
  return promise;
}

/** What has a name of its own: all but what is hidden. */
function published(folder: string): string[] {
  return namesIn(folder).filter((name) => !name.endsWith("/") && !/(^|\/)\./.test(name));
}

/** Reads a file whole, and counts its rows, whose values have to be those of the fixture. */
async function rowsOf(path: string): Promise<number> {
  if (path.endsWith(".arrow")) {
    const table = tableFromIPC(readFileSync(path));
    expect(table.getChild("id")!.get(table.numRows - 1)).toBe(BigInt(table.numRows - 1));
    return table.numRows;
  }
  let rows = 0;
  for await (const { id, text } of scanParquet(path).rows()) {
    if (text !== `row ${id}`) expect({ path, id, text }).toBe("a row of the fixture");
    rows++;
  }
  return rows;
}

test("a process that is killed leaves only whole files under their names", async () => {
  console.log(`Killing after the delays that SPILLWAY_SEED=${seed} gives`);
  const random = numbers(seed);
  let found = 0;
  let unfinished = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    using folder = tempDirectory();
    const way = ways[kill % ways.length]!;
    const delayMs = random.next().value * 120;
    const printed = await writeAndKill(way, folder.path, delayMs);
    const finished = printed.trim().split("\n").length - 1;
    const names = published(folder.path);
    const rows = new Map<string, number>();
    for (const name of names) {
      const count = await rowsOf(folder.file(name));
      const of = name.split(/[./]/)[0]!;
      rows.set(of, (rows.get(of) ?? 0) + count);
    }
    // What was finished has all rows; of what was not, a single file has no name, and a folder some files.
    const where = { seed, kill, way, delayMs, names };
    for (let round = 0; round < (way === "replacing" ? 0 : finished); round++) {
      expect({ ...where, rows: rows.get(String(round)) }).toEqual({ ...where, rows: ROWS });
    }
    if (way !== "rolling" && way !== "partitioned") {
      expect({ ...where, rows: [...rows.values()].filter((count) => count !== ROWS) })
        .toEqual({ ...where, rows: [] });
    }
    found += names.length;
    unfinished += namesIn(folder.path).filter((name) => name.endsWith(".tmp")).length;
  }
  // Else nothing was tested.
  expect(found).toBeGreaterThan(0);
  expect(unfinished).toBeGreaterThan(0);
});

test("what a killed process left is no obstacle to writing again, and no part of what is read", async () => {
  using folder = tempDirectory();
  let hidden: string[] = [];
  for (let delayMs = 5; hidden.length === 0; delayMs += 7) {
    await writeAndKill("replacing", folder.path, delayMs);
    hidden = namesIn(folder.path).filter((name) => name.endsWith(".tmp"));
  }
  const scan = () => scanParquet(fixture("sequence"), { limit: 100 });
  await scan().pipeTo(writeParquet(folder.file("same.parquet"), { overwrite: true }));
  expect(await scanParquet(`${folder.path}/`).count()).toBe(100);
  expect(namesIn(folder.path)).toEqual([...hidden, "same.parquet"].sort());
});
