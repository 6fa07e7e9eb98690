/**
 * Has workers write what the file that its first argument names holds into the folder of its second, ends each half-way,
 * then writes by itself, and prints the rows that it has written and the names that are there.
 */
import { readdirSync } from "node:fs";
import process from "node:process";
import { scanParquet, writeParquet } from "spillway";
import { collectGarbage } from "../harness.ts";

const [source, folder] = process.argv.slice(2) as [string, string];

for (let round = 0; round < 4; round++) {
  const worker = new Worker(new URL("./half_writing_worker.ts", import.meta.url), {
    type: "module",
  });
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<"listening" | "writing">) =>
      data === "listening"
        ? worker.postMessage({ source, path: `${folder}/worker-${round}` })
        : resolve();
    worker.onerror = reject;
  });
  worker.terminate();
  // The runtimes tear a worker down on its own thread, some time later.
  await new Promise((resolve) => setTimeout(resolve, 100));
}

const sink = writeParquet(`${folder}/main`);
await scanParquet(source).pipeTo(sink);
const { rows } = await sink.result;
// What the workers wrote is given up when their memory is freed.
const hidden = () => readdirSync(folder).some((name) => name.startsWith("."));
for (let round = 0; round < 100 && hidden(); round++) await collectGarbage();
const names = readdirSync(folder);
console.log(JSON.stringify({ rows, names }));
