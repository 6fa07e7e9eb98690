/**
 * Patterns of paths, compiled to one test for each name on the way down.
 *
 * The syntax is the shell's: `*` is any part of a name, `?` one character, `[a-z]` one of a range,
 * `[!a]` one that is not there, `{a,b}` either, and `**` as a whole name any number of folders.
 * Nothing but a dot matches a dot at the start of a name. A character in brackets is itself: `[*]`.
 *
 * @module
 */
import { separators } from "./path_parts.ts";

/** One name of a pattern, and what comes below it. */
export interface GlobStep {
  /** Whether the name of a file or a folder fits. */
  readonly matches: (name: string) => boolean;
  /** Whether the step is `**`: it stays for the folders that match, or is skipped. */
  readonly anyDepth: boolean;
  /** What has to match below; `null` where the name is the file's. */
  readonly next: GlobStep | null;
}

/** A folder, and what to look for in it. */
export interface GlobStart {
  /** The part of the pattern without wildcards, with its last separator: `""` where it has none. */
  readonly folder: string;
  /** Of the alternatives in braces, those that begin in this folder. */
  readonly steps: readonly GlobStep[];
}

/** More alternatives are a mistake: `{0,1}` twenty times makes a million. */
const MOST_ALTERNATIVES = 1_000;

const brackets = String.raw`\[([!^]?)(\][^\]]*|[^\]]+)\]`;
const wildcard = new RegExp(String.raw`[*?]|${brackets}`);
const tokens = new RegExp(String.raw`\*+|\?|${brackets}|[\\^$.+(){}|/\[\]]`, "g");
const bracesAndCommas = new RegExp(`${brackets}|[{},]`, "g");

/** Whether a path has wildcards in it. */
export function isGlob(path: string): boolean {
  return wildcard.test(path) || expandBraces(path) !== null;
}

/**
 * Compiles a pattern. One that ends in a separator means the files that
 * {@linkcode everyFileBelow} finds in the folders that match.
 *
 * @param pattern The pattern.
 * @param suffixes How those files' names end.
 * @returns Where to begin: one entry for each folder.
 * @throws {TypeError} Where a range in brackets runs backwards.
 * @throws {RangeError} Where the braces make more than 1,000 alternatives.
 *
 * @example
 * ```ts
 * import { compileGlob } from "./glob_pattern.ts";
 * import { expect } from "@std/expect";
 *
 * const [start] = compileGlob("data/2024/part-*.parquet", ".parquet");
 * expect(start?.folder).toBe("data/2024/");
 * expect(start?.steps[0]?.matches("part-7.parquet")).toBe(true);
 * expect(start?.steps[0]?.matches("total.parquet")).toBe(false);
 * ```
 */
export function compileGlob(pattern: string, suffixes: string | readonly string[]): GlobStart[] {
  const starts = new Map<string, GlobStep[]>();
  for (const alternative of alternativesOf(pattern)) {
    if (alternative === "") continue;
    const { folder, names } = splitAtWildcard(alternative);
    const step = names.filter((name) => name !== "" && name !== ".").reduceRight<GlobStep | null>(
      (next, name) =>
        name === "**"
          ? { matches: isVisible, anyDepth: true, next: next ?? anyName }
          : { matches: nameTest(name, pattern), anyDepth: false, next },
      names.at(-1) === "" ? everyFileBelow(suffixes) : null,
    ) ?? anyName;
    const steps = starts.get(folder);
    if (steps) steps.push(step);
    else starts.set(folder, [step]);
  }
  return Array.from(starts, ([folder, steps]) => ({ folder, steps }));
}

/**
 * The steps to the files of a folder that is read as a whole, at any depth. Names that start with
 * `_` or `.` are passed over, with all below them: writers keep there what isn't data, or not yet.
 *
 * @param suffixes How the files' names end: one of these.
 */
export function everyFileBelow(suffixes: string | readonly string[]): GlobStep {
  const isData = (name: string) => !name.startsWith("_") && isVisible(name);
  const ends = [suffixes].flat();
  const matches = (name: string) => isData(name) && ends.some((end) => name.endsWith(end));
  return { matches: isData, anyDepth: true, next: { matches, anyDepth: false, next: null } };
}

/**
 * Takes a name: the step that {@linkcode GlobStep} describes, for all the steps that a path may
 * stand at.
 *
 * @param steps The steps that a folder stands at.
 * @param name The name of something in the folder.
 * @returns Whether it is matched as a file, and the steps that it stands at as a folder.
 */
export function advance(
  steps: readonly GlobStep[],
  name: string,
): { isMatch: boolean; below: GlobStep[] } {
  const below = new Set<GlobStep>();
  let isMatch = false;
  for (let step of steps) {
    while (step.anyDepth && step.next !== null) {
      if (step.matches(name)) below.add(step);
      step = step.next;
    }
    if (!step.matches(name)) continue;
    if (step.next === null) isMatch = true;
    else below.add(step.next);
  }
  return { isMatch, below: [...below] };
}

const isVisible = (name: string) => !name.startsWith(".");
const anyName: GlobStep = { matches: isVisible, anyDepth: false, next: null };

/** The folder that the names without wildcards lead to; the last name is always a file's. */
function splitAtWildcard(pattern: string): { folder: string; names: string[] } {
  // The parts alternate between names and separators, which the folder keeps as they were given.
  const parts = pattern.split(new RegExp(`(${separators.source})`));
  let cut = 0;
  while (cut < parts.length - 1 && !wildcard.test(parts[cut] ?? "")) cut += 2;
  return {
    folder: parts.slice(0, cut).join(""),
    names: parts.slice(cut).filter((_, index) => index % 2 === 0),
  };
}

function nameTest(name: string, pattern: string): (name: string) => boolean {
  if (!wildcard.test(name)) return (other) => other === name;
  const source = name.replace(tokens, (token, negation?: string, characters?: string) => {
    if (token.startsWith("*")) return ".*";
    if (token === "?") return ".";
    if (characters === undefined) return `\\${token}`;
    return `[${negation ? "^" : ""}${characters.replace(/[\\\[\]^]/g, "\\$&")}]`;
  });
  const notHidden = name.startsWith(".") ? "" : String.raw`(?!\.)`;
  try {
    // By code points, and any character: a name may hold a line break.
    const test = new RegExp(`^${notHidden}${source}$`, "su");
    return (other) => test.test(other);
  } catch (cause) {
    throw new TypeError(
      `Can't read the pattern ${pattern}: a range in "${name}" runs backwards. ` +
        "Write its lower end first, as in [a-z]",
      { cause },
    );
  }
}

function alternativesOf(pattern: string): Set<string> {
  const alternatives = [pattern];
  for (let index = 0; index < alternatives.length;) {
    const expanded = expandBraces(alternatives[index] ?? "");
    if (expanded === null) index++;
    else alternatives.splice(index, 1, ...expanded);
    if (alternatives.length > MOST_ALTERNATIVES) {
      throw new RangeError(
        `Can't read the pattern ${pattern}: its braces make more than ${MOST_ALTERNATIVES} ` +
          "alternatives. Use wildcards, or give several patterns",
      );
    }
  }
  return new Set(alternatives);
}

/** Replaces the first braces that hold a comma and no other such braces, or gives `null`. */
function expandBraces(pattern: string): string[] | null {
  const open: number[][] = [];
  for (const { 0: mark, index } of pattern.matchAll(bracesAndCommas)) {
    if (mark === "{") open.push([index]);
    else if (mark === ",") open.at(-1)?.push(index);
    else if (mark === "}") {
      const cuts = open.pop() ?? [];
      if (cuts.length < 2) continue;
      const [before, after] = [pattern.slice(0, cuts[0]), pattern.slice(index + 1)];
      return cuts.map((cut, at) => before + pattern.slice(cut + 1, cuts[at + 1] ?? index) + after);
    }
  }
  return null;
}
