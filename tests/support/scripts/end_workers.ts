/**
 * Starts and ends so many workers that scan and write, at moments that a seed gives, then has eight scan at once, and prints
 * their sums and what is left of it all.
 */
import { readdirSync } from "node:fs";
import process from "node:process";
import { moment } from "../../../soak/moment.ts";
import { Random } from "../../../soak/random.ts";
import { collectGarbage } from "../harness.ts";
import { heldFiles } from "../held_files.ts";
import type { Answer, Job, Kind } from "./impatient_worker.ts";

const [seed, count, folder = "", parquet = "", csv = "", arrow = ""] = process.argv.slice(2);
const random = new Random(Number(seed));

function start(): { worker: Worker; answer: () => Promise<Answer> } {
  const url = new URL("./impatient_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  const answer = () =>
    new Promise<Answer>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
      worker.onerror = reject;
    });
  return { worker, answer };
}

function job(at: number): Job {
  const kind = random.oneOf<Kind>([
    "arrow",
    "csv",
    "encode",
    "keep",
    "predicate",
    "write",
  ]);
  const path = kind === "csv" ? csv : kind === "arrow" ? arrow : parquet;
  return { kind, path, target: `${folder}/worker-${at}` };
}

for (let at = 0; at < Number(count); at++) {
  const { worker, answer } = start();
  // Some are ended before they have begun.
  if (random.below(10) > 0) {
    await answer();
    worker.postMessage(job(at));
  }
  for (let left = random.below(12); left > 0; left--) await moment(random);
  worker.terminate();
}

const sums = await Promise.all(Array.from({ length: 8 }, async () => {
  const { worker, answer } = start();
  await answer();
  worker.postMessage({ kind: "sum", path: parquet, target: "" } satisfies Job);
  const found = await answer();
  worker.terminate();
  return found === "listening" ? found : `${found.rows} rows, ${found.sum}`;
}));

const unfinished = () => readdirSync(folder).filter((name) => name.startsWith("."));
const onLinux = process.platform === "linux";
/** The runtimes tear workers down on threads of their own, some time later. */
let held = onLinux ? await heldFiles(folder) : null;
for (let round = 0; round < 200 && (unfinished().length > 0 || held?.streamBytes); round++) {
  await collectGarbage();
  if (onLinux) held = await heldFiles(folder);
}
const maps = onLinux ? [parquet, csv, arrow].map((path) => heldFiles(path)) : [];
const sourceMaps = (await Promise.all(maps)).reduce((sum, { maps }) => sum + maps, 0);
console.log(JSON.stringify({
  sums: [...new Set(sums)],
  unfinished: unfinished(),
  streamBytes: held?.streamBytes ?? 0,
  descriptors: held?.descriptors ?? 0,
  sourceMaps,
}));
