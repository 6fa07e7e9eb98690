/**
 * The least or the greatest value of a column.
 *
 * @module
 */
import type { DataType } from "apache-arrow";
import {
  type ColumnValue,
  type Extreme,
  extremeOf,
  further,
  isOrdered,
  settled,
} from "../batches/column_values.ts";
import type { ColumnChunkMetadata } from "./file_metadata.ts";
import { chunkBound } from "../chunks/chunk_bound.ts";
import type { RecordBatchStream } from "../streams/record_batch_stream.ts";
import type { PlannedRowGroup } from "./scan_plan.ts";
import { select } from "../stages/select.ts";
import { printable } from "../printable.ts";

/** A row group that has to be decoded, unless its bound is no further out than what is found. */
interface OpenRowGroup {
  rowGroup: PlannedRowGroup;
  bound: ColumnValue | undefined;
}

/**
 * Finds the least or the greatest value of a column in the rows that are left, and ends the stream.
 *
 * @param stream The stream.
 * @param column The column's name.
 * @param extreme Which value.
 * @returns The value; `undefined` where there is none but nulls.
 * @throws {TypeError} Where the stream is locked, or the column's type has no order.
 */
export async function columnExtreme(
  stream: RecordBatchStream,
  column: string,
  extreme: Extreme,
): Promise<ColumnValue | undefined> {
  const values = stream.pipeThrough(select(column));
  const fileColumn = values.fileColumn(column);
  if (fileColumn === null) return await decode(values, extreme);
  const { fields: [field] } = await values.schema();
  const plan = await values.explain();
  // Its files are known by now, and with them the columns that come of their folders.
  if (plan.files.length !== 1 || values.fileColumn(column) === null) {
    return await decode(values, extreme);
  }
  const metadata = await values.metadata();
  await values.cancel();
  const { type } = field!;
  checkOrdered(column, type, extreme);

  let found: ColumnValue | undefined;
  let open: OpenRowGroup[] = [];
  for (const rowGroup of plan.rowGroups) {
    if (rowGroup.skipped !== null) continue;
    const chunk = chunkOf(metadata.rowGroups[rowGroup.index]?.columns ?? [], fileColumn);
    const numRows = metadata.rowGroups[rowGroup.index]?.numRows ?? 0;
    if (chunk === null || chunk.numValues !== numRows) {
      open.push({ rowGroup, bound: undefined });
      continue;
    }
    // Nulls only: whichever rows are wanted, there is no value.
    if (chunk.statistics?.nullCount === numRows) continue;
    const { value, isExact } = chunkBound(chunk, type, extreme);
    const isWhole = rowGroup.rowsRead === numRows &&
      (plan.filter === null || rowGroup.pruned?.allMatch === true);
    if (isExact && isWhole) found = further(extreme, found, value);
    else open.push({ rowGroup, bound: value });
  }
  // What the most promising row group has rules out most others.
  const first = mostPromising(open, extreme);
  if (first !== undefined && canBeat(first, found, extreme)) {
    found = further(extreme, found, await decode(values.within([first.rowGroup]), extreme));
    open = open.filter((other) => other !== first);
  }
  const rest = open.filter((other) => canBeat(other, found, extreme));
  if (rest.length > 0 && !isNaN(found)) {
    const scan = values.within(rest.map(({ rowGroup }) => rowGroup));
    found = further(extreme, found, await decode(scan, extreme));
  }
  return found === undefined ? undefined : settled(found);
}

/** Goes through the batches of one column that a stream gives. */
async function decode(
  stream: RecordBatchStream,
  extreme: Extreme,
): Promise<ColumnValue | undefined> {
  let found: ColumnValue | undefined;
  for await (const batch of stream) {
    const [field] = batch.schema.fields;
    const values = batch.getChildAt(0);
    if (field !== undefined) checkOrdered(field.name, field.type, extreme);
    if (values !== null) found = further(extreme, found, extremeOf(values, extreme));
    batch.giveUp();
    // Nothing is greater.
    if (extreme === "max" && isNaN(found)) break;
  }
  return found;
}

function checkOrdered(column: string, type: DataType, extreme: Extreme): void {
  if (isOrdered(type)) return;
  throw new TypeError(
    `Can't find the ${extreme} of column "${
      printable(column)
    }": values of type ${type} have no order; ` +
      "choose a column of numbers, text, bytes, dates, times or booleans",
  );
}

/** The only column chunk of a path: two may have one path, where names have dots in them. */
function chunkOf(
  columns: readonly ColumnChunkMetadata[],
  path: string,
): ColumnChunkMetadata | null {
  const [chunk, ...others] = columns.filter((column) => column.path === path);
  return chunk === undefined || others.length > 0 ? null : chunk;
}

/** The row group whose bound is furthest out, where there are several and one has a bound. */
function mostPromising(
  open: readonly OpenRowGroup[],
  extreme: Extreme,
): OpenRowGroup | undefined {
  if (open.length < 2) return undefined;
  let best: OpenRowGroup | undefined;
  for (const candidate of open) {
    if (candidate.bound === undefined) continue;
    if (
      best === undefined || further(extreme, best.bound, candidate.bound) !== best.bound
    ) best = candidate;
  }
  return best;
}

/** Whether a row group may hold a value that is further out than what is found. */
function canBeat(
  { bound }: OpenRowGroup,
  found: ColumnValue | undefined,
  extreme: Extreme,
): boolean {
  if (found === undefined || bound === undefined) return true;
  return further(extreme, found, bound) !== found;
}

function isNaN(value: ColumnValue | undefined): boolean {
  return typeof value === "number" && Number.isNaN(value);
}
