/**
 * From buffers to columns: the type is looked at once for each column and stream, never again.
 *
 * @module
 */
import { Data, DataType, type Vector } from "apache-arrow";
import { UnsupportedFeatureError } from "../src/errors.ts";

/** Where a column's lengths and buffers come from: the same walk as the schema's, one by one. */
export interface BufferSource {
  /** Moves to the next node. */
  nextNode(): void;
  /** The rows of the node moved to. */
  readonly length: number;
  /** Its null values. */
  readonly nullCount: number;
  /** The next buffer, or `null` where it is empty. */
  nextBuffer(): ArrayBuffer | null;
  /** All values that a dictionary has so far. */
  dictionary(id: number): Vector;
}

/** Takes one column's nodes and buffers from a source. */
export type ColumnReader = (source: BufferSource) => Data;

type View = Float64Array | Uint8Array;
type ViewClass = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): View;
  new (length: number): View;
};

const noBytes = new Uint8Array(0);
const noChildren: Data[] = [];

/**
 * Makes the reader of a column.
 *
 * @param type The column's type.
 * @param column The column's path, for the message of an error.
 * @returns A reader that only moves pointers.
 * @throws {UnsupportedFeatureError} Where the type can't come out of a Parquet file.
 */
export function columnReader(type: DataType, column: string): ColumnReader {
  if (DataType.isNull(type)) {
    return (source) => {
      source.nextNode();
      return new Data(type, 0, source.length, source.length);
    };
  }
  if (DataType.isDictionary(type)) return dictionaryReader(type);
  if (
    DataType.isUtf8(type) || DataType.isBinary(type) || DataType.isLargeUtf8(type) ||
    DataType.isLargeBinary(type)
  ) return variableReader(type);
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type)) {
    return listReader(type, onlyChild(type, column));
  }
  if (DataType.isFixedSizeList(type)) return structReader(type, [onlyChild(type, column)]);
  if (DataType.isStruct(type)) {
    return structReader(
      type,
      type.children.map((field) => columnReader(field.type, `${column}.${field.name}`)),
    );
  }
  if (DataType.isUnion(type) || DataType.isUtf8View(type) || DataType.isBinaryView(type)) {
    throw new UnsupportedFeatureError(
      `Can't read column ${column}: its type ${type} is not one that a scan gives`,
      { column },
    );
  }
  return fixedReader(type, type.ArrayType);
}

function onlyChild(type: DataType, column: string): ColumnReader {
  const [child] = type.children;
  if (child === undefined) {
    throw new UnsupportedFeatureError(`Can't read column ${column}: its type has no child`, {
      column,
    });
  }
  return columnReader(child.type, `${column}.${child.name}`);
}

function fixedReader(type: DataType, values: ViewClass): ColumnReader {
  const none = new values(0);
  return (source) => {
    source.nextNode();
    const { length, nullCount } = source;
    const validity = bytes(source);
    return new Data(type, 0, length, nullCount, [undefined, view(source, values, none), validity]);
  };
}

function variableReader(type: DataType): ColumnReader {
  const offsets: ViewClass = type.OffsetArrayType as unknown as ViewClass;
  const none = new offsets(1);
  return (source) => {
    source.nextNode();
    const { length, nullCount } = source;
    const validity = bytes(source);
    return new Data(type, 0, length, nullCount, [
      view(source, offsets, none),
      bytes(source),
      validity,
    ]);
  };
}

function dictionaryReader(type: DataType & { id: number; indices: DataType }): ColumnReader {
  const indices: ViewClass = type.indices.ArrayType;
  const none = new indices(0);
  const { id } = type;
  return (source) => {
    source.nextNode();
    const { length, nullCount } = source;
    const validity = bytes(source);
    const values = view(source, indices, none);
    return new Data(
      type,
      0,
      length,
      nullCount,
      [undefined, values, validity],
      noChildren,
      source.dictionary(id),
    );
  };
}

function listReader(type: DataType, child: ColumnReader): ColumnReader {
  const offsets: ViewClass = type.OffsetArrayType as unknown as ViewClass;
  const none = new offsets(1);
  return (source) => {
    source.nextNode();
    const { length, nullCount } = source;
    const validity = bytes(source);
    const valueOffsets = view(source, offsets, none);
    return new Data(type, 0, length, nullCount, [valueOffsets, undefined, validity], [
      child(source),
    ]);
  };
}

/** Also for lists of a fixed size, which have no offsets either. */
function structReader(type: DataType, children: readonly ColumnReader[]): ColumnReader {
  return (source) => {
    source.nextNode();
    const { length, nullCount } = source;
    const validity = bytes(source);
    return new Data(
      type,
      0,
      length,
      nullCount,
      [undefined, undefined, validity],
      children.map((child) => child(source)),
    );
  };
}

function bytes(source: BufferSource): Uint8Array {
  const buffer = source.nextBuffer();
  return buffer === null ? noBytes : new Uint8Array(buffer);
}

function view(source: BufferSource, views: ViewClass, none: View): View {
  const buffer = source.nextBuffer();
  if (buffer === null) return none;
  return new views(buffer, 0, Math.trunc(buffer.byteLength / views.BYTES_PER_ELEMENT));
}
