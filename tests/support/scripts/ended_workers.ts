/**
 * Has workers read the file that its argument names, ends each half-way, prints what they left behind, then reads the
 * file itself, and prints the rows that it got.
 */
import process from "node:process";
import { scanParquet } from "spillway";
import { heldFiles } from "../held_files.ts";

const path = process.argv[2]!;

for (let round = 0; round < 4; round++) {
  const worker = new Worker(new URL("./half_reading_worker.ts", import.meta.url), {
    type: "module",
  });
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<"listening" | "reading">) =>
      data === "listening" ? worker.postMessage(path) : resolve();
    worker.onerror = reject;
  });
  worker.terminate();
  // The runtimes tear a worker down on its own thread, some time later.
  await new Promise((resolve) => setTimeout(resolve, 100));
}

const { maps, streamBytes } = process.platform === "linux"
  ? await heldFiles(path)
  : { maps: 0, streamBytes: 0 };
let rows = 0;
for await (using batch of scanParquet(path)) rows += batch.numRows;
console.log(JSON.stringify({ maps, streamBytes, rows }));
