/**
 * What statistics say of the ends of a column chunk.
 *
 * @module
 */
import { DataType, DateUnit, makeData, TimeUnit, Vector } from "apache-arrow";
import type { ColumnValue, Extreme } from "../batches/column_values.ts";
import { compareValues } from "../expressions/compare_values.ts";
import { statisticsReader } from "../expressions/statistics_value.ts";
import type { ColumnChunkMetadata, ColumnStatistics } from "../scan/file_metadata.ts";

/** A bound of the values in a column chunk. */
export interface ChunkBound {
  /** No value is further out; `undefined` where the file says nothing that can be relied on. */
  value: ColumnValue | undefined;
  /** Whether the bound is a value that occurs. */
  isExact: boolean;
}

const unknown: ChunkBound = { value: undefined, isExact: false };
const units = new Map([["MILLI", TimeUnit.MILLISECOND], ["MICRO", TimeUnit.MICROSECOND], [
  "NANO",
  TimeUnit.NANOSECOND,
]]);

/**
 * The bound of a column chunk's values, as a value of the column.
 *
 * Statistics leave out NaN, which is the greatest value: there is no upper bound of floats.
 *
 * @param chunk The column chunk, of a column that isn't nested.
 * @param type The column's type in batches.
 * @param extreme Which bound.
 */
export function chunkBound(
  chunk: ColumnChunkMetadata,
  type: DataType,
  extreme: Extreme,
): ChunkBound {
  const { statistics } = chunk;
  if (statistics === null || isContradictory(chunk, statistics)) return unknown;
  const raw = statistics[extreme];
  if (raw === null) return unknown;
  const value = valueOf(raw, chunk, type, extreme, statistics.minMaxDeprecated);
  const isExact = extreme === "min" ? statistics.minIsExact : statistics.maxIsExact;
  return { value, isExact: isExact && value !== undefined };
}

function valueOf(
  raw: string | number | boolean,
  chunk: ColumnChunkMetadata,
  type: DataType,
  extreme: Extreme,
  deprecated: boolean,
): ColumnValue | undefined {
  if (DataType.isDictionary(type)) {
    return valueOf(raw, chunk, type.dictionary, extreme, deprecated);
  }
  if (DataType.isDate(type) || DataType.isTimestamp(type)) return timeOf(raw, chunk, type);
  const value = statisticsReader(chunk, deprecated)(raw, extreme);
  if (DataType.isInt(type)) {
    if (typeof value !== "number" && typeof value !== "bigint") return undefined;
    return type.bitWidth === 64 ? BigInt(value) : Number(value);
  }
  if (DataType.isFloat(type)) {
    return extreme === "min" && typeof value === "number" && !Number.isNaN(value)
      ? value
      : undefined;
  }
  if (DataType.isBool(type)) return typeof value === "boolean" ? value : undefined;
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) {
    return typeof value === "string" ? value : undefined;
  }
  // Decimals and times of day are stored in many ways: they are decoded.
  return undefined;
}

/** A date or a time as a column's `get` gives it, where it is stored in the same unit. */
function timeOf(
  raw: string | number | boolean,
  { physicalType, logicalType }: ColumnChunkMetadata,
  type: DataType,
): ColumnValue | undefined {
  if (DataType.isDate(type) && type.unit === DateUnit.DAY && physicalType === "INT32") {
    return new Vector([makeData({ type, data: Int32Array.of(Number(raw)) })]).get(0) ?? undefined;
  }
  if (!DataType.isTimestamp(type) || physicalType !== "INT64") return undefined;
  const unit = /MILLI|MICRO|NANO/.exec(logicalType ?? "")?.[0] ?? "";
  if (units.get(unit) !== type.unit || typeof raw !== "string") return undefined;
  const ticks = BigInt64Array.of(BigInt(raw));
  return new Vector([makeData({ type, data: ticks })]).get(0) ?? undefined;
}

/** Whether the least is above the greatest: statistics that were made by another order. */
function isContradictory(
  chunk: ColumnChunkMetadata,
  { min, max, minMaxDeprecated }: ColumnStatistics,
): boolean {
  const read = statisticsReader(chunk, minMaxDeprecated);
  const [least, greatest] = [
    min === null ? undefined : read(min, "min"),
    max === null ? undefined : read(max, "max"),
  ];
  if (least === undefined || greatest === undefined) return false;
  return (compareValues(least, greatest) ?? 0) > 0;
}
