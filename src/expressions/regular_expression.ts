/**
 * Patterns of regular expressions.
 *
 * @module
 */
import { checkText } from "./check_literal.ts";

/**
 * The pattern of a regular expression, its flags in front.
 *
 * @param pattern The pattern as text, which is given back, or a `RegExp`. Its flags `i`, `m` and
 * `s` are kept; `d`, `g`, `u` and `v` have no bearing on whether it matches.
 * @returns The pattern, such as `(?i)^error`.
 * @throws {TypeError} Where it is neither, or the flag `y` is set.
 */
export function patternOf(pattern: string | RegExp): string {
  if (!(pattern instanceof RegExp)) return checkText(pattern, "A pattern");
  if (pattern.sticky) {
    throw new TypeError(
      `A pattern can't be sticky, as ${pattern} is. Begin it with ^ to match at the beginning`,
    );
  }
  const flags = [...pattern.flags].filter((flag) => "ims".includes(flag)).join("");
  return checkText(flags === "" ? pattern.source : `(?${flags})${pattern.source}`, "A pattern");
}
