import { expect } from "@std/expect";
import { type RecordBatch, tableFromArrays } from "apache-arrow";
import {
  AndPredicate,
  ColumnFilterPredicate,
  type PredicatePushdown,
  type RowGroupStatistics,
  selectRows,
} from "spillway";
import { test } from "../support/harness.ts";
import { describedRowGroup } from "../support/row_group.ts";

/** Keeps numbers below a limit; counts its calls. */
class Below implements PredicatePushdown {
  calls = 0;
  constructor(readonly limit: number) {}

  shouldSkipRowGroup(statistics: RowGroupStatistics): boolean {
    const { min } = statistics.column("n");
    return typeof min === "number" && min >= this.limit;
  }

  async apply(batch: RecordBatch): Promise<RecordBatch> {
    this.calls++;
    await Promise.resolve();
    return selectRows(batch, Array.from(batch.getChild("n")!, (n) => n < this.limit));
  }
}

const [batch] = tableFromArrays({ n: [1, 5, 9, 3] }).batches;

test("the rows kept are those that all keep", async () => {
  const [first, second] = [new Below(6), new Below(4)];
  const kept = await new AndPredicate(first, second).apply(batch!);
  expect(Array.from(kept.getChild("n")!)).toEqual([1, 3]);
  expect([first.calls, second.calls]).toEqual([1, 1]);
});

test("once nothing is kept, nobody is asked", async () => {
  const [first, second] = [new Below(0), new Below(4)];
  const kept = await new AndPredicate(first, second).apply(batch!);
  expect(kept.numRows).toBe(0);
  expect([first.calls, second.calls]).toEqual([1, 0]);
});

test("one predicate that skips is enough", () => {
  const rowGroup = describedRowGroup(4, { n: { type: "INT32", statistics: { min: 5, max: 9 } } });
  expect(new AndPredicate(new Below(9), new Below(5)).shouldSkipRowGroup(rowGroup)).toBe(true);
  expect(new AndPredicate(new Below(9), new Below(6)).shouldSkipRowGroup(rowGroup)).toBe(false);
});

test("it is an expression where all parts are", () => {
  const filter = (column: string) => new ColumnFilterPredicate(column, [1]);
  const text = (...parts: PredicatePushdown[]) => new AndPredicate(...parts).toExpression();
  expect(String(text(filter("a"), new AndPredicate(filter("b"), filter("c")))))
    .toBe("a IN (1) AND b IN (1) AND c IN (1)");
  expect(text(filter("a"), new Below(1))).toBe(undefined);
  expect(text(filter("a"), { ...noop, toExpression: () => undefined })).toBe(undefined);
});

const noop: PredicatePushdown = { shouldSkipRowGroup: () => false, apply: (batch) => batch };

test("what is no predicate is refused", () => {
  expect(() => new AndPredicate()).toThrow("AndPredicate takes one predicate or more, not none");
  const wrong = (value: unknown) => () => new AndPredicate(noop, value as PredicatePushdown);
  expect(wrong(null)).toThrow(TypeError);
  expect(wrong({ apply: () => batch })).toThrow(
    "AndPredicate takes objects with the methods shouldSkipRowGroup and apply, not an object of " +
      "Object. Expressions are joined by and()",
  );
});
