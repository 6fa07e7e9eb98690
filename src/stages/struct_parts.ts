/**
 * Columns and parts of structs, by their paths.
 *
 * @module
 */
import { DataType, Field, Schema, Struct } from "apache-arrow";

/**
 * The schema of some columns, in this order: of a struct only the parts that paths lead to.
 *
 * @param schema The schema of all columns.
 * @param paths Names of columns, or paths into structs, their parts joined by dots.
 * @returns The schema; a path that leads nowhere is passed over.
 */
export function structParts(schema: Schema, paths: readonly string[]): Schema {
  const chosen = new Map<Field, Field>();
  for (const path of paths) {
    const found = find(schema.fields, path);
    if (found === null) continue;
    const [whole, part] = found;
    const known = chosen.get(whole);
    chosen.set(whole, known === undefined ? part : merged(whole, known, part));
  }
  return new Schema([...chosen.values()], schema.metadata);
}

/** The column that a path begins at, and what of it the path leads to. */
function find(fields: readonly Field[], path: string): [whole: Field, part: Field] | null {
  const exact = fields.find(({ name }) => name === path);
  if (exact !== undefined) return [exact, exact];
  for (const field of fields) {
    if (!path.startsWith(`${field.name}.`) || !DataType.isStruct(field.type)) continue;
    const inner = find(field.type.children, path.slice(field.name.length + 1));
    if (inner !== null) return [field, withChildren(field, [inner[1]])];
  }
  return null;
}

/** Parts of one column together, in the order of the whole. */
function merged(whole: Field, one: Field, other: Field): Field {
  if (![whole, one, other].every(({ type }) => DataType.isStruct(type))) return whole;
  const part = ({ type }: Field, name: string) =>
    (type as Struct).children.find((child) => child.name === name);
  const children = (whole.type as Struct).children.flatMap((child) => {
    const [a, b] = [part(one, child.name), part(other, child.name)];
    return a && b ? [merged(child, a, b)] : a ?? b ?? [];
  });
  return withChildren(whole, children);
}

function withChildren({ name, nullable, metadata }: Field, children: Field[]): Field {
  return new Field(name, new Struct(children), nullable, metadata);
}
