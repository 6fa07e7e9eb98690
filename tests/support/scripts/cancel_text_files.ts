/**
 * Reads one batch of the CSV files in the folder that its argument names, several at a time, cancels, and prints what of
 * them the process held before and after; by map and by reading.
 */
import process from "node:process";
import { scanCsv } from "spillway";
import { heldFiles, openFiles } from "../held_files.ts";

const folder = process.argv[2]!;
const seen = [];
for (const io of ["mmap", "read"] as const) {
  const reader = scanCsv(folder, { concurrency: 8, io, batchSize: 100 }).getReader();
  (await reader.read()).value![Symbol.dispose]();
  const before = openFiles(folder);
  await reader.cancel();
  seen.push({ before, after: await heldFiles(folder) });
}
console.log(JSON.stringify(seen));
