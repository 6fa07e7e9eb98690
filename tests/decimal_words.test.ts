import { expect } from "@std/expect";
import { Decimal } from "apache-arrow";
import fc from "fast-check";
import process from "node:process";
import { decimalWords } from "../src/rows/decimal_words.ts";
import { test } from "./support/harness.ts";

/** Set to what a failed run printed, it makes the same numbers again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

/** The unscaled value that words say. */
function unscaled(words: Uint32Array | null): bigint | null {
  if (words === null) return null;
  const value = words.reduceRight((sum, word) => sum << 32n | BigInt(word), 0n);
  return BigInt.asIntN(32 * words.length, value);
}

test(`text of digits, a point and an exponent is read exactly (seed ${seed})`, () => {
  const most = 10n ** 38n - 1n;
  fc.assert(
    fc.property(
      fc.bigInt({ min: -most, max: most }),
      fc.integer({ min: 0, max: 38 }),
      fc.integer({ min: -50, max: 50 }),
      (value, scale, exponent) => {
        const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
        const point = digits.length - scale;
        const sign = value < 0n ? "-" : "";
        const text = `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
        const type = new Decimal(scale, 38);
        expect(unscaled(decimalWords(text, type))).toBe(value);
        // The same number with its point elsewhere.
        const moved = new Decimal(scale - exponent, 38);
        expect(unscaled(decimalWords(`${text}e${exponent}`, moved))).toBe(value);
        expect(
          unscaled(decimalWords(`${text}e${exponent}`, new Decimal(scale - exponent, 76, 256))),
        )
          .toBe(value);
      },
    ),
    { seed, numRuns: 300 },
  );
});

test("as many digits as the precision are enough, and one more is too many", () => {
  const type = new Decimal(1, 3);
  const read = (text: string) => unscaled(decimalWords(text, type));
  expect(["99.9", "-99.9", "099.90", "100", "-100", "0.05", "0.50"].map(read))
    .toEqual([999n, -999n, 999n, null, null, null, 5n]);
});

test("zero is zero, however it is written", () => {
  const texts = ["0", "-0", "+.0", "0.", "00.000", "0e99999999999", "0e-99999999999"];
  expect(texts.map((text) => unscaled(decimalWords(text, new Decimal(1, 3)))))
    .toEqual(texts.map(() => 0n));
});

test("what is no number is none, and so is what nobody could hold", () => {
  const texts = [
    "",
    ".",
    "-",
    "e5",
    "1e",
    "1 000",
    "1_000",
    "1,5",
    "0x1",
    "NaN",
    "Infinity",
    "1e1001",
  ];
  expect(texts.map((text) => decimalWords(text, new Decimal(0, 38)))).toEqual(
    texts.map(() => null),
  );
});
