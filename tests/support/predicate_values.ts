/**
 * Values of columns that predicates are tested on. They repeat, so that constants meet them, and
 * the limits of each type are among them.
 *
 * @module
 */
import fc from "fast-check";

/** Integers of a width. */
export function integers(bits: number, signed: boolean): fc.Arbitrary<bigint> {
  const min = signed ? -(2n ** BigInt(bits - 1)) : 0n;
  const max = 2n ** BigInt(signed ? bits - 1 : bits) - 1n;
  return fc.oneof(
    { weight: 3, arbitrary: fc.bigInt({ min: signed ? -4n : 0n, max: 9n }) },
    { weight: 1, arbitrary: fc.bigInt({ min, max }) },
    { weight: 1, arbitrary: fc.constantFrom(min, max, min + 1n, max - 1n) },
  );
}

/** What equals itself in spite of its bits, and what differs from itself there. */
export const zeros: fc.Arbitrary<number> = fc.constantFrom(0, -0, -0, NaN);

/** Numbers of as many digits as doubles have. */
const longDoubles = [Math.PI, -1 / 3, 2 ** -24, -9.374269737475465e95, 2.0213113603212622e-150];

/** Doubles. */
export const doubles: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -8, max: 8 }).map((eighths) => eighths / 8) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.constantFrom(...longDoubles) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 0.1, 5e-324) },
  { weight: 1, arbitrary: zeros },
  {
    weight: 1,
    arbitrary: fc.constantFrom(2 ** 63, -(2 ** 63), 2 ** 64, 127.5, -128.9, 255.99, 3.5e38, 1e300),
  },
);

/** Floats of 16 bits, which hold the numbers up to 2,048 exactly. */
export const halves: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -16, max: 16 }).map((eighths) => eighths / 8) },
  { weight: 1, arbitrary: fc.integer({ min: -2_048, max: 2_048 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      NaN,
      Infinity,
      -Infinity,
      -0,
      0,
      65_504,
      -65_504,
      2 ** -24,
      3 * 2 ** -24,
    ),
  },
);

// No text with a NUL, which SQL can't say.
/** Texts. */
export const words: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("", "a", "ab", "abc", "b", "%", "_", "\\", "a\\b", "it's", "Größe", "\u{1f30a}"),
  fc.constantFrom("\uffee", "a\nb", "AB", "a!b"),
  fc.string({ unit: "grapheme", maxLength: 6 }).map((text) => text.replaceAll("\0", "0")),
  // Beyond where writers cut off statistics.
  fc.tuple(
    fc.constantFrom("x", "é", "\u{1f30a}"),
    fc.integer({ min: 60, max: 70 }),
    fc.constantFrom("", "a", "z"),
  )
    .map(([letter, times, end]) => letter.repeat(times) + end),
);

/** Texts that may be numbers or dates. */
export const digits: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: -3, max: 12 }).map(String),
  fc.constantFrom(
    "127",
    "128",
    "-129",
    "255",
    "256",
    "-0",
    "007",
    "+5",
    " 12 ",
    "9223372036854775807",
  ),
  fc.constantFrom(
    "9223372036854775808",
    "18446744073709551615",
    "-9223372036854775809",
    "1.5",
    ".5",
  ),
  fc.constantFrom(
    "",
    "abc",
    "-",
    "1e3",
    "NaN",
    "inf",
    "-0.0",
    "1969-12-31",
    "2026-02-28",
    "2026-02-30",
  ),
);

/** Bytes, some beyond where writers cut off statistics. */
export const blobs: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constantFrom(Uint8Array.of(), Uint8Array.of(0), Uint8Array.of(255), Uint8Array.of(255, 255)),
  fc.uint8Array({ maxLength: 4 }),
  fc.tuple(fc.constantFrom(0, 97, 255), fc.integer({ min: 60, max: 70 })).map(([byte, length]) =>
    new Uint8Array(length).fill(byte)
  ),
);

/** Milliseconds since 1970: within what 64 bits hold of nanoseconds. */
export const milliseconds: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: -8_000_000_000_000n, max: 8_000_000_000_000n }),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.bigInt({ min: -3n, max: 3n }).map((days) => days * 86_400_000n),
);

/** Nanoseconds since 1970. */
export const instants: fc.Arbitrary<bigint> = fc.tuple(
  milliseconds,
  fc.constantFrom(0n, 0n, 1n, 999n, 1_000n, 7_000n, 999_999n),
).map(([ms, more]) => ms * 1_000_000n + more);
