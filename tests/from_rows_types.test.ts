import { expect } from "@std/expect";
import { type DataType, Decimal, type Field, TimestampNanosecond } from "apache-arrow";
import fc from "fast-check";
import process from "node:process";
import { fromRows, type PlainRow } from "spillway";
import { plainRows } from "../src/rows/plain_rows.ts";
import { columnsOf } from "./support/arrow_values.ts";
import { generatedBatch } from "./support/generated_batch.ts";
import { test } from "./support/harness.ts";
import { evenSizes } from "./support/sequence.ts";

/** Set to what a failed run printed, it makes the same rows again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

/** Whether rows may not say what a column holds: numbers have no nanoseconds, and any bits may be too many digits. */
const isInexact = (type: DataType): boolean =>
  type instanceof Decimal || type instanceof TimestampNanosecond ||
  (type.children ?? []).some((child: Field) => isInexact(child.type));

test(`rows of any types become the columns that they came from (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(generatedBatch, fc.integer({ min: 1, max: 50 }), async (batch, batchRows) => {
      fc.pre(!batch.schema.fields.some(({ type }) => isInexact(type)));
      const rows = Array.from(plainRows(batch));
      const stream = fromRows(rows, batch.schema, { batchRows });
      const made = await Array.fromAsync(stream);
      expect(made.map(({ numRows }) => numRows)).toEqual(evenSizes(rows.length, batchRows));
      expect(made.every(({ schema }) => schema === batch.schema)).toBe(true);
      expect(columnsOf(made)).toEqual(rows.length > 0 ? columnsOf([batch]) : {});
    }),
    { seed, numRuns: 300 },
  );
});

/** A value for a field, of one kind, and what comes of it. */
const anyField = fc.constantFrom<fc.Arbitrary<unknown>>(
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double(),
  fc.string({ unit: "grapheme" }),
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 5 }),
  fc.array(fc.option(fc.double()), { maxLength: 3 }),
  fc.array(fc.option(fc.array(fc.option(fc.bigInt({ min: -5n, max: 5n })), { maxLength: 3 })), {
    maxLength: 3,
  }),
  fc.record({ a: fc.option(fc.bigInt({ min: 0n, max: 9n })), b: fc.option(fc.string()) }),
  fc.array(fc.option(fc.record({ at: fc.option(fc.boolean()) })), { maxLength: 3 }),
);
const anyRows = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 4 }).chain((
  names,
) =>
  fc.tuple(...names.map(() => anyField)).chain((values) =>
    fc.array(
      fc.record(
        Object.fromEntries(names.map((name, at) => [name, fc.option(values[at]!)])),
        { requiredKeys: [] },
      ),
      { maxLength: 20 },
    )
  )
);

/** What a value comes back as, by the columns' kinds: integers and dates are others then. */
function given(value: unknown, others: readonly unknown[]): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) {
    const items = others.flatMap((other) => (other as unknown[] | null) ?? []);
    return value.map((item) => given(item, items));
  }
  if (typeof value === "number") {
    const whole = others.flat(9).every((other) =>
      other === null || other === undefined ||
      (Number.isSafeInteger(other) && !Object.is(other, -0))
    );
    return whole ? BigInt(value) : value;
  }
  if (typeof value !== "object" || value instanceof Uint8Array) return value;
  const names = new Set(others.flatMap((other) => Object.keys(other ?? {})));
  return Object.fromEntries(
    Array.from(names, (name) => {
      const field = (other: unknown) => (other as PlainRow | null)?.[name];
      return [name, given(field(value), others.map(field))];
    }),
  );
}

test(`rows come back from the columns whose schema they tell (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, fc.integer({ min: 20, max: 30 }), async (rows, batchRows) => {
      const names = new Set(rows.flatMap((row) => Object.keys(row)));
      const stream = fromRows(rows, null, { batchRows });
      expect((await stream.schema()).names).toEqual([...names]);
      const back = await Array.fromAsync(stream.rows());
      const expected = rows.map((row) =>
        Object.fromEntries(
          Array.from(names, (name) => [name, given(row[name], rows.map((other) => other[name]))]),
        )
      );
      expect(back).toEqual(expected);
    }),
    { seed, numRuns: 300 },
  );
});
