import { type Data, DataType, type Field, type RecordBatch, type Schema } from "apache-arrow";
import { span } from "./arrow_values.ts";
import { type LeafChecksum, LeafSummer } from "./leaf_checksum.ts";

/** The checksum of a nested column: one for each leaf, by its path. */
export interface NestedChecksum {
  readonly kind: "nested";
  readonly nulls: number;
  readonly leaves: Readonly<Record<string, LeafChecksum>>;
}

/** The checksum of a top-level column. */
export type ColumnChecksum = { readonly name: string } & (LeafChecksum | NestedChecksum);

/** The checksum of all rows, as the corpus' manifest holds it. */
export interface TableChecksum {
  readonly rows: number;
  readonly columns: readonly ColumnChecksum[];
}

/**
 * Sums record batches as they come, with nothing of them kept.
 *
 * Two tables have the same checksum when they hold the same values in the same order, however they are cut into
 * batches and whether or not strings are dictionaries.
 *
 * @example
 * ```ts
 * import { tableFromArrays } from "apache-arrow";
 * import { expect } from "@std/expect";
 *
 * const table = tableFromArrays({ n: Int32Array.of(3, 1, 2) });
 * const checksum = new Checksum(table.schema);
 * for (const batch of table.batches) checksum.add(batch);
 * expect(checksum.done()).toEqual({
 *   rows: 3,
 *   columns: [{ name: "n", kind: "int", nulls: 0, min: "1", max: "3", sum: "6", wsum: "11" }],
 * });
 * ```
 */
export class Checksum {
  readonly #columns: readonly ColumnSummer[];
  #rows = 0;

  /** @param schema The schema of every batch that will be added */
  constructor(schema: Schema) {
    this.#columns = schema.fields.map((field) => new ColumnSummer(field));
  }

  /** @param batch The rows that follow those added so far */
  add(batch: RecordBatch): void {
    this.#rows += batch.numRows;
    this.#columns.forEach((column, at) => column.add(batch.data.children[at]!));
  }

  /** @returns The checksum of all rows added */
  done(): TableChecksum {
    return { rows: this.#rows, columns: this.#columns.map((column) => column.done()) };
  }
}

/**
 * Sums everything that a source of record batches gives.
 *
 * @param batches The batches
 * @param schema Their schema; that of the first batch when left out
 * @returns The checksum; without a schema, of no columns when there is no batch
 */
export async function checksumOf(
  batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
  schema?: Schema,
): Promise<TableChecksum> {
  let checksum = schema && new Checksum(schema);
  for await (const batch of batches) {
    checksum ??= new Checksum(batch.schema);
    checksum.add(batch);
  }
  return checksum?.done() ?? { rows: 0, columns: [] };
}

class ColumnSummer {
  readonly #name: string;
  readonly #nested: boolean;
  readonly #leaves = new Map<string, LeafSummer>();
  readonly #field: Field;
  #nulls = 0;

  constructor(field: Field) {
    this.#field = field;
    this.#name = field.name;
    this.#nested = isNested(field.type);
    this.#declare(field.type, "");
  }

  add(data: Data): void {
    if (!this.#nested) {
      this.#leaves.get("")!.add(data);
      return;
    }
    const indices = Array.from({ length: data.length }, (_, i) => i);
    this.#nulls += indices.filter((i) => !data.getValid(i)).length;
    this.#walk(data, indices, "");
  }

  done(): ColumnChecksum {
    if (!this.#nested) return { name: this.#name, ...this.#leaves.get("")!.done() };
    const leaves: Record<string, LeafChecksum> = {};
    for (const [path, leaf] of this.#leaves) leaves[path] = { n: leaf.length, ...leaf.done() };
    return { name: this.#name, kind: "nested", nulls: this.#nulls, leaves };
  }

  /** Makes a summer for every leaf, so that a leaf without an entry is there too. */
  #declare(type: DataType, path: string): void {
    if (DataType.isMap(type)) {
      const [key, value] = type.childType.children;
      this.#declare(key!.type, `${path}[].key`);
      this.#declare(value!.type, `${path}[].value`);
    } else if (DataType.isStruct(type)) {
      for (const field of type.children) this.#declare(field.type, `${path}.${field.name}`);
    } else if (isList(type)) {
      this.#declare(type.children[0]!.type, `${path}[]`);
    } else {
      this.#leaves.set(path, new LeafSummer(type, path === "" && isBool8(this.#field)));
    }
  }

  /** @param indices The entries that the parents leave over, -1 for a null that a parent struct imposes */
  #walk(data: Data, indices: readonly number[], path: string): void {
    if (DataType.isMap(data.type)) {
      const entries = data.children[0]!;
      const inside = listed(data, indices);
      this.#walk(entries.children[0]!, inside, `${path}[].key`);
      this.#walk(entries.children[1]!, inside, `${path}[].value`);
    } else if (DataType.isStruct(data.type)) {
      const valid = indices.map((index) => index < 0 || !data.getValid(index) ? -1 : index);
      data.type.children.forEach((field: Field, at: number) => {
        this.#walk(data.children[at]!, valid, `${path}.${field.name}`);
      });
    } else if (isList(data.type)) {
      this.#walk(data.children[0]!, listed(data, indices), `${path}[]`);
    } else {
      this.#leaves.get(path)!.add(data, indices);
    }
  }
}

/** The entries of the child that the valid ones among a list's `indices` hold. */
function listed(data: Data, indices: readonly number[]): number[] {
  return indices.filter((index) => index >= 0 && data.getValid(index)).flatMap((index) =>
    span(data, index)
  );
}

function isNested(type: DataType): boolean {
  return DataType.isStruct(type) || DataType.isMap(type) || isList(type);
}

function isList(type: DataType): boolean {
  return DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type);
}

function isBool8(field: Field): boolean {
  return field.metadata.get("ARROW:extension:name") === "arrow.bool8";
}
