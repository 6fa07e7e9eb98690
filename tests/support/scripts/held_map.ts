/**
 * Holds the batches of the Arrow file that its argument names, cuts the file off once it has all rows, and prints what
 * the last batch shows before and after, how the stream ends, and how a transform of the batch does.
 */
import { Table } from "apache-arrow";
import { truncateSync } from "node:fs";
import process from "node:process";
import { col, scanArrow, SpillwayError, tableToStream, where } from "spillway";

const path = process.argv[2]!;
const rows = Number(process.argv[3]);

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    return String(await promise);
  } catch (error) {
    if (!(error instanceof SpillwayError)) throw error;
    return error.code;
  }
}

// Of adaptive sizes, a batch that is joined from two pieces is a copy, which is chance.
const reader = scanArrow(path, { memoryLimit: "64MB", batchSize: rows }).getReader();
const held = [];
for (let seen = 0; seen < rows;) {
  const { value } = await reader.read();
  held.push(value!);
  seen += value!.numRows;
}
const last = held.at(-1)!;
const shown = () => String(last.getChild("id")!.get(last.numRows - 1));
const before = shown();
truncateSync(path, 100);
const after = shown();
const end = await codeOf(reader.read().then(({ done }) => `done: ${done}`));
const given = tableToStream(new Table([last])).pipeThrough(where(col("text").like("%9%")));
console.log(
  JSON.stringify({ before, after, end, transform: await codeOf(Array.fromAsync(given)) }),
);
