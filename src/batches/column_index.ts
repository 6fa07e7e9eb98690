/**
 * Columns by name.
 *
 * @module
 */
import type { Schema } from "apache-arrow";
import { UnknownColumnError } from "../errors.ts";
import { nearestNames } from "../nearest_names.ts";

/**
 * The place of a column in a schema.
 *
 * @param schema The schema.
 * @param name The column's name.
 * @returns The place.
 * @throws {UnknownColumnError} Where there is none of that name; it names the nearest ones.
 */
export function columnIndex(schema: Schema, name: string): number {
  const place = schema.fields.findIndex((field) => field.name === name);
  if (place >= 0) return place;
  const names = schema.fields.map((field) => field.name);
  const suggestions = nearestNames(name, names);
  const advice = suggestions.length > 0
    ? `did you mean ${suggestions.map((near) => `'${near}'`).join(" or ")}`
    : `there are ${names.map((known) => `'${known}'`).join(", ")}; names are case-sensitive`;
  throw new UnknownColumnError(`Cannot find column '${name}' at this step: ${advice}`, {
    column: name,
    suggestions,
  });
}
