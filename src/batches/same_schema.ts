/**
 * Whether batches of two schemas are alike.
 *
 * @module
 */
import { DataType, type Field, type Schema } from "apache-arrow";

/**
 * Whether two schemas have the same columns: names and types, in order. Metadata, the ids of
 * dictionaries and what may be null don't count.
 *
 * @param left A schema.
 * @param right Another.
 * @returns Whether a batch of one could be a batch of the other.
 */
export function sameSchema(left: Schema, right: Schema): boolean {
  return left === right || sameFields(left.fields, right.fields, true);
}

function sameFields(left: readonly Field[], right: readonly Field[], named: boolean): boolean {
  return left.length === right.length && left.every((field, index) => {
    const other = right[index];
    return other !== undefined && (!named || field.name === other.name) &&
      sameType(field.type, other.type);
  });
}

/**
 * Whether two types are the same for {@linkcode sameSchema}.
 *
 * @param left A type.
 * @param right Another.
 */
export function sameType(left: DataType, right: DataType): boolean {
  if (left === right) return true;
  if (left.typeId !== right.typeId) return false;
  if (DataType.isDictionary(left) && DataType.isDictionary(right)) {
    return sameType(left.indices, right.indices) && sameType(left.dictionary, right.dictionary);
  }
  if (DataType.isStruct(left) && DataType.isStruct(right)) {
    return sameFields(left.children, right.children, true);
  }
  if (DataType.isFixedSizeList(left) && DataType.isFixedSizeList(right)) {
    return left.listSize === right.listSize && sameFields(left.children, right.children, false);
  }
  // The names of what a list or a map is made of are the writer's choice.
  if (DataType.isMap(left) && DataType.isMap(right)) {
    const [entries, others] = [left.childType, right.childType];
    return sameFields(entries.children, others.children, false);
  }
  if (DataType.isList(left) || DataType.isLargeList(left)) {
    return sameFields(left.children, right.children ?? [], false);
  }
  if (DataType.isUnion(left) && DataType.isUnion(right)) {
    return left.mode === right.mode && String(left.typeIds) === String(right.typeIds) &&
      sameFields(left.children, right.children, true);
  }
  return sameParameters(left, right);
}

/**
 * What tells types of one id apart. apache-arrow's own comparison looks at classes too, which differ
 * between a type that was made and the same one that was read, and not at the scale of decimals.
 */
const parameters = [
  "bitWidth",
  "isSigned",
  "precision",
  "scale",
  "unit",
  "timezone",
  "byteWidth",
  "mode",
] as const;

function sameParameters(left: DataType, right: DataType): boolean {
  return parameters.every((name) => parameter(left, name) === parameter(right, name));
}

function parameter(type: DataType, name: (typeof parameters)[number]): unknown {
  return (type as { [Name in typeof name]?: unknown })[name] ?? null;
}
