/** The characters that a CSV text is made with. */
export interface CsvDialect {
  readonly delimiter?: string;
  readonly quote?: string;
  /** What stands before a quote within a cell; the quote itself where it is left out. */
  readonly escape?: string;
  readonly lineEnding?: string;
}

/** A cell, and whether it stood in quotes. */
export type CsvCell = readonly [text: string, quoted: boolean];

/**
 * Reads CSV, character by character.
 *
 * @throws {Error} Where a quote isn't closed, stands within a cell, or the last line isn't ended
 */
export function csvCells(
  text: string,
  { delimiter = ",", quote = '"', escape = quote, lineEnding = "\n" }: CsvDialect = {},
): CsvCell[][] {
  const lines: CsvCell[][] = [];
  let line: CsvCell[] = [];
  for (let at = 0; at < text.length;) {
    const [cell, end] = text.startsWith(quote, at) ? quoted(at) : bare(at);
    line.push(cell);
    if (text.startsWith(lineEnding, end)) {
      lines.push(line);
      line = [];
      at = end + lineEnding.length;
      continue;
    }
    if (!text.startsWith(delimiter, end)) throw new Error(`Nothing ends the cell at ${at}`);
    at = end + delimiter.length;
    // A line that ends in a delimiter has an empty cell after it.
    if (at === text.length) throw new Error("The last line has no end");
  }
  if (line.length > 0) throw new Error("The last line has no end");
  return lines;

  function bare(start: number): [CsvCell, number] {
    let end = start;
    while (
      end < text.length && !text.startsWith(delimiter, end) && !text.startsWith(lineEnding, end)
    ) {
      if (text[end] === quote) throw new Error(`A quote stands within the cell at ${start}`);
      end++;
    }
    return [[text.slice(start, end), false], end];
  }

  function quoted(start: number): [CsvCell, number] {
    let cell = "";
    for (let at = start + 1; at < text.length; at++) {
      const next = text[at + 1];
      if (text[at] === escape && (next === quote || (next === escape && escape !== quote))) {
        cell += next;
        at++;
      } else if (text[at] === quote) {
        return [[cell, true], at + 1];
      } else {
        cell += text[at];
      }
    }
    throw new Error(`Nothing closes the quote at ${start}`);
  }
}
