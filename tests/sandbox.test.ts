import { expect } from "@std/expect";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { relative } from "node:path";
import process from "node:process";
import { fixture } from "./support/fixtures.ts";
import { repositoryRoot, runtime, tempDirectory, test } from "./support/harness.ts";
import { runScript } from "./support/run_script.ts";
import type { Deed } from "./support/scripts/sandboxed.ts";

const onDeno = test.skipIf(runtime !== "deno");
const library = process.env["SPILLWAY_LIBRARY"];
const row = "1";

/**
 * A folder `in`, which a script is let into, and all around it: `out` holds a file, and `in` the same file
 * and links of every kind. `way` is a link to `in`.
 */
function sandbox() {
  const directory = tempDirectory();
  for (const folder of ["in/sub", "out/below", "others"]) {
    mkdirSync(directory.file(folder), { recursive: true });
  }
  for (const file of ["in/a", "in/sub/b", "in/..c", "out/a", "a"]) {
    copyFileSync(fixture("one_row"), directory.file(`${file}.parquet`));
  }
  writeFileSync(directory.file("out/secret.csv"), "a\n1\n");
  symlinkSync("../out/a.parquet", directory.file("in/link.parquet"));
  symlinkSync("../out/secret.csv", directory.file("in/secret.csv"));
  symlinkSync("../out", directory.file("in/folder"));
  symlinkSync("../out/below", directory.file("in/below"));
  symlinkSync("sub", directory.file("in/own"));
  symlinkSync("in", directory.file("way"));
  // Not `join`, which would take out `..`.
  const file = (name: string) => `${directory.path}/${name}`;
  return { file, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}

/** How each of some deeds ends in a process with these permissions beside what the library itself needs. */
async function ends(deeds: readonly Deed[], ...permissions: readonly string[]): Promise<string[]> {
  const environment = library ? ["--allow-env=SPILLWAY_LIBRARY"] : [];
  // A list of what may be read would end that everything may.
  const readsAll = permissions.includes("--allow-read");
  const itself = readsAll ? [] : [`--allow-read=${library ?? `${repositoryRoot}ffi`}`];
  const { code, stdout, stderr } = await runScript("sandboxed", {
    args: [JSON.stringify(deeds)],
    denoFlags: ["--allow-ffi", "--no-prompt", ...environment, ...itself, ...permissions],
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

/** The codes of errors, and numbers of rows as they are. */
const codes = (ended: readonly string[]) => ended.map((end) => end.replace(/:.*/s, ""));

onDeno("with leave to read one folder, nothing outside of it is read", async () => {
  using directory = sandbox();
  const { file } = directory;
  const leave = `--allow-read=${file("in")}`;
  const allowed: Deed[] = [
    ["scan", file("in/a.parquet")],
    ["scan", file("in")],
    ["scan", file("in/**/*.parquet")],
    ["scan", file("in/sub/../a.parquet")],
    ["scan", file("in/own/b.parquet")],
    ["scan", file("in/..c.parquet")],
    ["footer", file("in/a.parquet")],
  ];
  expect(await ends(allowed, leave)).toEqual([row, "2", "2", row, row, row, row]);
  const refused: Deed[] = [
    ["scan", file("out/a.parquet")],
    ["scan", file("in/../out/a.parquet")],
    ["scan", `${relative(repositoryRoot, file("out"))}/a.parquet`],
    ["scan", file("in/link.parquet")],
    ["scan", file("in/folder/a.parquet")],
    // Deno sees a file of `in` here, and the system the one beside `out`.
    ["scan", file("in/folder/../a.parquet")],
    ["scan", file("way/a.parquet")],
    ["scan", file("out")],
    ["scan", file("in/folder/*.parquet")],
    ["follow", file("in")],
    ["csv", file("in/secret.csv")],
    ["metadata", file("in/link.parquet")],
    ["footer", file("in/link.parquet")],
  ];
  const ended = await ends(refused, leave);
  expect(codes(ended)).toEqual(refused.map(() => "PERMISSION_DENIED"));
  expect(ended[3]).toContain(`leads to ${file("out/a.parquet")}`);
  expect(ended[3]).toContain(`--allow-read=${file("out/a.parquet")}`);
});

onDeno("a folder or a file that is allowed may be reached by a link itself", async () => {
  using directory = sandbox();
  const { file } = directory;
  const deeds: Deed[] = [
    ["scan", file("way/a.parquet")],
    ["scan", file("way/own/b.parquet")],
    ["scan", file("way/link.parquet")],
    ["scan", file("way/folder/a.parquet")],
  ];
  const ended = await ends(deeds, `--allow-read=${file("way")}`);
  expect(codes(ended)).toEqual([row, row, "PERMISSION_DENIED", "PERMISSION_DENIED"]);
  expect(await ends([["scan", file("in/link.parquet")]], `--allow-read=${file("in/link.parquet")}`))
    .toEqual([row]);
});

onDeno("what is denied within an allowed folder is not read, nor by a link to it", async () => {
  using directory = sandbox();
  const { file } = directory;
  const deeds: Deed[] = [
    ["scan", file("in/sub/b.parquet")],
    ["scan", file("in/own/b.parquet")],
    ["scan", file("in/a.parquet")],
  ];
  const denied = ["--deny-read=" + file("in/sub"), "--allow-read=" + file("in")];
  expect(codes(await ends(deeds, ...denied))).toEqual([
    "PERMISSION_DENIED",
    "PERMISSION_DENIED",
    row,
  ]);
  expect(codes(await ends(deeds, "--allow-read", denied[0]!))).toEqual([
    "PERMISSION_DENIED",
    "PERMISSION_DENIED",
    row,
  ]);
});

onDeno("nothing is written without leave, nor outside of the folder that is allowed", async () => {
  using directory = sandbox();
  const { file } = directory;
  const deeds: Deed[] = [
    ["write", file("in/new.parquet")],
    ["write", file("out/new.parquet")],
    ["write", file("in/../out/new.parquet")],
    ["write", file("in/folder/new.parquet")],
    ["write", file("in/folder/../new.parquet")],
    ["write", file("in/below/")],
    ["partition", file("in/below")],
    ["partition", file("others")],
    ["partition", file("in/new")],
  ];
  const all = deeds.map(() => "PERMISSION_DENIED");
  expect(codes(await ends(deeds, "--allow-read"))).toEqual(all);
  const ended = codes(await ends(deeds, `--allow-write=${file("in")}`));
  expect(ended).toEqual(["2", ...all.slice(2), "2"]);
  expect(readdirSync(file("out")).sort()).toEqual(["a.parquet", "below", "secret.csv"]);
  expect([...readdirSync(file("out/below")), ...readdirSync(file("others"))]).toEqual([]);
  expect(existsSync(file("new.parquet"))).toBe(false);
  expect(existsSync(file("in/new.parquet"))).toBe(true);
});
