/**
 * Which source a scan's options ask for.
 *
 * @module
 */
import { Schema } from "apache-arrow";
import type { BatchSource } from "../streams/batch_source.ts";
import type { CheckedScan } from "./check_scan.ts";
import { Expression, type Predicate } from "../expressions/expression.ts";
import { allRows, type RowSlice } from "../stages/row_slice.ts";
import { ScanSource } from "./scan_source.ts";
import { ScanSteps } from "./scan_steps.ts";
import { structParts } from "../stages/struct_parts.ts";
import { ScriptedSource } from "./scripted_source.ts";
import type { RowStep, Step } from "../stages/step.ts";

/**
 * The source of a scan: rows are tested first, then counted, then columns chosen.
 *
 * @param options The scan's options.
 * @returns A native scan wherever one can do it all; else one whose batches go through JavaScript.
 */
export function scanSource(options: CheckedScan): BatchSource {
  const { where, columns, offset, limit } = options;
  if (where === null) return new ScanSource(options);
  const unfiltered = { ...options, where: null, offset: 0, limit: null };
  const slice = offset > 0 || limit !== null ? { offset, limit } : null;
  const choose = columns === null ? null : (schema: Schema) => chosen(schema, unfiltered);
  if (where instanceof Expression) return expressionSource(unfiltered, where, { slice, choose });
  const scan = new ScanSource({ ...unfiltered, columns: null, progress: null });
  return new ScriptedSource(scan, {
    filter: where,
    slice,
    choose,
    steps: [...slices(slice), ...selection(columns)],
    progress: options.progress,
  });
}

/** How rows are counted and columns chosen, after the rows are tested. */
interface Chosen {
  readonly slice: RowSlice | null;
  readonly choose: ((schema: Schema) => Promise<Schema>) | null;
}

function expressionSource(
  options: CheckedScan,
  predicate: Predicate,
  { slice, choose }: Chosen,
): BatchSource {
  const { columns, rowIndex } = options;
  const test = { where: predicate.toJSON() };
  const source = (read: readonly string[] | null, ...select: RowStep[]) => {
    const steps = new ScanSteps(allRows, [test, ...select], slice, [
      test,
      ...slices(slice),
      ...select,
    ]);
    return new ScanSource({ ...options, columns: read, offset: 0, limit: null }, steps);
  };
  if (columns === null || choose === null) return source(null);
  // Of a path the first part alone: further ones may be read otherwise than the predicate does.
  const tested = new Set(predicate.columns().flatMap(([name]) => name ?? []));
  const others = [...tested].filter((name) => name !== rowIndex && !columns.includes(name));
  if (others.length === 0) return source(columns);
  const read = [...columns, ...others];
  if (columns.every((name) => !name.includes("."))) {
    return source(read, { select: [...rowIndex === null ? [] : [rowIndex], ...columns] });
  }
  // A part of a struct, of which the predicate may need another part.
  return new ScriptedSource(source(read), {
    filter: null,
    slice: null,
    choose,
    steps: selection(columns),
    progress: null,
  });
}

/** The columns asked for of those that are read. */
async function chosen(schema: Schema, options: CheckedScan): Promise<Schema> {
  const { columns, rowIndex } = options;
  const names = [...rowIndex === null ? [] : [rowIndex], ...columns ?? []];
  if (options.text !== null) return structParts(schema, names);
  const fields = names.map((name) => schema.fields.find((field) => field.name === name));
  if (fields.every((field) => field !== undefined)) return new Schema(fields, schema.metadata);
  // What paths lead to, a scan without a predicate knows.
  const scan = new ScanSource({ ...options, signal: null, progress: null });
  try {
    return await scan.schema();
  } finally {
    scan.cancel();
  }
}

function slices(slice: RowSlice | null): Step[] {
  const { offset, limit } = slice ?? allRows;
  return [...offset > 0 ? [{ offset }] : [], ...limit === null ? [] : [{ limit }]];
}

function selection(columns: readonly string[] | null): Step[] {
  return columns === null ? [] : [{ select: columns }];
}
