import { expect } from "@std/expect";
import { mkdirSync, writeFileSync } from "node:fs";
import { findFiles } from "../src/glob.ts";
import { tempDirectory, test } from "./support/harness.ts";

test("a pattern finds its files in the order of their names", async () => {
  using directory = tempDirectory();
  mkdirSync(directory.file("deep"));
  for (const name of ["b.parquet", "a.parquet", "c.csv", "deep/d.parquet"]) {
    writeFileSync(directory.file(name), "");
  }
  const found = async (pattern: string) =>
    (await findFiles(directory.file(pattern))).map((path) =>
      path.slice(directory.path.length + 1).replaceAll("\\", "/")
    );
  expect(await found("*.parquet")).toEqual(["a.parquet", "b.parquet"]);
  expect(await found("**/*.parquet")).toEqual(["a.parquet", "b.parquet", "deep/d.parquet"]);
  expect(await found("a.parquet")).toEqual(["a.parquet"]);
  expect(await found("*.orc")).toEqual([]);
});
