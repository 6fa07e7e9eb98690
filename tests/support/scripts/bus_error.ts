/**
 * Sends this process the signal that a map without a file raises: after its first argument, before or without a scan of
 * the file that its second names, and with a listener or without. Then cuts the file off in the midst of a scan, and
 * prints what came of both.
 */
import { execFileSync } from "node:child_process";
import { truncateSync } from "node:fs";
import process from "node:process";
import { scanParquet, SpillwayError } from "spillway";

const [order, path] = process.argv.slice(2);
let heard = 0;

async function listen(): Promise<void> {
  process.on("SIGBUS", () => heard++);
  // Deno adds a listener to its own thread's, which takes a turn.
  await new Promise((resolve) => setTimeout(resolve, 100));
}

async function send(): Promise<void> {
  // By another process: Bun restores the default action before it sends itself a signal that it does not handle.
  execFileSync("kill", ["-s", "BUS", String(process.pid)]);
  await new Promise((resolve) => setTimeout(resolve, 200));
}

async function scan(cut: boolean): Promise<string> {
  let rows = 0;
  try {
    for await (
      using batch of scanParquet(path!, { memoryLimit: "2MB", batchSize: 1_000, io: "mmap" })
    ) {
      rows += batch.numRows;
      if (cut && rows === 3_000) truncateSync(path!, 1_000_000);
    }
    return String(rows);
  } catch (error) {
    if (!(error instanceof SpillwayError)) throw error;
    return error.code;
  }
}

if (order === "listen, scan") await listen();
const before = order === "send" ? "" : await scan(false);
if (order === "scan, listen") await listen();
await send();
console.log(JSON.stringify({ before, heard, after: await scan(true) }));
