/**
 * What a file says of a row group, for predicates.
 *
 * @module
 */
import { UnknownColumnError } from "../errors.ts";
import type { ColumnChunkMetadata, FileMetadata, RowGroupMetadata } from "../scan/file_metadata.ts";
import { nearestNames } from "../nearest_names.ts";
import { compareValues } from "./compare_values.ts";
import { type Bound, statisticsReader, type StatisticsValue } from "./statistics_value.ts";

/** What a file says of a column in a row group; what it doesn't say is `undefined`. */
export interface ColumnBounds {
  /** No value is less. It need not occur. Of floats, NaN is not considered. */
  readonly min: StatisticsValue | undefined;
  /** No value is greater. It need not occur. Of floats, NaN is not considered. */
  readonly max: StatisticsValue | undefined;
  /** How many values are null. */
  readonly nullCount: number | undefined;
}

/** What {@linkcode RowGroupStatistics} may be told beside the row group. */
export interface RowGroupSurroundings {
  /** Columns with one value in all rows of the file, which hide those of the file. */
  readonly constants?: ReadonlyMap<string, StatisticsValue | null>;
  /** Whether a column that the file lacks is null in all its rows. @default {false} */
  readonly missingAreNull?: boolean;
}

const nothing: ColumnBounds = { min: undefined, max: undefined, nullCount: undefined };

/**
 * What a file says of a row group: what {@linkcode PredicatePushdown.shouldSkipRowGroup} decides by.
 *
 * Bounds are values of the column's type: bigints for 64-bit integers, numbers for narrower ones,
 * floats and decimals, strings, `Date`s for dates and timestamps (rounded outwards to milliseconds),
 * booleans, bytes. Of NaN, statistics say nothing.
 *
 * @example
 * ```ts
 * import { type ColumnChunkMetadata, RowGroupStatistics } from "spillway";
 * import { expect } from "@std/expect";
 *
 * // As in the metadata of a file that is read.
 * const amount: ColumnChunkMetadata = {
 *   path: "amount",
 *   physicalType: "INT64",
 *   logicalType: null,
 *   codec: "SNAPPY",
 *   encodings: ["PLAIN"],
 *   numValues: 1_000,
 *   compressedSize: 4_000,
 *   uncompressedSize: 8_000,
 *   dataPageOffset: 4,
 *   dictionaryPageOffset: null,
 *   hasOffsetIndex: false,
 *   hasColumnIndex: false,
 *   hasBloomFilter: false,
 *   statistics: {
 *     nullCount: 0,
 *     distinctCount: null,
 *     min: "1",
 *     max: "9007199254740993",
 *     minIsExact: true,
 *     maxIsExact: true,
 *     minMaxDeprecated: false,
 *   },
 * };
 * const statistics = new RowGroupStatistics({
 *   index: 0,
 *   numRows: 1_000,
 *   firstRow: 0,
 *   totalByteSize: 8_000,
 *   compressedSize: 4_000,
 *   sortingColumns: [],
 *   columns: [amount],
 * });
 * expect(statistics.column("amount")).toEqual({ min: 1n, max: 2n ** 53n + 1n, nullCount: 0 });
 * ```
 */
export class RowGroupStatistics {
  readonly #rowGroup: RowGroupMetadata;
  readonly #columns = new Map<string, ColumnBounds>();
  readonly #missingAreNull: boolean;

  /**
   * Makes statistics of a row group's facts. Costs nothing; columns are read when asked for.
   *
   * @param rowGroup The facts.
   * @param surroundings What is known of columns that the file lacks.
   */
  constructor(
    rowGroup: RowGroupMetadata,
    { constants = new Map(), missingAreNull = false }: RowGroupSurroundings = {},
  ) {
    this.#rowGroup = rowGroup;
    this.#missingAreNull = missingAreNull;
    for (const [name, value] of constants) this.#columns.set(name, this.#allAre(value));
  }

  /** The row group's index in the file. */
  get index(): number {
    return this.#rowGroup.index;
  }

  /** Its rows. */
  get numRows(): number {
    return this.#rowGroup.numRows;
  }

  /**
   * What the file says of a column.
   *
   * @param name The column's name, or the path of one within structs, its parts joined by dots.
   * @returns Its bounds. For a struct, a list or a map as a whole there are none.
   * @throws {UnknownColumnError} Where there is no such column.
   */
  column(name: string): ColumnBounds {
    const known = this.#columns.get(name);
    if (known !== undefined) return known;
    const bounds = this.#read(name);
    this.#columns.set(name, bounds);
    return bounds;
  }

  #read(name: string): ColumnBounds {
    const { columns, index } = this.#rowGroup;
    const chunk = columns.find(({ path }) => path === name);
    // More values than rows: those of lists, of which a predicate on rows can't be told.
    if (chunk !== undefined && chunk.numValues !== this.numRows) return nothing;
    if (chunk !== undefined) return boundsOf(chunk);
    if (columns.some(({ path }) => path.startsWith(`${name}.`))) return nothing;
    if (this.#missingAreNull) return this.#allAre(null);
    const suggestions = nearestNames(name, columns.map(({ path }) => path));
    const hint = suggestions.length > 0 ? `. Did you mean ${suggestions.join(" or ")}?` : "";
    throw new UnknownColumnError(
      `Can't give the statistics of row group ${index}: it has no column ${name}${hint}`,
      { rowGroup: index, column: name, suggestions },
    );
  }

  /** The bounds of a column with one value in all rows. */
  #allAre(value: StatisticsValue | null): ColumnBounds {
    if (value === null) return { ...nothing, nullCount: this.numRows };
    return { min: value, max: value, nullCount: 0 };
  }
}

/**
 * The statistics of a file's row groups.
 *
 * @param metadata What the file says about itself.
 * @returns The statistics, in the file's order.
 */
export function rowGroupStatistics({ rowGroups }: FileMetadata): RowGroupStatistics[] {
  return rowGroups.map((rowGroup) => new RowGroupStatistics(rowGroup));
}

function boundsOf(chunk: ColumnChunkMetadata): ColumnBounds {
  const { statistics } = chunk;
  if (statistics === null) return nothing;
  const read = statisticsReader(chunk, statistics.minMaxDeprecated);
  const bound = (end: Bound): StatisticsValue | undefined => {
    const value = statistics[end];
    return value === null ? undefined : read(value, end);
  };
  const [min, max] = [bound("min"), bound("max")];
  const nullCount = statistics.nullCount ?? undefined;
  // Statistics that contradict themselves were ordered by another rule.
  const contradictory = min !== undefined && max !== undefined &&
    (compareValues(min, max) ?? 0) > 0;
  return contradictory ? { ...nothing, nullCount } : { min, max, nullCount };
}
