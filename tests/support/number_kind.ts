/**
 * The types of calculated numbers: which are said in `docs/predicates.md`.
 *
 * @module
 */

/** An integer of a width. */
export interface IntegerKind {
  readonly is: "integer";
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
}

/** A float of a width. */
export interface FloatKind {
  readonly is: "float";
  readonly bits: 16 | 32 | 64;
}

/** A decimal; one of more than 38 digits is beyond what DuckDB has. */
export interface DecimalKind {
  readonly is: "decimal";
  readonly precision: number;
  readonly scale: number;
}

/** The type of a number. */
export type NumberKind = IntegerKind | FloatKind | DecimalKind;

/** What arithmetic is done in. */
export const int64: IntegerKind = { is: "integer", bits: 64, signed: true };
/** What is done in it where both sides are so. */
export const uint64: IntegerKind = { is: "integer", bits: 64, signed: false };
/** What floats are calculated in. */
export const float64: FloatKind = { is: "float", bits: 64 };

/** Whether it is the type of unsigned integers of 64 bits. */
export function isUint64(kind: NumberKind): boolean {
  return kind.is === "integer" && kind.bits === 64 && !kind.signed;
}

/** The decimal that holds an integer, or a decimal itself. */
export function asDecimal(kind: IntegerKind | DecimalKind): DecimalKind {
  if (kind.is === "decimal") return kind;
  const precision = { 8: 3, 16: 5, 32: 10, 64: kind.signed ? 19 : 20 }[kind.bits];
  return { is: "decimal", precision, scale: 0 };
}

/** DuckDB's name of an integer type. */
export function sqlType({ bits, signed }: IntegerKind): string {
  const name = { 8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT" }[bits];
  return signed ? name : `U${name}`;
}

/** The type of a value that may be of either. */
export function commonKind(left: NumberKind, right: NumberKind): NumberKind {
  if (left.is === "float" && right.is === "float") return left.bits > right.bits ? left : right;
  if (left.is === "float" || right.is === "float") return float64;
  if (left.is === "integer" && right.is === "integer") {
    if (left.signed === right.signed) return left.bits > right.bits ? left : right;
    const [signed, unsigned] = left.signed ? [left, right] : [right, left];
    if (unsigned.bits < 64) {
      return signed.bits > unsigned.bits
        ? signed
        : { is: "integer", signed: true, bits: unsigned.bits * 2 as IntegerKind["bits"] };
    }
  }
  const [a, b] = [asDecimal(left), asDecimal(right)];
  const scale = Math.max(a.scale, b.scale);
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  return { is: "decimal", precision: whole + scale, scale };
}

/** A calculation with two numbers. */
export type Operation = "add" | "sub" | "mul" | "div" | "mod";

/** The type in which Arrow calculates with two decimals; none where that is no use to a test. */
export function decimalResult(
  operation: Operation,
  left: DecimalKind,
  right: DecimalKind,
): DecimalKind | null {
  const most = left.precision > 38 || right.precision > 38 || left.scale + right.scale > 38
    ? 76
    : 38;
  const [p1, s1, p2, s2] = [left.precision, left.scale, right.precision, right.scale];
  const scale = { mul: s1 + s2, div: s1 + 4 }[operation as string] ?? Math.max(s1, s2);
  const precision = {
    add: Math.max(p1 - s1, p2 - s2) + scale + 1,
    sub: Math.max(p1 - s1, p2 - s2) + scale + 1,
    mul: p1 + p2 + 1,
    div: p1 + 4 + s2,
    mod: Math.min(p1 - s1, p2 - s2) + scale,
  }[operation];
  // With more digits behind the point, there is no room for those in front of it.
  if (scale > most - 6 || precision <= scale) return null;
  return { is: "decimal", precision: Math.min(most, precision), scale };
}
