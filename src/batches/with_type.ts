/**
 * Columns whose type is told by another object.
 *
 * @module
 */
import { type Data, DataType } from "apache-arrow";

/**
 * The same column with another type of the same layout, and its children with those of that type.
 * Nothing is copied.
 *
 * @param data The column.
 * @param type The type: the same, or one whose values are kept in the same way.
 * @returns The column.
 */
export function withType(data: Data, type: DataType): Data {
  // The types of a union's children are looked up in the union.
  if (data.type === type || DataType.isUnion(type)) return data;
  const { offset, length, nullCount, children } = data;
  const typed = DataType.isDictionary(type)
    ? children
    : children.map((child, at) => withType(child, type.children[at]!.type));
  return data.clone(type, offset, length, nullCount, undefined, typed);
}
