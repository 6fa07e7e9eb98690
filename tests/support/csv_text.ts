/** How a table is written as CSV. */
export interface CsvManner {
  readonly delimiter: string;
  readonly lineBreak: string;
  /** Whether cells are quoted that need not be. */
  readonly quoteAll: boolean;
  /** Whether a line break ends the last line. */
  readonly lastBreak: boolean;
}

/** What most files are like. */
export const plainManner: CsvManner = {
  delimiter: ",",
  lineBreak: "\n",
  quoteAll: false,
  lastBreak: true,
};

/** A table of texts as CSV; `null` is nothing, and an empty text is `""`. */
export function csvText(
  rows: readonly (readonly (string | null)[])[],
  manner: CsvManner = plainManner,
): string {
  const { delimiter, lineBreak, quoteAll, lastBreak } = manner;
  const cellText = (cell: string | null) => {
    if (cell === null) return "";
    const special = cell === "" || /["\r\n]/.test(cell) || cell.includes(delimiter);
    return quoteAll || special ? `"${cell.replaceAll('"', '""')}"` : cell;
  };
  const lines = rows.map((row) => row.map(cellText).join(delimiter));
  return lines.join(lineBreak) + (lastBreak ? lineBreak : "");
}
