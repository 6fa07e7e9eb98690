/**
 * Columns without rows.
 *
 * @module
 */
import { Data, DataType, makeData } from "apache-arrow";

/**
 * Makes a column without rows, which has all its children: apache-arrow's own has none.
 *
 * @param type The column's type.
 */
export function emptyColumn(type: DataType): Data {
  const data = makeData({ type });
  if (DataType.isDictionary(type)) return data;
  const children = (type.children ?? []).map((field) => emptyColumn(field.type));
  return new Data(type, 0, 0, 0, data, children);
}
