import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { expect } from "@std/expect";
import { type PathKind, pathKinds } from "../src/find/path_kinds.ts";
import { tempDirectory, test } from "./support/harness.ts";

test("what lies at many paths is told as for few", async () => {
  using folder = tempDirectory();
  const expected = new Map<string, PathKind>();
  for (let index = 0; index < 1_100; index++) {
    const path = folder.file(`größe ${index}.parquet`);
    const kind = ([null, "directory", "other", "other"] as const)[index % 4] ?? null;
    if (kind === "directory") mkdirSync(path);
    else if (index % 4 === 3) symlinkSync(folder.path, path);
    else if (kind === "other") writeFileSync(path, "");
    expected.set(path, index % 4 === 3 ? "directory" : kind);
  }
  const paths = [...expected.keys()];
  const kinds = [...expected.values()];
  expect(await pathKinds(paths, null)).toEqual(kinds);
  expect(await pathKinds(paths.slice(0, 12), null)).toEqual(kinds.slice(0, 12));
  // No path has a NUL in it: the native call can't tell the paths apart then.
  expect(await pathKinds([...paths, "a\0b"], null)).toEqual([...kinds, null]);
});

test("looking at many paths ends with the signal's reason", async () => {
  const paths = Array.from({ length: 3_000 }, (_, index) => `absent-${index}`);
  await expect(pathKinds(paths, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
});
