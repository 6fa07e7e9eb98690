/**
 * What is used of Papa Parse, which comes without types.
 *
 * @module
 */
import papaparse from "papaparse";

/** The dialect that Papa Parse is told; what isn't told is as RFC 4180 has it. */
export interface PapaDialect {
  readonly delimiter?: string;
  readonly newline?: "\n" | "\r" | "\r\n";
  readonly quoteChar?: string;
  readonly escapeChar?: string;
  readonly comments?: string;
}

interface PapaParse {
  parse(
    text: string,
    config: PapaDialect & { readonly skipEmptyLines: boolean },
  ): { data: string[][]; errors: { type: string; code: string }[] };
}

/** The cells of all lines but empty ones, and what Papa Parse finds wrong with them. */
export function papaCells(
  text: string,
  dialect: PapaDialect = {},
): { readonly rows: string[][]; readonly errors: string[] } {
  const papa = papaparse as PapaParse;
  const { data, errors } = papa.parse(text, { delimiter: ",", ...dialect, skipEmptyLines: true });
  return { rows: data, errors: errors.map(({ code }) => code) };
}
