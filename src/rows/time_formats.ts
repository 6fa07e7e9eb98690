/**
 * How dates and times are written as text.
 *
 * @module
 */
import { checkType } from "../check_options.ts";

/** Patterns of dates and times, of `strftime`'s kind: `%d.%m.%Y`. ISO 8601 where there is none. */
export interface TimeFormats {
  /** The pattern of dates. */
  dateFormat?: string | undefined;
  /** The pattern of timestamps; those with a zone are written in UTC. */
  timestampFormat?: string | undefined;
  /** The pattern of times of a day. */
  timeFormat?: string | undefined;
}

/** The names of the options. */
export const timeFormatNames: readonly (keyof TimeFormats)[] = [
  "dateFormat",
  "timeFormat",
  "timestampFormat",
];

/** Checks patterns; `null` where there is none. */
export function checkTimeFormats(options: TimeFormats): Record<keyof TimeFormats, string | null> {
  const pattern = (name: keyof TimeFormats) => checkType(options[name], name, "string") ?? null;
  return {
    dateFormat: pattern("dateFormat"),
    timestampFormat: pattern("timestampFormat"),
    timeFormat: pattern("timeFormat"),
  };
}
