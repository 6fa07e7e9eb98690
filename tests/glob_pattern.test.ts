import { expect } from "@std/expect";
import { advance, compileGlob, type GlobStep, isGlob } from "../src/find/glob_pattern.ts";
import { test } from "./support/harness.ts";

/** Whether a pattern matches the path of a file, name by name as a walk would. */
function matches(pattern: string, path: string): boolean {
  return compileGlob(pattern, ".parquet").some(({ folder, steps }) => {
    if (!path.startsWith(folder)) return false;
    const names = path.slice(folder.length).split("/");
    const file = names.pop() ?? "";
    let at: readonly GlobStep[] = steps;
    for (const name of names) at = advance(at, name).below;
    return advance(at, file).isMatch;
  });
}

const table: Readonly<Record<string, { yes: readonly string[]; no: readonly string[] }>> = {
  "*": { yes: ["a", "_a", "a b", "a\nb"], no: [".a", "a/b"] },
  "*.parquet": { yes: ["a.parquet", "a.b.parquet"], no: [".parquet", "a.PARQUET", "a_parquet"] },
  "a*b*c": { yes: ["abc", "a-b-c", "abbcc"], no: ["acb", "abcd", "xabc"] },
  "part-?": { yes: ["part-1", "part-ä", "part-😀"], no: ["part-", "part-10"] },
  "?a": { yes: ["aa", "_a"], no: [".a", "a"] },
  ".*": { yes: [".a", ".a.b"], no: ["a", "a."] },
  "[a-c]1": { yes: ["a1", "b1", "c1"], no: ["d1", "-1", "A1", "1"] },
  "[abc]": { yes: ["a", "c"], no: ["d", "ab", "[abc]"] },
  "[!a-c]": { yes: ["d", "-"], no: ["a", "c", ".", ""] },
  "[^a]": { yes: ["b", "^"], no: ["a"] },
  "[a^]": { yes: ["a", "^"], no: ["b"] },
  "[a-]": { yes: ["a", "-"], no: ["b"] },
  "[]x]": { yes: ["]", "x"], no: ["[", "]x"] },
  "[!]]": { yes: ["x", "["], no: ["]"] },
  "[[]1]": { yes: ["[1]"], no: ["1", "[1"] },
  "[\\d]": { yes: ["\\", "d"], no: ["1"] },
  "[a": { yes: ["[a"], no: ["a"] },
  "[]": { yes: ["[]"], no: [""] },
  "[*].csv": { yes: ["*.csv"], no: ["a.csv"] },
  "[?]": { yes: ["?"], no: ["a"] },
  "[{]a,b}": { yes: ["{a,b}"], no: ["a", "b"] },
  "[.]a*": { yes: [], no: [".a", "a"] },
  "{a,b}": { yes: ["a", "b"], no: ["{a,b}", "a,b", "ab"] },
  "{a}": { yes: ["{a}"], no: ["a"] },
  "{a,b": { yes: ["{a,b"], no: ["a"] },
  "a,b}": { yes: ["a,b}"], no: ["a"] },
  "p{,-1,-2}x": { yes: ["px", "p-1x", "p-2x"], no: ["p-3x", "p,x"] },
  "{a,b{c,d}}": { yes: ["a", "bc", "bd"], no: ["b", "ac"] },
  "{a,{b}}": { yes: ["a", "{b}"], no: ["b"] },
  "{a,.b}*": { yes: ["a1", ".b1"], no: [".a"] },
  "{x/a,y}/*": { yes: ["x/a/1", "y/1"], no: ["x/1", "a/1"] },
  "*.{parquet,pq}": { yes: ["a.parquet", "a.pq"], no: ["a.csv"] },
  "**": { yes: ["a", "b/a", "c/b/a"], no: [".a", ".b/a", "b/.a"] },
  "**/a": { yes: ["a", "b/a", "c/b/a"], no: ["ba", "b/ba", ".b/a", "a/b"] },
  "x/**/y/*": { yes: ["x/y/1", "x/a/y/1", "x/a/b/y/1", "x/y/y/1"], no: ["x/1", "y/1", "x/y"] },
  "**/x/**/*.a": { yes: ["x/1.a", "b/x/c/d/1.a", "x/x/1.a"], no: ["b/1.a", "xx/1.a"] },
  "**/**/a": { yes: ["a", "b/a", "c/b/a"], no: ["b"] },
  "a**": { yes: ["a", "ab"], no: ["a/b", "b"] },
  "*/*": { yes: ["a/b"], no: ["a", "a/b/c", ".a/b"] },
  "*/./a": { yes: ["b/a"], no: ["a", "b/./a"] },
  "*//a": { yes: ["b/a"], no: ["a"] },
  "*/": { yes: ["x/1.parquet", "x/y/1.parquet"], no: ["1.parquet", "x/1.csv", "x/_y/1.parquet"] },
  "**/": { yes: ["1.parquet", "x/y/1.parquet"], no: ["1.csv", "x/_1.parquet"] },
  "y=*/m={1,2}/*": { yes: ["y=1/m=1/a", "y=/m=2/a"], no: ["y=1/m=3/a", "y=1/a", "y/m=1/a"] },
  "a.(b)+$|^*": { yes: ["a.(b)+$|^", "a.(b)+$|^c"], no: ["ab", "axb"] },
  "a-z*": { yes: ["a-z", "a-z1"], no: ["b1"] },
  "\\*": { yes: ["\\", "\\a"], no: ["*", "a"] },
};

for (const [pattern, { yes, no }] of Object.entries(table)) {
  test(`${pattern} matches what it should and nothing else`, () => {
    expect(yes.filter((path) => !matches(pattern, path))).toEqual([]);
    expect(no.filter((path) => matches(pattern, path))).toEqual([]);
  });
}

test("a pattern begins in the folder that its names without wildcards lead to", () => {
  const foldersOf = (pattern: string) => compileGlob(pattern, "").map(({ folder }) => folder);
  expect(foldersOf("*.parquet")).toEqual([""]);
  expect(foldersOf("./*.parquet")).toEqual(["./"]);
  expect(foldersOf("../a/*")).toEqual(["../a/"]);
  expect(foldersOf("/*")).toEqual(["/"]);
  expect(foldersOf("/data//2024/m*/part.parquet")).toEqual(["/data//2024/"]);
  expect(foldersOf("data/{a,b}.parquet")).toEqual(["data/"]);
  expect(foldersOf("{a,b}/x/*")).toEqual(["a/x/", "b/x/"]);
  expect(foldersOf("data/{a,}")).toEqual(["data/"]);
});

test("a folder that can hold no match is not entered", () => {
  const [start] = compileGlob("y=*/m=1/*.parquet", "");
  const inFolders = (...names: string[]) =>
    names.reduce<readonly GlobStep[]>((at, name) => advance(at, name).below, start?.steps ?? []);
  expect(inFolders("y=1").length).toBe(1);
  expect(inFolders("y=1", "m=1").length).toBe(1);
  expect(inFolders("x=1")).toEqual([]);
  expect(inFolders("y=1", "m=2")).toEqual([]);
  expect(inFolders("y=1", "m=1", "more")).toEqual([]);
});

test("only a path with a wildcard or alternatives is a pattern", () => {
  for (const path of ["a*", "a?", "[a]", "{a,b}", "x/{a,b}/y"]) expect(isGlob(path)).toBe(true);
  for (const path of ["a", "a]", "[a", "[]", "{a}", "a,b", "{a,b", "a=1"]) {
    expect({ path, isGlob: isGlob(path) }).toEqual({ path, isGlob: false });
  }
});

test("a range that runs backwards is an error that names the pattern", () => {
  expect(() => compileGlob("data/part-[9-0].parquet", "")).toThrow(TypeError);
  expect(() => compileGlob("data/part-[9-0].parquet", "")).toThrow("data/part-[9-0].parquet");
});

test("a thousand alternatives are taken, more are refused", () => {
  expect(compileGlob("{0,1,2,3,4,5,6,7,8,9}".repeat(3), "")[0]?.steps.length).toBe(1_000);
  expect(() => compileGlob("{0,1}".repeat(30), "")).toThrow(RangeError);
});
