/**
 * A range of a stream's rows.
 *
 * @module
 */
import type { SliceStep } from "./step.ts";

/** Rows of a stream: so many are skipped, and then so many taken. */
export interface RowSlice {
  /** The rows to skip. */
  readonly offset: number;
  /** The most rows to take; `null` for all. */
  readonly limit: number | null;
}

/** All rows. */
export const allRows: RowSlice = { offset: 0, limit: null };

/**
 * A slice of a slice.
 *
 * @param slice The rows so far.
 * @param step What is skipped or taken of them.
 * @returns The rows that are left.
 */
export function sliced({ offset, limit }: RowSlice, step: SliceStep): RowSlice {
  if ("limit" in step) return { offset, limit: Math.min(limit ?? Infinity, step.limit) };
  return {
    offset: offset + step.offset,
    limit: limit === null ? null : Math.max(0, limit - step.offset),
  };
}
