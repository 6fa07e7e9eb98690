import { expect } from "@std/expect";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pointerUses, unsafeUses } from "../../scripts/unsafe_uses.ts";
import { repositoryRoot, test } from "../support/harness.ts";

/** Where Rust may be unsafe: at the boundary, and where files are mapped. */
const unsafePlaces = /^rust\/src\/(?:abi\/|source\.rs$|source\/|map_guard(?:\.rs$|\/))/;

function sources(folder: string, extension: string): string[] {
  const names = readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(extension)).map((name) =>
    `${folder}/${name.replaceAll("\\", "/")}`
  );
}

const read = (path: string) => readFileSync(join(repositoryRoot, path), "utf8");

test("Rust is unsafe at the boundary and where files are mapped only, each time with its reason", () => {
  const counts = { block: 0, declaration: 0 };
  const strays: string[] = [];
  const unjustified: string[] = [];
  for (const path of sources("rust/src", ".rs")) {
    for (const { line, kind, justified } of unsafeUses(read(path))) {
      counts[kind]++;
      if (!unsafePlaces.test(path)) strays.push(`${path}:${line}`);
      if (!justified) unjustified.push(`${path}:${line}`);
    }
  }
  console.log(`Rust: ${counts.block} unsafe blocks, ${counts.declaration} unsafe declarations`);
  expect({ strays, unjustified }).toEqual({ strays: [], unjustified: [] });
  // A search that finds nothing would pass too.
  expect(counts.block).toBeGreaterThan(30);
  expect(counts.declaration).toBeGreaterThan(10);
});

test("TypeScript handles pointers under ffi/ only", () => {
  const all = ["src", "ffi", "demo", "bench", "scripts"].flatMap((folder) =>
    sources(folder, ".ts")
  );
  const uses = all.filter((path) => path !== "scripts/unsafe_uses.ts").flatMap((path) =>
    pointerUses(read(path)).map((line) => `${path}:${line}`)
  );
  const strays = uses.filter((use) => !use.startsWith("ffi/"));
  console.log(`TypeScript: ${uses.length} lines with pointers`);
  expect(strays).toEqual([]);
  expect(uses.length).toBeGreaterThan(5);
});

test("a block needs a comment, a declaration a section of its documentation", () => {
  const found = (source: string) =>
    unsafeUses(source).map(({ line, kind, justified }) => [line, kind, justified]);
  expect(found("fn f() {\n    unsafe { g() }\n}")).toEqual([[2, "block", false]]);
  expect(found("// SAFETY: it is there.\nlet a = unsafe { *p };")).toEqual([[2, "block", true]]);
  expect(found("// SAFETY: of two lines,\n// and more.\nlet a =\n    unsafe { *p };")).toEqual([
    [4, "block", true],
  ]);
  expect(found("// SAFETY: far away.\na();\nb();\nc();\nd();\nunsafe { *p };")).toEqual([
    [6, "block", false],
  ]);
  expect(found("/// # Safety\n/// It lives.\n#[inline]\nunsafe fn f() {}")).toEqual([
    [4, "declaration", true],
  ]);
  expect(found('/// Text.\npub unsafe extern "C" fn f() {}')).toEqual([[2, "declaration", false]]);
  expect(found("unsafe impl Send for A {}")).toEqual([[1, "declaration", false]]);
  const none =
    '#[unsafe(no_mangle)]\ntype F = unsafe extern "C" fn();\n// unsafe {\nlet a = "unsafe {";';
  expect(found(none)).toEqual([]);
});

test("pointers in comments are none", () => {
  expect(pointerUses('Deno.dlopen(path);\n/** `Deno.dlopen` */\nawait import("bun:ffi");')).toEqual(
    [
      1,
      3,
    ],
  );
});
