import { expect } from "@std/expect";
import { mkdirSync } from "node:fs";
import process from "node:process";
import { tempDirectory, test } from "./support/harness.ts";
import { range, writeColumns } from "./support/number_files.ts";
import { runScript } from "./support/run_script.ts";

const files = 10_000;
const rowsOfFile = 3;
const rows = files * rowsOfFile;

test.skipIf(process.platform === "win32")(
  "ten thousand files are read where 256 may be open at once",
  async () => {
    using directory = tempDirectory();
    for (let folder = 0; folder < 100; folder++) {
      mkdirSync(directory.file(`${folder}`));
      for (let file = 100 * folder; file < 100 * (folder + 1); file++) {
        const numbers = range(rowsOfFile * file, rowsOfFile * (file + 1)).map(BigInt);
        writeColumns(directory.file(`${folder}/${file}.parquet`), [
          { name: "number", data: numbers, type: "INT64", nullable: false },
        ]);
      }
    }
    const { code, stdout, stderr } = await runScript("sum_files", {
      args: [directory.path],
      mostOpenFiles: 256,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { counted, ...ways } = JSON.parse(stdout);
    const sum = `${(BigInt(rows) * BigInt(rows - 1)) / 2n}`;
    expect(Object.keys(ways).length).toBe(5);
    for (const [way, answer] of Object.entries(ways)) {
      expect({ way, answer }).toEqual({ way, answer: [rows, sum] });
    }
    expect(counted).toBe(rows);
  },
);
