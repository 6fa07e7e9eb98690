/**
 * Amounts of memory as people write them.
 *
 * @module
 */

const unitBytes: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/**
 * Reads an amount of memory: a number of bytes, or a string with a unit.
 *
 * `KB`, `MB`, `GB` and `TB` are powers of 1,000; `KiB`, `MiB`, `GiB` and `TiB` are powers of 1,024.
 * Case and the space before the unit don't matter.
 *
 * @param amount A whole number of bytes, or a string such as `"256MB"` or `"1.5 GiB"`.
 * @param name What the amount is for: the message names it.
 * @returns The bytes, rounded down to a whole number.
 * @throws {TypeError} Where the amount is neither a number nor a string that can be read.
 * @throws {RangeError} Where it is less than one byte, or more than a number counts exactly.
 *
 * @example
 * ```ts
 * import { parseBytes } from "spillway";
 * import { expect } from "@std/expect";
 *
 * expect(parseBytes("256MB")).toBe(256_000_000);
 * expect(parseBytes("2GiB")).toBe(2_147_483_648);
 * expect(parseBytes(4_096)).toBe(4_096);
 * ```
 */
export function parseBytes(amount: number | string, name = "An amount of memory"): number {
  const bytes = typeof amount === "string" ? parseText(amount, name) : amount;
  if (typeof bytes !== "number" || Number.isNaN(bytes)) {
    throw new TypeError(`${name} must be a number of bytes or a string like "256MB"`);
  }
  if (bytes < 1 || bytes > Number.MAX_SAFE_INTEGER) {
    throw new RangeError(`${name} must be from 1 byte to 2^53 - 1 bytes, not ${amount}`);
  }
  return Math.floor(bytes);
}

function parseText(text: string, name: string): number {
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const factor = unit === undefined ? undefined : unitBytes[unit.toLowerCase()];
  if (digits === undefined || factor === undefined) {
    throw new TypeError(
      `${name} can't be read from "${text}": write a number and one of B, KB, MB, GB, TB, ` +
        `KiB, MiB, GiB, TiB, like "256MB" or "2GiB"`,
    );
  }
  return Number(digits) * factor;
}

/**
 * Writes an amount of memory for people, with a binary unit and three digits at most.
 *
 * @param bytes The bytes.
 * @returns Text such as `"1.5 MiB"`.
 *
 * @example
 * ```ts
 * import { formatBytes } from "spillway";
 * import { expect } from "@std/expect";
 *
 * expect(formatBytes(1_536)).toBe("1.5 KiB");
 * expect(formatBytes(64 * 2 ** 20)).toBe("64 MiB");
 * ```
 */
export function formatBytes(bytes: number): string {
  let value = bytes;
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (Math.abs(value) < 1_000) return `${Number(value.toPrecision(3))} ${unit}`;
    value /= 1_024;
  }
  return `${Number(value.toPrecision(3))} TiB`;
}
