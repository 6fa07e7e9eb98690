import { expect } from "@std/expect";
import { Decimal, Field, Schema } from "apache-arrow";
import fc from "fast-check";
import process from "node:process";
import { col, fromRows, withColumns } from "spillway";
import { test } from "./support/harness.ts";

/** Set to what a failed run printed, it makes the same numbers again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

const most = 10n ** 38n - 1n;
/** Arrow gives a quotient so many digits more behind the point than the dividend has. */
const MORE_DIGITS = 4;

/** Numbers of any count of digits, as those that overflow have many and their divisors few. */
const anyUnscaled: fc.Arbitrary<bigint> = fc.oneof(
  fc.integer({ min: 1, max: 38 }).chain((digits) =>
    fc.bigInt({ min: -(10n ** BigInt(digits)) + 1n, max: 10n ** BigInt(digits) - 1n })
  ),
  fc.constantFrom(0n, 1n, -1n, most, -most, 2n ** 126n, 10n ** 37n),
);

/** The text of a decimal. */
function text(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  const point = digits.length - scale;
  const [whole, fraction] = [digits.slice(0, point), digits.slice(point)];
  return `${unscaled < 0n ? "-" : ""}${whole}${fraction && `.${fraction}`}`;
}

/** The quotient cut off behind its last digit; none by zero, or where 38 digits don't hold it. */
function quotient(left: bigint, right: bigint, rightScale: number, scale: number): string | null {
  if (right === 0n) return null;
  const unscaled = left * 10n ** BigInt(MORE_DIGITS + rightScale) / right;
  return unscaled > most || unscaled < -most ? null : text(unscaled, scale);
}

test(`quotients of decimals of 38 digits are exact, or null (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(anyUnscaled, anyUnscaled), { minLength: 1, maxLength: 50 }),
      // With more than 38 together, decimals of 76 digits would be calculated with.
      fc.integer({ min: 0, max: 19 }),
      fc.integer({ min: 0, max: 19 }),
      async (pairs, leftScale, rightScale) => {
        const schema = new Schema([
          new Field("left", new Decimal(leftScale, 38), true),
          new Field("right", new Decimal(rightScale, 38), true),
        ]);
        const rows = pairs.map(([left, right]) => ({
          left: text(left, leftScale),
          right: text(right, rightScale),
        }));
        const divided = fromRows(rows, schema)
          .pipeThrough(withColumns({ quotient: col("left").div(col("right")) }));
        const scale = leftScale + MORE_DIGITS;
        expect((await Array.fromAsync(divided.rows())).map(({ quotient }) => quotient)).toEqual(
          pairs.map(([left, right]) => quotient(left, right, rightScale, scale)),
        );
      },
    ),
    { seed },
  );
});
