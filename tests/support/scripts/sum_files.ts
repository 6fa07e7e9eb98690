/**
 * Reads all files below the folder that its argument names, in each way, and prints how many rows they have and the sum
 * of their numbers, or what the error says.
 */
import process from "node:process";
import { col, type ScanOptions, scanParquet } from "spillway";

const folder = process.argv[2]!;

const ways: Readonly<Record<string, ScanOptions>> = {
  mapped: {},
  read: { io: "read" },
  unordered: { ordered: false },
  union: { schema: "union" },
  tested: { where: col("number").ge(0) },
};

const sums: Record<string, unknown> = {};
for (const [way, options] of Object.entries(ways)) {
  let [rows, sum] = [0, 0n];
  try {
    for await (using batch of scanParquet(folder, options)) {
      for (const number of batch.getChild("number")!) sum += number as bigint;
      rows += batch.numRows;
    }
    sums[way] = [rows, `${sum}`];
  } catch (error) {
    sums[way] = `after ${rows} rows: ${error}`;
  }
}
sums["counted"] = await scanParquet(folder).count();
console.log(JSON.stringify(sums));
