/**
 * The files of a scan: found when they are first needed, and then known.
 *
 * @module
 */
import { statSync } from "node:fs";
import { findFiles } from "./find_files.ts";
import { type HiveType, partitionColumns, type PartitionValue } from "./hive_types.ts";
import type { PlannedRowGroup } from "../scan/scan_plan.ts";
import { SharedWork } from "../streams/shared_work.ts";

/** A column that has one value in all rows of a file. */
export interface ConstantColumn {
  readonly name: string;
  readonly type: HiveType | "dictionary";
  /** As text: a whole number, a day, or what it is. */
  readonly value: string | null;
}

/** The value of such a column, as statistics have it. */
export function constantValue({ type, value }: ConstantColumn): bigint | Date | string | null {
  if (value === null) return null;
  if (type === "int64") return BigInt(value);
  return type === "date" ? new Date(`${value}T00:00:00Z`) : value;
}

/** A file, as the native side is asked for it. */
export interface FileRequest {
  readonly path: string;
  readonly constants: readonly ConstantColumn[];
  /** The row groups to read; `null` for all. */
  readonly rowGroups: readonly number[] | null;
}

/** What files are asked for, and which columns come of their paths. */
export interface DatasetRequest {
  /** Paths, directories and patterns. */
  readonly paths: string | readonly string[];
  /** Whether there may be no file. */
  readonly allowEmpty: boolean;
  /** Whether folders named `key=value` give columns. */
  readonly hive: boolean;
  /** Types of some of these. */
  readonly hiveTypes: Readonly<Record<string, HiveType>>;
  /** The name of a column for the files' paths. */
  readonly fileName: string | null;
  /** The row groups to read of the one file; `null` for all. */
  readonly rowGroups: readonly number[] | null;
  /** Whether links are followed that a directory or a pattern leads to. */
  readonly followSymlinks: boolean;
  /** How the names of a directory's files end: one of these. */
  readonly suffixes: readonly string[];
}

/** The files of a scan. */
export class DatasetFiles {
  readonly #lone: () => readonly FileRequest[] | null;
  readonly #find: (signal: AbortSignal) => Promise<readonly FileRequest[]>;
  #search: SharedWork<readonly FileRequest[]> | null = null;
  #known: readonly FileRequest[] | null = null;

  private constructor(
    lone: () => readonly FileRequest[] | null,
    find: (signal: AbortSignal) => Promise<readonly FileRequest[]>,
  ) {
    this.#lone = lone;
    this.#find = find;
  }

  /** The files that a caller asks for; they are looked for when they are first needed. */
  static asked(request: DatasetRequest): DatasetFiles {
    return new DatasetFiles(() => loneFile(request), (signal) => find(request, signal));
  }

  /** Files that were found before. */
  static known(files: readonly FileRequest[]): DatasetFiles {
    return new DatasetFiles(() => files, () => Promise.resolve(files));
  }

  /**
   * The files, unless they have to be searched for, which takes a tenth of the time to a first batch:
   * most scans are of one file.
   */
  atHand(): readonly FileRequest[] | null {
    return this.#known ??= this.#lone();
  }

  /**
   * The files, in order.
   *
   * @param signal Ends the waiting for them. The looking ends too, within some folders, unless others
   * wait for the files.
   * @throws {FileNotFoundError} Where a pattern or a directory names none.
   * @throws {TypeError} Where row groups are asked of several.
   */
  async list(signal: AbortSignal | null): Promise<readonly FileRequest[]> {
    const known = this.atHand();
    if (known !== null) return known;
    // What failed, or was given up, is tried anew.
    if (this.#search === null || this.#search.over) this.#search = new SharedWork(this.#find);
    return this.#known = await this.#search.wait(signal);
  }

  /** Whether a column has one value in all rows of each file, as far as the files are known. */
  isConstant(column: string): boolean {
    return this.#known?.[0]?.constants.some(({ name }) => name === column) ?? false;
  }

  /** Some of the row groups, as a plan has them: of the files that hold them, once these are known. */
  some(rowGroups: readonly PlannedRowGroup[]): DatasetFiles {
    const wanted = new Map<number, number[]>();
    for (const { file, index } of rowGroups) {
      const indices = wanted.get(file);
      if (indices === undefined) wanted.set(file, [index]);
      else indices.push(index);
    }
    const known = this.#known ?? [];
    const files = known.flatMap((file, index) => {
      const indices = wanted.get(index);
      return indices === undefined ? [] : [{ ...file, rowGroups: indices }];
    });
    return DatasetFiles.known(files);
  }
}

/** The one file that a path names; `null` where it may name others too, or a pattern does. */
function loneFile(request: DatasetRequest): readonly FileRequest[] | null {
  const { paths, hive, fileName, rowGroups } = request;
  if (typeof paths !== "string" || hive || !isFile(paths)) return null;
  return [{ path: paths, constants: pathColumn(fileName, paths), rowGroups }];
}

async function find(request: DatasetRequest, signal: AbortSignal): Promise<FileRequest[]> {
  const { paths, hiveTypes, fileName, rowGroups, ...looking } = request;
  const { hive } = looking;
  const found = await findFiles(paths, { ...looking, signal });
  if (rowGroups !== null && found.length !== 1) {
    throw new TypeError(
      `rowGroups can only be given for one file, not for ${found.length}: ` +
        "leave it out, or scan the file alone",
    );
  }
  const { columns, values } = hive
    ? partitionColumns(found, hiveTypes)
    : { columns: [], values: [] };
  return found.map(({ path }, index) => {
    const partitions: ConstantColumn[] = columns.map(({ name, type }, column) => ({
      name,
      type,
      value: textOf(values[index]?.[column] ?? null),
    }));
    return { path, constants: [...partitions, ...pathColumn(fileName, path)], rowGroups };
  });
}

/** The column of that name for a file's path, if one is asked for. */
function pathColumn(fileName: string | null, path: string): readonly ConstantColumn[] {
  return fileName === null ? [] : [{ name: fileName, type: "dictionary", value: path }];
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false;
  }
}

function textOf(value: PartitionValue): string | null {
  if (value === null) return null;
  return value instanceof Date ? value.toISOString().slice(0, 10) : String(value);
}
