/**
 * What columns are built as.
 *
 * @module
 */
import {
  DataType,
  Field,
  FixedSizeList,
  Float,
  Int32,
  Int64,
  IntervalUnit,
  LargeList,
  List,
  Map_,
  Precision,
  Struct,
  type TypeMap,
  Uint16,
} from "apache-arrow";

/**
 * The type of the same layout that apache-arrow's builders build exactly.
 *
 * Its builders of moments take milliseconds in a number, which holds no nanoseconds, and the one of
 * half floats doesn't round: they are built as the integers that they are kept in.
 *
 * @param type The type.
 * @returns The type itself where it is built as it is.
 */
export function storageType(type: DataType): DataType {
  if (DataType.isFloat(type)) return isHalf(type) ? new Uint16() : type;
  if (DataType.isInterval(type)) {
    return type.unit === IntervalUnit.YEAR_MONTH ? new Int32() : type;
  }
  if (
    DataType.isDate(type) || DataType.isTimestamp(type) || DataType.isTime(type) ||
    DataType.isDuration(type)
  ) {
    return type.ArrayType as unknown === Int32Array ? new Int32() : new Int64();
  }
  const children = type.children as Field[] | null | undefined;
  if (DataType.isDictionary(type) || !children) return type;
  const stored = children.map((field) => field.clone({ type: storageType(field.type) }));
  if (DataType.isStruct(type)) return new Struct(stored);
  if (DataType.isMap(type)) {
    return new Map_(stored[0] as Field<Struct<MapEntries>>, type.keysSorted);
  }
  if (DataType.isFixedSizeList(type)) return new FixedSizeList(type.listSize, stored[0]!);
  if (DataType.isLargeList(type)) return new LargeList(stored[0]!);
  return DataType.isList(type) ? new List(stored[0]!) : type;
}

type MapEntries = { key: DataType; value: DataType } & TypeMap;

/** Whether a float is of 16 bits. */
export function isHalf(type: Float): boolean {
  return type.precision === Precision.HALF;
}
