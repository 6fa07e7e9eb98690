/** A column of a printed table. Numbers stand on the right. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Prints a table with a title, its columns as wide as what they hold. */
export function printTable(
  title: string,
  { columns, rows }: { columns: readonly Column[]; rows: readonly (readonly string[])[] },
): void {
  const widths = columns.map((column, at) =>
    Math.max(column.title.length, ...rows.map((row) => row[at]?.length ?? 0))
  );
  const print = (cells: readonly string[]) => {
    const line = cells.map((cell, at) => {
      const width = widths[at] ?? 0;
      return columns[at]?.align === "right" ? cell.padStart(width) : cell.padEnd(width);
    });
    console.log(`  ${line.join("  ").trimEnd()}`);
  };
  console.log(`\n${title}`);
  print(columns.map((column) => column.title));
  print(widths.map((width) => "─".repeat(width)));
  rows.forEach(print);
}
