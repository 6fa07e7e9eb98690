/**
 * Filters of every kind, for the rows of `tests/data/readings.parquet`.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import {
  col,
  ColumnFilterPredicate,
  type PredicatePushdown,
  type RowFilter,
  selectRows,
} from "spillway";

/** Keeps some rows of the later row groups, as only JavaScript can say it. */
export class LaterWarm implements PredicatePushdown {
  readonly asked: number[] = [];
  shouldSkipRowGroup({ index }: { index: number }): boolean {
    this.asked.push(index);
    return index < 2;
  }
  apply(batch: RecordBatch): RecordBatch {
    return selectRows(batch, isWarm(batch));
  }
}

/** The mask of the warm rows. */
export function isWarm(batch: RecordBatch): boolean[] {
  return Array.from(batch.getChild("celsius")!, (celsius) => celsius >= 20);
}

/** A filter of each kind, by a name for it. */
export const rowFilters: Readonly<Record<string, () => RowFilter>> = {
  expression: () => col("celsius").ge(20),
  "expression of two columns": () => col("celsius").gt(25).or(col("sensor").eq("attic")),
  "expression of nothing": () => col("celsius").gt(1_000),
  "predicate with an expression": () => new ColumnFilterPredicate("sensor", ["attic"]),
  "predicate in JavaScript": () => new LaterWarm(),
  "asynchronous predicate": () => ({
    shouldSkipRowGroup: () => false,
    apply: (batch) => Promise.resolve(selectRows(batch, isWarm(batch))),
  }),
  mask: () => isWarm,
};
