import { expect } from "@std/expect";
import { writeFileSync } from "node:fs";
import process from "node:process";
import { encodeArrow, rebatch, scanParquet } from "spillway";
import { fixture } from "./support/fixtures.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { runScript } from "./support/run_script.ts";

test.skipIf(process.platform === "win32")(
  "batches of a mapped file that is cut off show zeros, and the stream and transforms tell",
  async () => {
    using directory = tempDirectory();
    const path = directory.file("mapped.arrow");
    // One batch in the file: a batch of the scan that is joined from two of them is a copy.
    const rows = scanParquet(fixture("sequence"), { columns: ["id", "text"], limit: 60_000 })
      .pipeThrough(rebatch(60_000));
    const bytes = await new Response(rows.pipeThrough(encodeArrow({ container: "file" }))).bytes();
    writeFileSync(path, bytes);
    // In a process of its own: to touch a map beyond the file's end would kill it.
    const { code, stdout } = await runScript("held_map", { args: [path, "60000"] });
    expect({ code, ...JSON.parse(stdout) }).toEqual({
      code: 0,
      before: "59999",
      after: "0",
      end: "FILE_CHANGED",
      transform: "FILE_CHANGED",
    });
  },
);
