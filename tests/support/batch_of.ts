import { type Data, Field, makeData, RecordBatch, Schema, Struct, type Vector } from "apache-arrow";

/** What {@linkcode batchOf} may be told beside the columns. */
interface BatchOptions {
  /** The number of rows, where there may be no columns. */
  readonly rows?: number;
  /** The metadata of the schema. */
  readonly metadata?: Map<string, string>;
}

/** A batch of columns by their names: data, or the first chunks of vectors. */
export function batchOf(
  columns: Readonly<Record<string, Vector | Data>>,
  { rows, metadata }: BatchOptions = {},
): RecordBatch {
  const children = Object.values(columns).map((column) =>
    "data" in column ? column.data[0]! : column
  );
  const names = Object.keys(columns);
  const fields = children.map(({ type }, index) => new Field(names[index]!, type, true));
  const type = new Struct(fields);
  const length = rows ?? children[0]?.length ?? 0;
  return new RecordBatch(
    new Schema(fields, metadata),
    makeData({ type, length, children, nullCount: 0 }),
  );
}
