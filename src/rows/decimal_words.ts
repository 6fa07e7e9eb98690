/**
 * Decimals from text.
 *
 * @module
 */
import type { Decimal } from "apache-arrow";

/** More digits than any decimal type has: a longer exponent would only take memory. */
const mostDigits = 1_000;

/**
 * Reads a decimal exactly.
 *
 * @param text Digits with a point, a sign and an exponent, as `-12.50` or `1e3`.
 * @param type The type.
 * @returns Its unscaled value in 32-bit words, least first, as apache-arrow keeps it; `null` where the
 * text is no number, or has more digits than the type.
 */
export function decimalWords(text: string, type: Decimal): Uint32Array | null {
  const unscaled = unscaledValue(text, type.scale);
  if (unscaled === null) return null;
  const most = 10n ** BigInt(type.precision);
  if (unscaled >= most || unscaled <= -most) return null;
  const words = new Uint32Array(type.bitWidth / 32);
  for (let at = 0; at < words.length; at++) {
    words[at] = Number(BigInt.asUintN(32, unscaled >> BigInt(32 * at)));
  }
  return words;
}

function unscaledValue(text: string, scale: number): bigint | null {
  const [all, sign, whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = whole + fraction;
  if (all === undefined || digits === "") return null;
  if (/^0*$/.test(digits)) return 0n;
  const shift = scale + Number(exponent) - fraction.length;
  if (Math.abs(shift) > mostDigits) return null;
  // What is cut off must be nothing.
  if (shift < 0 && !/^0*$/.test(digits.slice(shift))) return null;
  const kept = shift < 0 ? digits.slice(0, shift) : digits + "0".repeat(shift);
  const unscaled = BigInt(kept === "" ? "0" : kept);
  return sign === "-" ? -unscaled : unscaled;
}
