/**
 * In what schemas differ, for messages.
 *
 * @module
 */
import type { Schema } from "apache-arrow";
import { sameType } from "./same_schema.ts";

/**
 * Says in what a schema differs from another one.
 *
 * @param found The schema.
 * @param expected The other one.
 * @returns Text such as `column a is Utf8 and not Int64, column b is missing`.
 */
export function schemaDifferences(found: Schema, expected: Schema): string {
  const named = ({ fields }: Schema, name: string) => fields.find((field) => field.name === name);
  const differences = [
    ...expected.fields.flatMap(({ name, type }) => {
      const other = named(found, name);
      if (other === undefined) return [`column ${name} is missing`];
      return sameType(other.type, type) ? [] : [`column ${name} is ${other.type} and not ${type}`];
    }),
    ...found.fields.filter(({ name }) => named(expected, name) === undefined)
      .map(({ name }) => `column ${name} is additional`),
  ];
  if (differences.length > 0) return differences.join(", ");
  return `the columns are ${found.names.join(", ")} and not ${expected.names.join(", ")}`;
}
