/**
 * Columns of dictionary keys joined end to end.
 *
 * @module
 */
import { type Data, type DataType, type Dictionary, Vector } from "apache-arrow";
import { takeRows } from "../stages/take_rows.ts";

/** The keys of all parts and what they stand for. */
export interface JoinedDictionaries {
  /** The keys. */
  readonly keys: Data["values"];
  /** The values of all parts. */
  readonly dictionary: Vector;
}

/**
 * Joins columns of keys. Where a dictionary is the beginning of another, as in a scan, whose
 * dictionaries grow, keys stay as they are; else the values are looked at, and each is kept once.
 *
 * @param parts The columns, of one type.
 * @throws {RangeError} Where the type's keys can't count the values of all.
 */
export function concatDictionaries(parts: readonly Data[]): JoinedDictionaries {
  const [{ type, values, dictionary }] = parts as readonly [Data<Dictionary>, ...Data[]];
  const length = parts.reduce((total, part) => total + part.length, 0);
  const keys = new (values.constructor as Int32ArrayConstructor)(length);
  const convert = (keys as unknown) instanceof BigInt64Array ||
      (keys as unknown) instanceof BigUint64Array
    ? BigInt
    : Number;
  const joined = new JoinedDictionary(dictionary!);
  let at = 0;
  for (const part of parts) {
    const own = part.values as Int32Array;
    keys.set(own.subarray(0, part.length), at);
    const places = joined.add(part.dictionary!);
    for (let row = 0; row < part.length && places !== null; row++) {
      // What null stands over is nobody's.
      if (part.getValid(row)) keys[at + row] = convert(places[Number(own[row])]!) as number;
    }
    at += part.length;
  }
  checkKeys(type.indices, joined.dictionary.length, type);
  return { keys, dictionary: joined.dictionary };
}

/** A dictionary that takes others in. */
class JoinedDictionary {
  dictionary: Vector;
  /** Where each value is, once that matters. */
  #places: Map<unknown, number> | null = null;

  constructor(first: Vector) {
    this.dictionary = first;
  }

  /** Takes a dictionary in: gives the place of each of its values, `null` where all keep theirs. */
  add(other: Vector): number[] | null {
    if (isBeginning(other, this.dictionary)) return null;
    if (this.#places === null && isBeginning(this.dictionary, other)) {
      this.dictionary = other;
      return null;
    }
    const places = this.#places ??= this.#index();
    const added: Data[] = [];
    const mapped = other.data.flatMap((chunk) => {
      const values = new Vector([chunk]);
      const fresh: number[] = [];
      const result = Array.from({ length: chunk.length }, (_, index) => {
        const key = keyOf(values.get(index));
        const known = places.get(key);
        if (known !== undefined) return known;
        const place = places.size;
        places.set(key, place);
        fresh.push(index);
        return place;
      });
      if (fresh.length > 0) added.push(takeRows(chunk, Uint32Array.from(fresh)));
      return result;
    });
    this.dictionary = new Vector([...this.dictionary.data, ...added]);
    return mapped;
  }

  #index(): Map<unknown, number> {
    const places = new Map<unknown, number>();
    for (let index = 0; index < this.dictionary.length; index++) {
      const key = keyOf(this.dictionary.get(index));
      // A value that is there twice keeps both places.
      places.set(places.has(key) ? Symbol() : key, index);
    }
    return places;
  }
}

/** Whether a dictionary is the beginning of another, told by their chunks alone. */
function isBeginning(short: Vector, long: Vector): boolean {
  if (short === long) return true;
  const chunks = long.data.filter(({ length }) => length > 0);
  return short.data.filter(({ length }) => length > 0).every((chunk, at) => chunk === chunks[at]);
}

/** Bytes are told by what they are; other objects aren't told apart by their values. */
function keyOf(value: unknown): unknown {
  return ArrayBuffer.isView(value) ? String(value) : value;
}

function checkKeys(indices: Dictionary["indices"], values: number, type: DataType): void {
  const most = 2 ** (indices.bitWidth - (indices.isSigned ? 1 : 0));
  if (values <= most) return;
  throw new RangeError(
    `Can't join batches: a column of type ${type} would have ${values} different values in one ` +
      `batch, more than the ${most} that its keys count. Ask for smaller batches`,
  );
}
