import { expect } from "@std/expect";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FileAccessError, FileNotFoundError } from "spillway";
import { findFiles } from "../src/find/find_files.ts";
import { runtime, tempDirectory, test } from "./support/harness.ts";
import { directoryOf, failure, found } from "./support/found_files.ts";
import { mayReadAll } from "./support/may_read_all.ts";
import { runScript } from "./support/run_script.ts";

test("a plain path is listed as it was given, whether or not it exists", async () => {
  using directory = directoryOf("a.parquet");
  const [present, absent] = [directory.file("a.parquet"), directory.file("b.parquet")];
  expect(await findFiles(present)).toEqual([{ path: present, partitions: [] }]);
  expect(await findFiles(absent)).toEqual([{ path: absent, partitions: [] }]);
  expect(await findFiles("./absent//x.parquet")).toEqual([
    { path: "./absent//x.parquet", partitions: [] },
  ]);
});

test("a file: URL is its path, and may be a directory or hold a pattern", async () => {
  using directory = directoryOf("d 1/a.parquet", "d 1/b.parquet");
  const url = pathToFileURL(directory.path + "/");
  const pathsAt = async (relative: string) =>
    (await findFiles(new URL(relative, url))).map(({ path }) => path);
  const [a, b] = [directory.file("d 1/a.parquet"), directory.file("d 1/b.parquet")];
  expect(await pathsAt("d%201/a.parquet")).toEqual([a]);
  expect(await pathsAt("d%201")).toEqual([a, b]);
  expect(await pathsAt("d%201/[!b]*")).toEqual([a]);
  expect(await pathsAt("*/%3F.parquet")).toEqual([a, b]);
});

test("a pattern lists its files in natural order, a folder's own before those below", async () => {
  const names = ["part-2.parquet", "part-10.parquet", "z.parquet", "m2/a.parquet", "m10/a.parquet"];
  using directory = directoryOf(...names, "m2/b.csv", "c.csv");
  expect(await found(directory, "**/*.parquet")).toEqual(names);
  expect(await found(directory, "*.parquet")).toEqual(names.slice(0, 3));
  expect(await found(directory, "m*/*")).toEqual(["m2/a.parquet", "m2/b.csv", "m10/a.parquet"]);
  expect(await found(directory, "{m10,m2}/{z,a}.*")).toEqual(["m2/a.parquet", "m10/a.parquet"]);
});

test("a pattern's matches begin as the pattern does", async () => {
  const paths = async (pattern: string) => (await findFiles(pattern)).map(({ path }) => path);
  expect(await paths("tests/data/read*.parquet")).toEqual(["tests/data/readings.parquet"]);
  expect(await paths("./tests/data//*.parquet")).toEqual(["./tests/data//readings.parquet"]);
  expect(await paths("READM?.md")).toEqual(["README.md"]);
  expect(await paths("*/data/readings.parquet")).toEqual(["tests/data/readings.parquet"]);
});

test("a directory lists its Parquet files at any depth, without what writers hide", async () => {
  using directory = directoryOf(
    "d/b.parquet",
    "d/a/c.parquet",
    "d/a/e/f.parquet",
    "d/notes.txt",
    "d/_SUCCESS",
    "d/_part.parquet",
    "d/.part.parquet",
    "d/_temporary/0/part.parquet",
    "d/.cache/part.parquet",
    "d/a/_delta_log/1.parquet",
  );
  const data = ["d/b.parquet", "d/a/c.parquet", "d/a/e/f.parquet"];
  expect(await found(directory, "d")).toEqual(data);
  expect(await found(directory, ["d/"])).toEqual(data);
  expect(await found(directory, "d", { suffixes: ".txt" })).toEqual(["d/notes.txt"]);
});

test("a hidden directory that is named itself is read", async () => {
  using directory = directoryOf("_d/a.parquet", ".d/a.parquet");
  expect(await found(directory, ["_d", ".d"])).toEqual(["_d/a.parquet", ".d/a.parquet"]);
});

test("a pattern takes names with an underscore, and those with a dot only by a dot", async () => {
  using directory = directoryOf("_a.parquet", ".a.parquet", "_d/b.parquet", ".d/b.parquet");
  expect(await found(directory, "**/*.parquet")).toEqual(["_a.parquet", "_d/b.parquet"]);
  expect(await found(directory, ".*")).toEqual([".a.parquet"]);
  expect(await found(directory, ".d/*")).toEqual([".d/b.parquet"]);
});

test("a pattern that ends in a slash reads the folders that match as directories", async () => {
  using directory = directoryOf(
    "y=1/m=2/a.parquet",
    "y=2/_x/a.parquet",
    "y=2/a.csv",
    "z/a.parquet",
  );
  expect(await found(directory, "y=*/")).toEqual(["y=1/m=2/a.parquet"]);
});

test("a path that exists is itself, though it looks like a pattern", async () => {
  using directory = directoryOf("[a].parquet", "a.parquet", "{a,b}/c.parquet", "a/c.parquet");
  expect(await found(directory, "[a].parquet")).toEqual(["[a].parquet"]);
  expect(await found(directory, "{a,b}")).toEqual(["{a,b}/c.parquet"]);
  expect(await found(directory, "[[]a].parquet")).toEqual(["[a].parquet"]);
  expect(await found(directory, "[{]a,b}/*")).toEqual(["{a,b}/c.parquet"]);
});

test("a list keeps the order of its items", async () => {
  using directory = directoryOf("c.parquet", "a.parquet", "d/b.parquet", "e1.csv", "e2.csv");
  expect(await found(directory, ["e*.csv", "c.parquet", "d", "a.parquet"])).toEqual([
    "e1.csv",
    "e2.csv",
    "c.parquet",
    "d/b.parquet",
    "a.parquet",
  ]);
});

test("a file is listed as often as its own path is given, and once at least", async () => {
  using directory = directoryOf("a.parquet", "b.parquet");
  const both = ["a.parquet", "b.parquet"];
  expect(await found(directory, ["a.parquet", "a.parquet"])).toEqual(["a.parquet", "a.parquet"]);
  expect(await found(directory, ["absent", "absent"])).toEqual(["absent", "absent"]);
  expect(await found(directory, ["*.parquet", "?.parquet", "{a,a,[ab]}.parquet"])).toEqual(both);
  expect(await found(directory, [".", "./"])).toEqual(both);
  expect(await found(directory, ["b.parquet", "*"])).toEqual(["b.parquet", "a.parquet"]);
  expect(await found(directory, ["*", "b.parquet"])).toEqual(both);
  expect(await found(directory, ["*", "b.parquet", "b.parquet"])).toEqual([...both, "b.parquet"]);
});

test("a pattern that matches nothing is an error with the pattern and the folder", async () => {
  using directory = directoryOf("data/a.csv");
  const pattern = directory.file("data/*.parquet");
  const error = await failure(findFiles(pattern));
  expect(error).toBeInstanceOf(FileNotFoundError);
  expect([error.code, error.path]).toEqual(["FILE_NOT_FOUND", pattern]);
  expect(error.message).toContain(`${pattern}: nothing in ${directory.file("data")} matches`);
  expect(error.message).toContain("allowEmpty");
});

test("where the pattern's folder is missing, the error names the nearest one that exists", async () => {
  using directory = directoryOf("data/a.parquet");
  const error = await failure(findFiles(directory.file("data/2023/x/*.parquet")));
  expect(error.message).toContain(
    `looked in ${directory.file("data")}, as there is no folder ${directory.file("data/2023/x")}`,
  );
  const onFile = await failure(findFiles(directory.file("data/a.parquet/*")));
  expect(onFile.message).toContain(`looked in ${directory.file("data")},`);
  const relative = await failure(findFiles("absent/*.parquet"));
  expect(relative.message).toContain("looked in ., as there is no folder absent");
});

test("a pattern that only folders match says how to name their files", async () => {
  using directory = directoryOf("y=1/a.parquet", "y=2/a.parquet");
  const { message } = await failure(findFiles(directory.file("y=*")));
  expect(message).toContain("Folders match (2): end the pattern in a slash");
});

test("a directory without Parquet files, or that is missing, is an error", async () => {
  using directory = directoryOf("data/a.csv");
  const empty = await failure(findFiles(directory.file("data")));
  expect(empty).toBeInstanceOf(FileNotFoundError);
  expect(empty.message).toContain(`nothing in ${directory.file("data")} ends in .parquet`);
  const missing = await failure(findFiles(directory.file("absent/")));
  expect(missing).toBeInstanceOf(FileNotFoundError);
  expect(missing.message).toContain(`there is no folder ${directory.file("absent")}`);
});

test("one item of a list that names nothing is an error too", async () => {
  using directory = directoryOf("a.parquet");
  const error = await failure(found(directory, ["a.parquet", "*.pq"]));
  expect(error.path).toBe(directory.file("*.pq"));
});

test("allowEmpty lets items name nothing", async () => {
  using directory = directoryOf("a.csv");
  const options = { allowEmpty: true };
  expect(await found(directory, ["*.parquet", "absent/*", ".", "absent/"], options)).toEqual([]);
  expect(await found(directory, ["*.parquet", "a.csv"], options)).toEqual(["a.csv"]);
  expect(await findFiles([], options)).toEqual([]);
});

test("an empty list is refused, and so is what is no path", async () => {
  await expect(findFiles([])).rejects.toThrow(RangeError);
  await expect(findFiles("")).rejects.toThrow(TypeError);
  await expect(findFiles(new URL("https://example.com/*.parquet"))).rejects.toThrow(TypeError);
  await expect(findFiles(JSON.parse("[5]"))).rejects.toThrow(TypeError);
});

test("folders named key=value are columns where that is asked for", async () => {
  using directory = directoryOf(
    "s/y=2024/m=01/a.parquet",
    "s/y=2024/m=__HIVE_DEFAULT_PARTITION__/b",
  );
  const partitions = async (item: string, hive: boolean) =>
    (await findFiles(directory.file(item), { hive })).map((file) => file.partitions);
  expect(await partitions("s/*/*/*", false)).toEqual([[], []]);
  expect(await partitions("s/*/*/*", true)).toEqual([
    [["y", "2024"], ["m", "01"]],
    [["y", "2024"], ["m", null]],
  ]);
  // Also those above the place where the pattern or the directory begins.
  const first = [[["y", "2024"], ["m", "01"]]];
  expect(await partitions("s", true)).toEqual(first);
  expect(await partitions("s/y=2024", true)).toEqual(first);
  expect(await partitions("s/y=2024/m=01/*", true)).toEqual(first);
  expect(await partitions("s/y=2024/m=01/a.parquet", true)).toEqual(first);
});

test("ten thousand files in a hundred folders are all found, in order", async () => {
  using directory = tempDirectory();
  const names: string[] = [];
  for (let folder = 0; folder < 100; folder++) {
    mkdirSync(directory.file(`f${folder}`));
    for (let file = 0; file < 100; file++) {
      const name = `f${folder}/part-${file}.parquet`;
      writeFileSync(directory.file(name), "");
      names.push(name);
    }
  }
  expect(await found(directory, "**/*.parquet")).toEqual(names);
  expect(await found(directory, ".")).toEqual(names);
  expect(await found(directory, "f7/*.parquet")).toEqual(names.slice(700, 800));
});

test("a folder that the system refuses to list is an error that names it", async () => {
  using directory = directoryOf("a.parquet");
  // Too long for any file system: refused for everybody, as permissions are not for root.
  const folder = directory.file("x".repeat(300));
  const error = await failure(findFiles(`${folder}/*.parquet`));
  expect(error).toBeInstanceOf(FileAccessError);
  expect([error.code, error.path]).toEqual(["FILE_ACCESS", folder]);
  expect(error.message).toContain(`Can't list the folder ${folder}`);
  expect(error.cause).toBeInstanceOf(Error);
});

test.skipIf(mayReadAll())(
  "a folder without leave to read is an error that names it",
  async () => {
    using directory = directoryOf("d/a.parquet", "d/closed/b.parquet");
    const closed = directory.file("d/closed");
    chmodSync(closed, 0o000);
    try {
      for (const item of ["d", "d/**/*.parquet", "d/closed", "d/closed/*"]) {
        const error = await failure(findFiles(directory.file(item)));
        expect(error).toBeInstanceOf(FileAccessError);
        expect(error.path).toBe(closed);
      }
      expect(await found(directory, "d/*.parquet")).toEqual(["d/a.parquet"]);
      expect(await found(directory, "d/closed/b.parquet")).toEqual(["d/closed/b.parquet"]);
    } finally {
      chmodSync(closed, 0o700);
    }
  },
);

const onDeno = runtime === "deno";

async function listed(args: readonly string[], denoFlags: readonly string[]) {
  const { code, stdout, stderr } = await runScript("list_files", {
    args,
    denoFlags: [...denoFlags, "--no-prompt"],
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

test.skipIf(!onDeno)("leave to read the folders is all that is needed", async () => {
  using directory = directoryOf("d/a.parquet", "d/e/b.parquet", "other/c.parquet");
  symlinkSync("a.parquet", directory.file("d/link.parquet"));
  const folder = directory.file("d");
  const [a, b] = [join(folder, "a.parquet"), join(folder, "e/b.parquet")];
  const flags = [`--allow-read=${folder}`];
  expect(await listed([folder], flags)).toEqual({ paths: [a, b] });
  expect(await listed([`${folder}/**/[a-z]*.{parquet,pq}`], flags)).toEqual({ paths: [a, b] });
  expect(await listed([b, a], flags)).toEqual({ paths: [b, a] });
  const relative = await listed(["tests/da[t]a/*.parquet"], ["--allow-read=tests"]);
  expect(relative).toEqual({ paths: ["tests/data/readings.parquet"] });
});

test.skipIf(!onDeno)("a folder that Deno may not read is an error with the flag", async () => {
  using directory = directoryOf("open/a.parquet", "closed/b.parquet");
  const closed = directory.file("closed");
  const flags = [`--allow-read=${directory.path}`, `--deny-read=${closed}`];
  for (const item of [`${closed}/*`, `${closed}/`, `${directory.path}/*/*`, directory.path]) {
    const { name, code, path, message } = await listed([item], flags);
    expect({ item, name, code, path }).toEqual({
      item,
      name: "PermissionDeniedError",
      code: "PERMISSION_DENIED",
      path: closed,
    });
    expect(message).toContain(`--allow-read=${closed}`);
  }
  // A plain path is left to the scan, which asks for itself.
  expect(await listed([closed], flags)).toEqual({ paths: [closed] });
  // A folder that can hold no match is not even looked into.
  expect(await listed([`${directory.path}/o*/*.parquet`], flags)).toEqual({
    paths: [directory.file("open/a.parquet")],
  });
});
