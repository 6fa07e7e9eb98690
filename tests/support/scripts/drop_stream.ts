/**
 * Drops a stream over the file that its first argument names, in the way that the second names, and does nothing more:
 * the process must end by itself.
 */
import process from "node:process";
import { scanParquet } from "spillway";

const [path = "", way = ""] = process.argv.slice(2);

const drop: Record<string, () => Promise<unknown>> = {
  "half read": () => scanParquet(path, { batchSize: 100 }).getReader().read(),
  "asked for its schema": () => scanParquet(path).schema(),
  "never used": () => Promise.resolve(scanParquet(path)),
  // A read that is outstanding ends with its batch, and nothing comes after it.
  "waiting": () => {
    scanParquet(path, { batchSize: 100 }).getReader().read();
    return Promise.resolve();
  },
};

await drop[way]?.();
console.log("dropped");
