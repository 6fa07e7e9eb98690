/**
 * The dictionaries of a stream: each grows by what the batches bring, and never changes.
 *
 * @module
 */
import { Data, DataType, type Schema, Vector } from "apache-arrow";
import { InternalError } from "../src/errors.ts";

/** Where a batch's dictionaries come from. */
export interface DictionarySource {
  /** Whether there is any. */
  readonly any: boolean;
  /** Appends values to a dictionary: their offsets, from 0, and their bytes. */
  append(id: number, length: number, offsets: ArrayBuffer, data: ArrayBuffer): void;
  /** All values that a dictionary has so far. */
  vector(id: number): Vector;
}

/** Values that are kept decoded: strings of more would weigh more than they save. */
const decodedValues = 65_536;

/** The dictionary of one column: values are only ever appended, so old batches stay right. */
class Dictionary {
  readonly type: DataType;
  #chunks: Data[] = [];
  #vector: Vector | null = null;
  // Shared by all vectors of this dictionary, so that each value is decoded once a stream.
  readonly #decoded: unknown[] = [];

  constructor(type: DataType) {
    this.type = type;
  }

  append(length: number, offsets: ArrayBuffer, data: ArrayBuffer): void {
    const { type } = this;
    this.#chunks.push(
      new Data(type, 0, length, 0, [new type.OffsetArrayType(offsets), new Uint8Array(data)]),
    );
    this.#vector = null;
  }

  get vector(): Vector {
    return this.#vector ??= this.#makeVector();
  }

  #makeVector(): Vector {
    const { type } = this;
    const vector = new Vector(
      this.#chunks.length > 0
        ? [...this.#chunks]
        : [new Data(type, 0, 0, 0, [new type.OffsetArrayType(1), new Uint8Array(0)])],
    );
    const decode = vector.get;
    const decoded = this.#decoded;
    Object.defineProperty(vector, "get", {
      value: (index: number): unknown => {
        if (index >= decodedValues) return decode.call(vector, index);
        return decoded[index] ??= decode.call(vector, index);
      },
    });
    return vector;
  }
}

/** The dictionaries of a stream, by their ids. */
export class Dictionaries implements DictionarySource {
  readonly #byId: Map<number, Dictionary> = new Map();

  /** @param schema The stream's schema, which has every dictionary's id and type. */
  constructor(schema: Schema) {
    for (const [id, type] of schema.dictionaries) this.#byId.set(id, new Dictionary(type));
  }

  /** Whether there is any. */
  get any(): boolean {
    return this.#byId.size > 0;
  }

  /**
   * Appends values.
   *
   * @param id The dictionary.
   * @param length The number of values.
   * @param offsets Their offsets, from 0.
   * @param data Their bytes.
   */
  append(id: number, length: number, offsets: ArrayBuffer, data: ArrayBuffer): void {
    this.#of(id).append(length, offsets, data);
  }

  /** All values that a dictionary has so far. */
  vector(id: number): Vector {
    return this.#of(id).vector;
  }

  #of(id: number): Dictionary {
    const dictionary = this.#byId.get(id);
    if (dictionary === undefined) {
      throw new InternalError(`Can't read a batch: it names dictionary ${id}, which isn't there`);
    }
    return dictionary;
  }
}
