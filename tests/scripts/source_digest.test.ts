import { expect } from "@std/expect";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { sourceDigest } from "../../scripts/source_digest.ts";
import { tempDirectory, test } from "../support/harness.ts";

test("sourceDigest() changes with a file's content and name, not with its time or the target folder", async () => {
  using crate = tempDirectory();
  mkdirSync(crate.file("src"));
  writeFileSync(crate.file("src/lib.rs"), "fn a() {}");
  const digest = await sourceDigest(crate.path);

  utimesSync(crate.file("src/lib.rs"), 1, 1);
  mkdirSync(crate.file("target"));
  writeFileSync(crate.file("target/lib.so"), "built");
  expect(await sourceDigest(crate.path)).toBe(digest);

  writeFileSync(crate.file("src/lib.rs"), "fn b() {}");
  const edited = await sourceDigest(crate.path);
  expect(edited).not.toBe(digest);

  writeFileSync(crate.file("src/plan.rs"), "");
  expect(await sourceDigest(crate.path)).not.toBe(edited);
});
