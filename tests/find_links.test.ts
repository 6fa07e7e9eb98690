import { expect } from "@std/expect";
import { linkSync, mkdirSync, symlinkSync } from "node:fs";
import { findFiles } from "../src/find/find_files.ts";
import { test } from "./support/harness.ts";
import { directoryOf, failure, found } from "./support/found_files.ts";

test("links that a walk comes upon are passed over", async () => {
  using directory = directoryOf("real/a.parquet", "d/b.parquet", "d/e/c.parquet");
  symlinkSync("../real", directory.file("d/folder"));
  symlinkSync(directory.file("real/a.parquet"), directory.file("d/a.parquet"));
  symlinkSync("b.parquet", directory.file("d/same.parquet"));
  symlinkSync("..", directory.file("d/up"));
  symlinkSync(".", directory.file("d/e/self"));
  symlinkSync("loop.parquet", directory.file("d/loop.parquet"));
  symlinkSync("absent", directory.file("d/absent.parquet"));
  expect(await found(directory, "d")).toEqual(["d/b.parquet", "d/e/c.parquet"]);
  expect(await found(directory, "d/")).toEqual(["d/b.parquet", "d/e/c.parquet"]);
  expect(await found(directory, "d/*.parquet")).toEqual(["d/b.parquet"]);
  expect(await found(directory, "d/*/*.parquet")).toEqual(["d/e/c.parquet"]);
  expect(await found(directory, "d/**/a.parquet", { allowEmpty: true })).toEqual([]);
  expect(await found(directory, "?/folder/*.parquet", { allowEmpty: true })).toEqual([]);
  expect(await found(directory, "d/*/", { allowEmpty: true })).toEqual(["d/e/c.parquet"]);
});

test("links that are named are followed, also as the folder of a pattern", async () => {
  using directory = directoryOf("real/a.parquet", "real/b/c.parquet", "d/b.parquet");
  symlinkSync("../real", directory.file("d/folder"));
  symlinkSync("../real/a.parquet", directory.file("d/a.parquet"));
  const below = ["d/folder/a.parquet", "d/folder/b/c.parquet"];
  expect(await found(directory, "d/a.parquet")).toEqual(["d/a.parquet"]);
  expect(await found(directory, "d/folder")).toEqual(below);
  expect(await found(directory, ["d/folder/"])).toEqual(below);
  expect(await found(directory, "d/folder/**/*.parquet")).toEqual(below);
  expect(await found(directory, ["d/a.parquet", "d"])).toEqual(["d/a.parquet", "d/b.parquet"]);
});

test("where only links match, the error says how to follow them", async () => {
  using directory = directoryOf("real/a.parquet");
  mkdirSync(directory.file("d"));
  symlinkSync("../real/a.parquet", directory.file("d/a.parquet"));
  for (const item of ["d", "d/*.parquet"]) {
    const { message } = await failure(findFiles(directory.file(item)));
    expect(message).toContain("links were passed over (1): set followSymlinks");
  }
});

const follow = { followSymlinks: true };

test("links to files and folders are followed where that is asked for", async () => {
  using directory = directoryOf("real/a.parquet", "d/b.parquet");
  symlinkSync("../real", directory.file("d/folder"));
  symlinkSync(directory.file("real/a.parquet"), directory.file("d/c.parquet"));
  expect(await found(directory, "d/*.parquet", follow)).toEqual(["d/b.parquet", "d/c.parquet"]);
  expect(await found(directory, "d/*/*.parquet", follow)).toEqual(["d/folder/a.parquet"]);
  expect(await found(directory, "d/c.parquet", follow)).toEqual(["d/c.parquet"]);
  expect(await found(directory, "d/folder", follow)).toEqual(["d/folder/a.parquet"]);
});

test("a file that links lead to as well is listed once, under its own name", async () => {
  using directory = directoryOf("d/2024-05-01/a.parquet", "d/2024-05-02/a.parquet");
  symlinkSync("2024-05-02", directory.file("d/1-latest"));
  symlinkSync("2024-05-02/a.parquet", directory.file("d/0-latest.parquet"));
  const own = ["d/2024-05-01/a.parquet", "d/2024-05-02/a.parquet"];
  expect(await found(directory, "d", follow)).toEqual(own);
  expect(await found(directory, "d/*/*.parquet", follow)).toEqual(own);
  expect(await found(directory, ["d/1-latest/a.parquet", "d"], follow)).toEqual([
    "d/1-latest/a.parquet",
    "d/2024-05-01/a.parquet",
  ]);
});

test("files that are alike by hard links are files of their own", async () => {
  using directory = directoryOf("a.parquet");
  linkSync(directory.file("a.parquet"), directory.file("b.parquet"));
  expect(await found(directory, "*")).toEqual(["a.parquet", "b.parquet"]);
});

test("cycles of links end", async () => {
  using directory = directoryOf("d/e/a.parquet", "f/b.parquet");
  symlinkSync(".", directory.file("d/self"));
  symlinkSync("../..", directory.file("d/e/up"));
  symlinkSync("../d", directory.file("f/d"));
  symlinkSync("../f", directory.file("d/f"));
  symlinkSync("loop", directory.file("d/loop"));
  expect(await found(directory, "d", follow)).toEqual(["d/e/a.parquet", "d/f/b.parquet"]);
  expect(await found(directory, "**/*.parquet", follow)).toEqual(["d/e/a.parquet", "f/b.parquet"]);
  expect(await found(directory, "d/*/*/*/*.parquet", follow)).toEqual([
    "d/e/up/f/b.parquet",
    "d/f/d/e/a.parquet",
  ]);
});

test("folders that many links lead to are read once", async () => {
  using directory = directoryOf("d0/a.parquet");
  // Followed each time, the two links of each folder would make 2^40 paths.
  for (let depth = 1; depth <= 40; depth++) {
    mkdirSync(directory.file(`d${depth}`));
    for (const name of ["x", "y"]) {
      symlinkSync(`../d${depth - 1}`, directory.file(`d${depth}/${name}`));
    }
  }
  expect(await found(directory, "d40", follow)).toEqual([`d40/${"x/".repeat(40)}a.parquet`]);
});

test("a link that leads nowhere is listed where its name matches, for the scan to say so", async () => {
  using directory = directoryOf("a.parquet");
  symlinkSync("absent", directory.file("b.parquet"));
  symlinkSync("absent", directory.file("c"));
  expect(await found(directory, "**/*.parquet", follow)).toEqual(["a.parquet", "b.parquet"]);
});
