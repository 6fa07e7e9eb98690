/**
 * Runs itself where no more than some megabytes can be written, and prints how each kind of sink fails there.
 *
 * The first argument is `disk`, for a file system of 4 MiB, or `file`, for a limit of the size of files; the second is an
 * empty folder. Prints `refused` where the system doesn't let this process do that.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  type FileSink,
  scanParquet,
  SpillwayError,
  writeArrow,
  writeCsv,
  writeNdjson,
  writeParquet,
} from "spillway";
import { fixture } from "../fixtures.ts";
import { runtime } from "../harness.ts";

const [where, folder] = process.argv.slice(2) as [string, string];

const plain = { compression: "none", dictionary: false } as const;
const ways: Readonly<Record<string, (path: string) => FileSink>> = {
  parquet: (path) => writeParquet(path, { ...plain, rowGroupRows: 10_000 }),
  "parquet in one row group": (path) => writeParquet(path, plain),
  series: (path) =>
    writeParquet(`${path}/`, {
      ...plain,
      maxFileRows: where.startsWith("file") ? 100_000 : 30_000,
    }),
  partitions: (path) =>
    writeParquet(path, { ...plain, partitionBy: ["flag"], rowGroupRows: 10_000 }),
  "durable parquet": (path) => writeParquet(path, { ...plain, durable: true }),
  arrow: (path) => writeArrow(path),
  csv: (path) => writeCsv(path),
  ndjson: (path) => writeNdjson(path),
};

function runAgain(command: string, before: string): string {
  const flags = runtime === "deno" ? ["--no-check", "--allow-all"] : [];
  const script = ["run", ...flags, fileURLToPath(import.meta.url), `${where} inside`, folder];
  const shell = ["sh", "-c", `${before} && exec "$@"`, "sh", process.execPath, ...script];
  const [program, ...args] = [...command.split(" ").filter(Boolean), ...shell];
  const { status, stdout, stderr } = spawnSync(program!, args, { encoding: "utf8" });
  if (status === 0) return stdout.trim();
  return /permi|permit|not found|unshare|mount/i.test(`${stderr}`) || status === null
    ? "refused"
    : `failed: ${stderr}`;
}

async function failures(): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const [way, open] of Object.entries(ways)) {
    const sink = open(`${folder}/a`);
    const columns = ["id", "text", "price", "flag"];
    const error = await scanParquet(fixture("one_row_group"), { columns }).pipeTo(sink)
      .catch((reason) => reason);
    const told = error instanceof SpillwayError
      ? { code: error.code, path: error.path, message: error.message }
      : String(error);
    const same = await sink.result.catch((reason) => reason) === error;
    // What was written is gone, so that there is room again.
    const left = readdirSync(folder);
    const small = writeParquet(`${folder}/small`);
    await scanParquet(fixture("sequence"), { limit: 1_000 }).pipeTo(small);
    const { rows } = await small.result;
    rmSync(`${folder}/small`);
    found.push({ way, told, same, left, rows });
  }
  return found;
}

if (where === "disk") {
  console.log(
    runAgain("unshare --map-root-user --mount", `mount -t tmpfs -o size=4m tmpfs "${folder}"`),
  );
} else if (where === "file") {
  // Without the signal, a write that is too much is an error. The unit is 512 bytes.
  console.log(runAgain("", "trap '' XFSZ && ulimit -f 4096"));
} else {
  console.log(JSON.stringify(await failures()));
}
