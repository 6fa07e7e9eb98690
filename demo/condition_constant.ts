/**
 * Constants of conditions.
 *
 * @module
 */

/** A constant that can be written in a condition. */
export type Constant = string | number | bigint | boolean | Date | null;

/** The forms of dates and points in time, each with an example, by the word in front of them. */
export const dateForms: Readonly<Record<"DATE" | "TIMESTAMP", { form: RegExp; example: string }>> =
  {
    DATE: { form: /^\d{4}-\d\d-\d\d$/, example: "2026-01-31" },
    TIMESTAMP: {
      form: /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/,
      example: "2026-01-31 12:00:00",
    },
  };

/**
 * Reads a date or a point in time.
 *
 * @param text Its text.
 * @param word The word in front of it.
 * @returns The date, in UTC where the text has no zone; `null` where there is no such one.
 */
export function dateOf(text: string, word: keyof typeof dateForms): Date | null {
  if (!dateForms[word].form.test(text)) return null;
  const day = text.slice(0, 10);
  // JavaScript takes the 31st of February as the 3rd of March.
  const midnight = new Date(day);
  if (Number.isNaN(midnight.valueOf()) || !midnight.toISOString().startsWith(day)) return null;
  if (word === "DATE") return midnight;
  const isZoned = /(Z|[+-]\d\d:\d\d)$/.test(text);
  const date = new Date(text.replace(" ", "T") + (isZoned ? "" : "Z"));
  return Number.isNaN(date.valueOf()) ? null : date;
}

/**
 * Reads a number.
 *
 * @param text Its text.
 * @returns The number; integers that a number can't hold exactly are bigints.
 */
export function numberOf(text: string): number | bigint {
  const number = Number(text);
  const isInteger = /^[+-]?\d+$/.test(text);
  return isInteger && !Number.isSafeInteger(number) ? BigInt(text) : number;
}
