/**
 * The schema of rows, by their values.
 *
 * @module
 */
import {
  Binary,
  Bool,
  type DataType,
  Field,
  Float64,
  Int64,
  List,
  Null,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
} from "apache-arrow";
import { describeValue } from "../expressions/describe_value.ts";
import { checkRow, isRecord, type PlainRecord } from "../rows/plain_record.ts";

/** What a column's values may be, in words for messages. */
const kinds = {
  integer: "an integer",
  bigint: "a bigint",
  number: "a number",
  boolean: "a boolean",
  string: "a string",
  date: "a Date",
  bytes: "a Uint8Array",
  list: "an array",
  struct: "an object",
} as const;

type Kind = keyof typeof kinds;

/**
 * Finds the schema of rows: all fields that any of them has, in the order in which they come up.
 *
 * @param rows The rows.
 * @returns The schema, in which all may be null.
 * @throws {TypeError} Where a field has values of different kinds, or of one that no type is for.
 */
export function inferSchema(rows: readonly unknown[]): Schema {
  const guess = new Guess("");
  rows.forEach((row, number) => guess.addFields(checkRow(row, number), number));
  return new Schema(guess.fields());
}

/** What is known of a column's type so far. */
class Guess {
  readonly #path: string;
  #kind: Kind | null = null;
  /** The row that decided the kind. */
  #row = 0;
  #items: Guess | null = null;
  readonly #fields: Map<string, Guess> = new Map();

  /** @param path Where the values are in a row. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Takes a value into account. */
  add(value: unknown, row: number): void {
    if (value === null || value === undefined) return;
    const kind = kindOf(value);
    if (kind === null) {
      throw new TypeError(
        `Can't infer a schema: field ${this.#path} is ${describeValue(value)} in row ${row}, for ` +
          "which there is no type. Give a schema, or convert it before",
      );
    }
    this.#join(kind, row);
    if (kind === "struct") this.addFields(value as PlainRecord, row);
    if (kind !== "list") return;
    this.#items ??= new Guess(`${this.#path}[]`);
    for (const item of value as Iterable<unknown>) this.#items.add(item, row);
  }

  /** Takes the fields of an object into account. */
  addFields(record: PlainRecord, row: number): void {
    for (const name in record) {
      const value = record[name];
      if (value === undefined) continue;
      let field = this.#fields.get(name);
      if (field === undefined) {
        field = new Guess(this.#path === "" ? name : `${this.#path}.${name}`);
        this.#fields.set(name, field);
      }
      field.add(value, row);
    }
  }

  /** The fields that objects had. */
  fields(): Field[] {
    return Array.from(this.#fields, ([name, guess]) => new Field(name, guess.#type(), true));
  }

  #join(kind: Kind, row: number): void {
    const joined = joinedKind(this.#kind, kind);
    if (joined === null) {
      throw new TypeError(
        `Can't infer a schema: field ${this.#path} is ${kinds[this.#kind!]} in row ${this.#row} ` +
          `and ${kinds[kind]} in row ${row}. Give a schema, or convert one of them before`,
      );
    }
    if (joined !== this.#kind) this.#row = row;
    this.#kind = joined;
  }

  #type(): DataType {
    switch (this.#kind) {
      case null:
        return new Null();
      case "integer":
      case "bigint":
        return new Int64();
      case "number":
        return new Float64();
      case "boolean":
        return new Bool();
      case "string":
        return new Utf8();
      case "date":
        return new TimestampMillisecond();
      case "bytes":
        return new Binary();
      case "list":
        return new List(
          new Field("item", this.#items === null ? new Null() : this.#items.#type(), true),
        );
      case "struct":
        return new Struct(this.fields());
    }
  }
}

/** Integers are whatever other numbers are beside them. */
function joinedKind(a: Kind | null, b: Kind): Kind | null {
  if (a === null || a === b) return b;
  const pair = [a, b];
  if (!pair.includes("integer")) return null;
  return pair.includes("bigint") ? "bigint" : pair.includes("number") ? "number" : null;
}

function kindOf(value: unknown): Kind | null {
  switch (typeof value) {
    case "number":
      // What an integer column would not give back is none: -0, and what may have been rounded.
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? "integer" : "number";
    case "bigint":
      return "bigint";
    case "boolean":
      return "boolean";
    case "string":
      return "string";
    case "object":
      return kindOfObject(value!);
    default:
      return null;
  }
}

function kindOfObject(value: object): Kind | null {
  if (value instanceof Date) return "date";
  if (value instanceof Uint8Array) return "bytes";
  if (Array.isArray(value)) return "list";
  if (ArrayBuffer.isView(value)) return value instanceof DataView ? null : "list";
  // Of other objects nobody knows what their fields say.
  const prototype: unknown = Object.getPrototypeOf(value);
  return isRecord(value) && (prototype === null || prototype === Object.prototype)
    ? "struct"
    : null;
}
