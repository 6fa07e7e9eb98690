/**
 * Texts that are safe to print: in messages, plans and logs.
 *
 * @module
 */

/** Control characters, halves of pairs, and what breaks lines or turns the direction of writing around. */
const unprintable = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The longest message: the names of a hostile file may have megabytes. */
const mostCharacters = 4_000;

/**
 * The text with every character escaped that a terminal or a log would take for an order.
 *
 * Names of columns, paths and texts of cells come from whoever made a file, who may have put in an escape
 * sequence that rewrites a terminal, or a line break that forges an entry of a log.
 *
 * @param text Any text.
 * @param most The most characters that are kept; `Infinity` for all.
 * @returns The text on one line.
 *
 * @example
 * ```ts
 * import { printable } from "./printable.ts";
 * import { expect } from "@std/expect";
 *
 * expect(printable("column \x1b[2J\n")).toBe("column \\u{1b}[2J\\n");
 * expect(printable("abcdef", 3)).toBe("abc…");
 * ```
 */
export function printable(text: string, most: number = mostCharacters): string {
  const kept = text.length > most ? `${text.slice(0, most)}…` : text;
  return kept.replace(
    unprintable,
    (character) => short[character] ?? `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
