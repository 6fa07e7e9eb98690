/**
 * The table of what was tried, as Markdown.
 *
 * @module
 */

import type { FailureKind, FaultReport } from "./soak_fault.ts";

/** A line of the table. */
export interface TableLine {
  /** The fault, as it is told. */
  readonly name: string;
  readonly report: FaultReport;
}

const header = ["fault", "tried", "answered", "refused", "crashes", "hangs", "leaks", "wrong"];
const kinds: readonly FailureKind[] = ["crash", "hang", "leak", "wrong"];

/**
 * Formats a runtime's table, as `deno fmt` would.
 *
 * @param lines A line a fault; their sum comes last
 */
export function formatTable(lines: readonly TableLine[]): string {
  const sum = lines.map(({ report }) => report).reduce(add, {
    tried: 0,
    answered: 0,
    refused: 0,
    failures: [],
  });
  const rows = [header, ...[...lines, { name: "all", report: sum }].map(cells)];
  const widths = header.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  const format = (row: readonly string[]) => `| ${row.map(pad).join(" | ")} |`;
  const pad = (text: string, at: number) =>
    at === 0 ? text.padEnd(widths[at]!) : text.padStart(widths[at]!);
  const rule = widths.map((width, at) =>
    at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  const [first = [], ...others] = rows;
  return [first, rule, ...others].map(format).join("\n");
}

function cells({ name, report }: TableLine): string[] {
  const { tried, answered, refused, failures } = report;
  const counts = kinds.map((kind) => failures.filter((failure) => failure.kind === kind).length);
  return [
    name,
    ...[tried, answered, refused, ...counts].map((count) => count.toLocaleString("en")),
  ];
}

function add(one: FaultReport, other: FaultReport): FaultReport {
  return {
    tried: one.tried + other.tried,
    answered: one.answered + other.answered,
    refused: one.refused + other.refused,
    failures: [...one.failures, ...other.failures],
  };
}

/** Where tables stand in a text. */
export const BEGIN = "<!-- deno task soak --write begins here -->";
/** Where they end. */
export const END = "<!-- and ends here -->";

/**
 * Puts tables between the two comments of a text, in the place of those before.
 *
 * @param text A Markdown page
 * @param tables What comes between
 * @throws {Error} Where the text has not both comments, in this order
 */
export function replaceTables(text: string, tables: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`The page has no ${BEGIN} before ${END}`);
  return `${text.slice(0, begin)}${BEGIN}\n\n${tables}\n\n${text.slice(end)}`;
}
