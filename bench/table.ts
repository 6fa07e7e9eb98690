/**
 * Prints results as aligned Markdown tables, ready for the README.
 *
 * @module
 */

/** A target of the project, and how far a case came. */
export interface Goal {
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
  readonly sense: "at most" | "at least";
  readonly unit: string;
}

/** What a case found. */
export interface CaseResult {
  readonly title: string;
  readonly header: readonly string[];
  readonly lines: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
  /** What a reader must know to judge the numbers. */
  readonly notes?: readonly string[];
}

/** Formats a case's result. */
export function formatResult({ title, header, lines, goals, notes = [] }: CaseResult): string {
  return [
    `## ${title}`,
    "",
    ...formatTable([header, ...lines]),
    "",
    ...goals.map(formatGoal),
    ...notes.map((note) => `  note: ${note}`),
    "",
  ].join("\n");
}

function formatTable(rows: readonly (readonly string[])[]): string[] {
  const [header = []] = rows;
  const widths = header.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? "").length)));
  const format = (row: readonly string[]) =>
    `| ${widths.map((width, i) => pad(row[i] ?? "", width, i)).join(" | ")} |`;
  const rule = `|${widths.map((width, i) => "-".repeat(width + 1) + (i ? ":" : "-")).join("|")}|`;
  return [format(header), rule, ...rows.slice(1).map(format)];
}

/** Names to the left, numbers to the right. */
function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}

function formatGoal({ what, measured, limit, sense, unit }: Goal): string {
  const met = sense === "at most" ? measured <= limit : measured >= limit;
  return `  ${met ? "met   " : "MISSED"} ${what}: ${
    digits(measured)
  }${unit} (${sense} ${limit}${unit})`;
}

/** A number with three significant digits. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toPrecision(3);
}

/** Seconds as shown in a table. */
export function seconds(value: number): string {
  return Number.isFinite(value) ? `${digits(value)} s` : "-";
}

/** Milliseconds from seconds, as shown in a table. */
export function milliseconds(valueSeconds: number): string {
  return Number.isFinite(valueSeconds) ? `${digits(valueSeconds * 1000)} ms` : "-";
}

/** Bytes as shown in a table. */
export function mebibytes(bytes: number): string {
  return Number.isFinite(bytes) ? `${digits(bytes / 2 ** 20)} MiB` : "-";
}

/** A ratio as shown in a table. */
export function times(ratio: number): string {
  return Number.isFinite(ratio) ? `${ratio.toFixed(2)} x` : "-";
}
