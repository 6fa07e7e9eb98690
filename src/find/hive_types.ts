/**
 * The types of columns that are written into the names of folders.
 *
 * @module
 */
import { PartitionMismatchError, UnknownColumnError } from "../errors.ts";
import type { FoundFile } from "./find_files.ts";
import { nearestNames } from "../nearest_names.ts";

/** The types that such a column may have. */
export type HiveType = "int64" | "date" | "string";

/** A value of such a column: dates are midnight in UTC. */
export type PartitionValue = bigint | Date | string | null;

/** The columns that the paths of all files tell, and their values. */
export interface PartitionColumns {
  /** The columns, in the order of the first file's path. */
  readonly columns: readonly { readonly name: string; readonly type: HiveType }[];
  /** For each file, in order, the value of each column, in order. */
  readonly values: readonly (readonly PartitionValue[])[];
}

/**
 * Gives the columns in the files' paths one type each, and the values in that type.
 *
 * A column whose type isn't stated is `int64` if all its values are whole numbers of 64 bits, also
 * with leading zeros as in `month=05`; `date` if all are days of the calendar as `YYYY-MM-DD`; else
 * `string`, as where all are null. State `string` for numbers whose zeros matter. An empty value is
 * a null of a column that is stated to be `int64` or `date`, as in DuckDB and Polars.
 *
 * @param found The files, with their partitions.
 * @param types The types of some or all columns.
 * @returns The columns and their values. Of no files, the columns are those that have types.
 * @throws {TypeError} Where a type is none of the three.
 * @throws {UnknownColumnError} Where a column has a type and is in no path.
 * @throws {PartitionMismatchError} Where the paths don't all have the same columns, a path has one
 * twice, or a value doesn't fit the type that is stated.
 *
 * @example
 * ```ts
 * import { partitionColumns } from "./hive_types.ts";
 * import { expect } from "@std/expect";
 *
 * const { columns, values } = partitionColumns([
 *   { path: "year=2023/day=2023-07-31/a.parquet", partitions: [["year", "2023"], ["day", null]] },
 *   { path: "day=x/year=2024/b.parquet", partitions: [["day", "x"], ["year", "2024"]] },
 * ]);
 * expect(columns).toEqual([{ name: "year", type: "int64" }, { name: "day", type: "string" }]);
 * expect(values).toEqual([[2023n, null], [2024n, "x"]]);
 * ```
 */
export function partitionColumns(
  found: readonly FoundFile[],
  types: Readonly<Record<string, HiveType>> = {},
): PartitionColumns {
  const stated = new Map(Object.entries(types));
  for (const [name, type] of stated) {
    if (Object.hasOwn(readers, type)) continue;
    throw new TypeError(
      `The type of the partition column ${name} must be "int64", "date" or "string", not ${type}`,
    );
  }
  const [first] = found;
  const names = first ? [...partitionsByKey(first).keys()] : [...stated.keys()];
  const unknown = [...stated.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) throw unknownColumn(unknown, names, first);

  const texts = found.map((file) => textsOf(file, names, first ?? file));
  const columns = names.map((name, column) => ({
    name,
    type: stated.get(name) ?? inferType(texts.map((row) => row[column] ?? null)),
  }));
  return {
    columns,
    values: found.map((file, index) =>
      columns.map(({ name, type }, column) => {
        const text = texts[index]?.[column] ?? null;
        const value = text === null ? null : readers[type](text);
        if (value === undefined) throw misfit(file, name, `${text}`, type);
        return value;
      })
    ),
  };
}

/** Reads a value as a type, or gives `undefined`. */
type Reader = (text: string) => PartitionValue | undefined;

const readers: Readonly<Record<HiveType, Reader>> = {
  int64: (text) => text === "" ? null : readInteger(text),
  date: (text) => text === "" ? null : readDate(text),
  string: (text) => text,
};

const plainInteger = /^-?\d+$/;

function inferType(texts: readonly (string | null)[]): HiveType {
  const values = texts.filter((text) => text !== null);
  if (values.length === 0) return "string";
  const all = (fits: (text: string) => boolean) => values.every(fits);
  if (all((text) => plainInteger.test(text) && readInteger(text) !== undefined)) return "int64";
  return all((text) => readDate(text) !== undefined) ? "date" : "string";
}

function readInteger(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function readDate(text: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  // Of 30 February, one runtime makes 1 March and the other no date.
  const isDay = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  return isDay ? date : undefined;
}

function partitionsByKey(file: FoundFile): Map<string, string | null> {
  const byKey = new Map<string, string | null>();
  for (const [key, value] of file.partitions) {
    if (byKey.has(key)) {
      throw new PartitionMismatchError(
        `Can't read the partition columns of ${file.path}: two folders have the key ${key}. ` +
          "Read the files without partition columns, or rename a folder",
        { path: file.path, column: key },
      );
    }
    byKey.set(key, value);
  }
  return byKey;
}

/** The values of a file in the order of the names. */
function textsOf(
  file: FoundFile,
  names: readonly string[],
  first: FoundFile,
): readonly (string | null)[] {
  const byKey = partitionsByKey(file);
  const missing = names.find((name) => !byKey.has(name));
  const surplus = [...byKey.keys()].find((name) => !names.includes(name));
  const column = missing ?? surplus;
  if (column !== undefined) {
    const [without, having] = missing === undefined ? [first, file] : [file, first];
    throw new PartitionMismatchError(
      `Hive partition mismatch: the path of ${having.path} has the key ${column}, that of ` +
        `${without.path} doesn't. Name files whose folders have the same keys, or read them ` +
        "without partition columns",
      { path: file.path, column },
    );
  }
  return names.map((name) => byKey.get(name) ?? null);
}

function misfit(file: FoundFile, column: string, value: string, type: HiveType): Error {
  return new PartitionMismatchError(
    `Can't read the partition column ${column} of ${file.path}: "${value}" is not of the stated ` +
      `type ${type}. State another type, "string" fits all, or none`,
    { path: file.path, column },
  );
}

function unknownColumn(
  column: string,
  names: readonly string[],
  first: FoundFile | undefined,
): UnknownColumnError {
  return new UnknownColumnError(
    `Can't give a type to the partition column ${column}: the paths have no such key. ` +
      (names.length > 0 ? `They have ${names.join(", ")}` : "They have no keys"),
    { path: first?.path, column, suggestions: nearestNames(column, names) },
  );
}
