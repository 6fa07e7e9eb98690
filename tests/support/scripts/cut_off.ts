/**
 * Reads the file that its first argument names, by the `io` of its second, cuts the file off on the way, and prints
 * how that ended.
 */
import { truncateSync } from "node:fs";
import process from "node:process";
import { scanParquet, SpillwayError } from "spillway";

const [path, io] = process.argv.slice(2);
const stream = scanParquet(path!, {
  io: io as "mmap" | "read",
  memoryLimit: "2MB",
  batchSize: 1_000,
});
try {
  for await (using batch of stream) {
    if (batch.firstRow !== 3_000) continue;
    // Decoding has come to rest by then: what is mapped is not being read.
    await new Promise((resolve) => setTimeout(resolve, 100));
    truncateSync(path!, 1_000_000);
  }
  console.log(JSON.stringify({ code: null }));
} catch (error) {
  if (!(error instanceof SpillwayError)) throw error;
  console.log(JSON.stringify({ code: error.code }));
}
