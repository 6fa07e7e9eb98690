/**
 * The dictionaries of batches whose keys alone went through the library.
 *
 * @module
 */
import { type Data, DataType, type RecordBatch, type Vector } from "apache-arrow";
import { InternalError } from "../src/errors.ts";
import type { DictionarySource } from "./dictionaries.ts";

/** Gives the columns of a result the dictionaries of the columns that they come from. */
export class LentDictionaries implements DictionarySource {
  readonly any = false;
  /** In the order in which a reader comes to them; ids may stand for several in one batch. */
  #vectors: Vector[] = [];
  #next = 0;

  /**
   * Takes a batch's dictionaries.
   *
   * @param batch The batch that was lent.
   * @param sources For each column of the result its place in the batch, or `null`.
   */
  take(batch: RecordBatch, sources: readonly (number | null)[]): void {
    this.#vectors = [];
    this.#next = 0;
    for (const source of sources) {
      const column = source === null ? undefined : batch.data.children[source];
      if (column !== undefined) this.#walk(column);
    }
  }

  #walk(data: Data): void {
    if (DataType.isDictionary(data.type) && data.dictionary) this.#vectors.push(data.dictionary);
    for (const child of data.children) this.#walk(child);
  }

  append(id: number): void {
    throw new InternalError(`Can't read a batch: it brings values of dictionary ${id}`);
  }

  vector(id: number): Vector {
    const vector = this.#vectors[this.#next++];
    if (vector !== undefined) return vector;
    throw new InternalError(`Can't read a batch: it names dictionary ${id}, which isn't there`);
  }
}
