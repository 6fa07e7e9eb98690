/**
 * Structs with fewer of their fields.
 *
 * @module
 */
import {
  Data,
  DataType,
  Field,
  FixedSizeList,
  LargeList,
  List,
  type RecordBatch,
  Schema,
  Struct,
} from "apache-arrow";
import { columnIndex } from "../batches/column_index.ts";
import { ownBatch } from "../batches/own_batch.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/**
 * The columns of a schema that another one has, with those fields of structs that it has.
 *
 * @param schema The schema.
 * @param wanted The other one: fields are told by their names alone.
 * @returns The schema, in the order of the other one.
 * @throws {UnknownColumnError} Where a column isn't there.
 */
export function narrowSchema(schema: Schema, wanted: Schema): Schema {
  const fields = wanted.fields.map((field) =>
    narrowField(schema.fields[columnIndex(schema, field.name)]!, field)
  );
  return new Schema(fields, schema.metadata);
}

/**
 * The columns and the fields of a batch that a schema has. Nothing is copied.
 *
 * @param batch The batch, which has none of its memory afterwards.
 * @param schema What {@linkcode narrowSchema} made of the batch's schema.
 */
export function narrowBatch(batch: RecordBatch, schema: Schema): SpillwayBatch {
  const { data } = batch;
  const columns = schema.fields.map(({ name, type }) =>
    narrowData(data.children[columnIndex(batch.schema, name)]!, type)
  );
  const rows = new Data(new Struct(schema.fields), 0, data.length, 0, undefined, columns);
  return ownBatch(batch, schema, rows);
}

function narrowField(field: Field, wanted: Field): Field {
  const { type } = field;
  const fields = childrenOf(type);
  // A map is read whole or not at all.
  if (fields === null) return field;
  const kept = childrenOf(wanted.type)!.map((child) => {
    // Lists have one child, whatever its name.
    const found = DataType.isStruct(type)
      ? fields.find(({ name }) => name === child.name)
      : fields[0];
    return narrowField(found!, child);
  });
  const isWhole = kept.length === fields.length && kept.every((child, at) => child === fields[at]);
  return isWhole ? field : field.clone({ type: withChildren(type, kept) });
}

/** The fields of a type that may be narrowed; `null` for every other type. */
function childrenOf(type: DataType): readonly Field[] | null {
  const isNarrowable = DataType.isStruct(type) || DataType.isList(type) ||
    DataType.isLargeList(type) || DataType.isFixedSizeList(type);
  return isNarrowable ? type.children : null;
}

function withChildren(type: DataType, children: Field[]): DataType {
  if (DataType.isStruct(type)) return new Struct(children);
  if (DataType.isFixedSizeList(type)) return new FixedSizeList(type.listSize, children[0]!);
  return DataType.isLargeList(type) ? new LargeList(children[0]!) : new List(children[0]!);
}

function narrowData(data: Data, type: DataType): Data {
  const fields = childrenOf(type);
  if (data.type === type || fields === null) return data;
  const names = (data.type.children as Field[]).map(({ name }) => name);
  const children = fields.map((field) => {
    const place = DataType.isStruct(type) ? names.indexOf(field.name) : 0;
    return narrowData(data.children[place]!, field.type);
  });
  return data.clone(type, data.offset, data.length, data.nullCount, undefined, children);
}
