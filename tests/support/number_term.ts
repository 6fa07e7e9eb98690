/**
 * Calculations, each with SQL that has the same result.
 *
 * DuckDB fails where ours give null, so the SQL says with `TRY` and `TRY_CAST` which results there
 * are none of. Integers are calculated in 128 bits and then tested against their type, decimals as
 * integers without their point.
 *
 * @module
 */
import { coalesce, col, type Expression, lit, type Value } from "spillway";
import {
  asDecimal,
  commonKind,
  type DecimalKind,
  decimalResult,
  float64,
  int64,
  type IntegerKind,
  isUint64,
  type NumberKind,
  type Operation,
  sqlType,
  uint64,
} from "./number_kind.ts";
import { parseDecimal } from "./predicate_constants.ts";
import { double, hugeint, sqlOf } from "./sql.ts";

/** A calculation. */
export interface NumberTerm {
  readonly expression: Expression<number>;
  readonly kind: NumberKind;
  /** A HUGEINT for integers, and for decimals without their point; else a FLOAT or a DOUBLE. */
  readonly sql: string | null;
}

/** A column, whose SQL has the form that its kind wants. */
export function numberColumn(path: string, kind: NumberKind, sql: string): NumberTerm {
  return { expression: col(path), kind, sql };
}

/** A constant in the type that it has beside numbers of a kind. */
export function constantBeside(value: number | bigint, kind: NumberKind): NumberTerm {
  const expression = lit<number | bigint>(value);
  const floating: NumberTerm = { expression, kind: float64, sql: double(Number(value)) };
  if (kind.is === "float") return floating;
  if (kind.is === "integer") {
    if (typeof value === "number" && !(Number.isInteger(value) && Math.abs(value) < 1.8e19)) {
      return floating;
    }
    const whole = BigInt(value);
    const sql = hugeint(whole);
    const isIn64 = BigInt.asIntN(64, whole) === whole;
    const isInUnsigned64 = BigInt.asUintN(64, whole) === whole;
    if (isUint64(kind) && isInUnsigned64) return { expression, kind: uint64, sql };
    if (isIn64) return { expression, kind: int64, sql };
    if (isInUnsigned64) return { expression, kind: uint64, sql };
  }
  const exact = parseDecimal(String(value));
  if (!exact) return floating;
  const { unscaled, scale } = exact;
  const digits = String(unscaled < 0n ? -unscaled : unscaled).length;
  const precision = Math.max(unscaled === 0n ? 0 : digits, scale, 1);
  return { expression, kind: { is: "decimal", precision, scale }, sql: hugeint(unscaled) };
}

function inType(sql: string, kind: IntegerKind): string {
  return `TRY_CAST(${sql} AS ${sqlType(kind)})::HUGEINT`;
}

function inPrecision(sql: string, { precision }: DecimalKind): string | null {
  return precision > 38 ? null : `TRY_CAST(${sql} AS DECIMAL(${precision}, 0))::HUGEINT`;
}

function asDouble({ kind, sql }: NumberTerm): string | null {
  if (kind.is === "float") return sqlOf([sql], (sql) => `${sql}::DOUBLE`);
  // DuckDB divides a double by a power of ten where Arrow may round otherwise.
  if (kind.is === "decimal") return null;
  return sqlOf([sql], (sql) => `${sql}::${isUint64(kind) ? "UBIGINT" : "BIGINT"}::DOUBLE`);
}

/** The same decimal of a larger scale: null where 128 bits don't hold it. */
function rescaled(sql: string, from: number, to: number): string {
  return to === from ? sql : `TRY(${sql} * ${hugeint(10n ** BigInt(to - from))})`;
}

const signs = { add: "+", sub: "-", mul: "*", div: "/", mod: "%" } as const;

function integers(operation: Operation, left: NumberTerm, right: NumberTerm): NumberTerm {
  const expression = left.expression[operation](right.expression);
  const bothUnsigned = isUint64(left.kind) && isUint64(right.kind);
  const kind = bothUnsigned ? uint64 : int64;
  const parts = [left, right].map(({ kind, sql }) =>
    isUint64(kind) && !bothUnsigned ? sqlOf([sql], (sql) => inType(sql, int64)) : sql
  );
  if (operation === "div") {
    const type = bothUnsigned ? "UBIGINT" : "BIGINT";
    const sql = sqlOf(
      parts,
      (left, right) => `(${left}::${type}::DOUBLE / nullif(${right}, 0)::${type}::DOUBLE)`,
    );
    return { expression, kind: float64, sql };
  }
  const sql = sqlOf(parts, (left, right) => {
    if (operation === "mod") return `(${left} % nullif(${right}, 0))`;
    // 128 bits with a sign don't hold the product of two without.
    const type = bothUnsigned && operation === "mul" ? "UHUGEINT" : "HUGEINT";
    return inType(`(${left}::${type} ${signs[operation]} ${right}::${type})`, kind);
  });
  return { expression, kind, sql };
}

function decimals(operation: Operation, left: NumberTerm, right: NumberTerm): NumberTerm {
  if (left.kind.is === "float" || right.kind.is === "float") return left;
  const [a, b] = [asDecimal(left.kind), asDecimal(right.kind)];
  const kind = decimalResult(operation, a, b);
  if (!kind) return left;
  const expression = left.expression[operation](right.expression);
  if (Math.max(a.precision, b.precision, a.scale + b.scale) > 38) {
    return { expression, kind, sql: null };
  }
  const sql = sqlOf([left.sql, right.sql], (left, right) => {
    if (operation === "mul") return `TRY(${left} * ${right})`;
    if (operation === "div") {
      const scale = kind.scale + b.scale;
      // Arrow divides also where 128 bits don't hold the longer dividend; DuckDB can't.
      if (a.precision + scale - a.scale > 38) return null;
      // Without what is behind the last digit.
      return `(${rescaled(left, a.scale, scale)} // nullif(${right}, 0))`;
    }
    const [x, y] = [rescaled(left, a.scale, kind.scale), rescaled(right, b.scale, kind.scale)];
    return operation === "mod" ? `(${x} % nullif(${y}, 0))` : `TRY(${x} ${signs[operation]} ${y})`;
  });
  return { expression, kind, sql: sql && inPrecision(sql, kind) };
}

function floats(operation: Operation, left: NumberTerm, right: NumberTerm): NumberTerm {
  const bits = [left, right].map(({ kind }) => kind.is === "float" ? kind.bits : 64);
  const both32 = bits.every((bits) => bits === 32);
  const parts = both32 ? [left.sql, right.sql] : [asDouble(left), asDouble(right)];
  // DuckDB writes those of 16 bits as 32, and two of 32 are calculated in 32.
  const isUncertain = !both32 && Math.max(...bits) < 64;
  return {
    expression: left.expression[operation](right.expression),
    kind: both32 ? left.kind : float64,
    sql: isUncertain ? null : sqlOf(parts, (a, b) => `(${a} ${signs[operation]} ${b})`),
  };
}

/** Two numbers calculated with. Where a test has no use for the result, the left one itself. */
export function calculated(operation: Operation, left: NumberTerm, right: NumberTerm): NumberTerm {
  const { kind } = left;
  if (kind.is === "float" || right.kind.is === "float") return floats(operation, left, right);
  const isDecimal = kind.is === "decimal" || right.kind.is === "decimal";
  return (isDecimal ? decimals : integers)(operation, left, right);
}

/** A number with the other sign, or without a sign. */
export function signed(name: "neg" | "abs", term: NumberTerm): NumberTerm {
  const expression = term.expression[name]();
  const call = (sql: string) => name === "neg" ? `(-${sql})` : `abs(${sql})`;
  const sql = sqlOf([term.sql], call);
  if (term.kind.is === "float") {
    // A float of 16 bits becomes one of 32.
    return { expression, kind: term.kind.bits === 16 ? { is: "float", bits: 32 } : term.kind, sql };
  }
  if (term.kind.is === "decimal") return { expression, kind: term.kind, sql };
  const kind = name === "abs" && isUint64(term.kind) ? uint64 : int64;
  return { expression, kind, sql: sqlOf([sql], (sql) => inType(sql, kind)) };
}

/** A number in the form of another kind, which holds it. */
function widened(term: NumberTerm, to: NumberKind): string | null {
  if (to.is === "float") return term.kind.is === "float" ? term.sql : asDouble(term);
  if (to.is === "integer" || term.kind.is === "float") return term.sql;
  const { scale } = asDecimal(term.kind);
  return to.precision > 38 ? null : sqlOf([term.sql], (sql) => rescaled(sql, scale, to.scale));
}

/** The first that is not null. */
export function firstOf(left: NumberTerm, right: NumberTerm): NumberTerm {
  const kind = commonKind(left.kind, right.kind);
  // No decimal has so many digits.
  if (kind.is === "decimal" && kind.precision > 76) return left;
  return {
    expression: coalesce(left.expression, right.expression),
    kind,
    sql: sqlOf([widened(left, kind), widened(right, kind)], (a, b) => `coalesce(${a}, ${b})`),
  };
}

/** A number or null, or a constant that every number's type holds. */
export function orConstant({ expression, kind, sql }: NumberTerm, value: number): NumberTerm {
  const scale = kind.is === "decimal" ? kind.scale : 0;
  const constant = kind.is === "float"
    ? double(value)
    : hugeint(BigInt(value) * 10n ** BigInt(scale));
  return {
    expression: coalesce(expression, lit(value)),
    kind,
    sql: kind.is === "decimal" && kind.precision > 38
      ? null
      : sqlOf([sql], (sql) => `coalesce(${sql}, ${constant})`),
  };
}

/** A number cast to another type, under the type's name. */
export function castTo(term: NumberTerm, to: NumberKind): NumberTerm {
  const name = to.is === "integer"
    ? `${to.signed ? "" : "u"}int${to.bits}` as const
    : to.is === "decimal"
    ? `decimal(${to.precision},${to.scale})` as const
    : `float${to.bits === 16 ? 32 : to.bits}` as const;
  const expression = (term.expression as Expression<Value>).cast(name) as Expression<number>;
  return { expression, kind: to, sql: castSql(term, to) };
}

function castSql({ kind, sql }: NumberTerm, to: NumberKind): string | null {
  if (sql === null) return null;
  if (to.is === "integer") {
    if (kind.is === "integer") return inType(sql, to);
    if (kind.is === "decimal") {
      return inType(`(${sql} // ${hugeint(10n ** BigInt(kind.scale))})`, to);
    }
    // What is behind the point is cut off, where DuckDB rounds.
    return inType(`TRY_CAST(trunc(${sql}::DOUBLE) AS HUGEINT)`, to);
  }
  if (to.is === "float") {
    if (kind.is === "float") {
      // A double that is too large becomes infinite, as IEEE 754 has it; DuckDB has no cast then.
      const largest = double(2 ** 128 - 2 ** 103);
      const infinite = `CASE WHEN ${sql} > 0 THEN 'inf' ELSE '-inf' END::DOUBLE`;
      return to.bits === 64
        ? `${sql}::DOUBLE`
        : `(CASE WHEN NOT isnan(${sql}) AND abs(${sql}) >= ${largest}
         THEN ${infinite} ELSE ${sql}::DOUBLE END)::FLOAT`;
    }
    if (kind.is === "decimal") return null;
    const type = isUint64(kind) ? "UBIGINT" : "BIGINT";
    return `${sql}::${type}::${to.bits === 64 ? "DOUBLE" : "FLOAT"}`;
  }
  // Floats near the middle between two decimals are rounded otherwise.
  if (kind.is === "float") return null;
  const { scale } = asDecimal(kind);
  if (to.scale >= scale) return inPrecision(rescaled(sql, scale, to.scale), to);
  const unit = 10n ** BigInt(scale - to.scale);
  const half = `(CASE WHEN ${sql} < 0 THEN ${hugeint(-unit / 2n)} ELSE ${hugeint(unit / 2n)} END)`;
  return inPrecision(`((${sql} + ${half}) // ${hugeint(unit)})`, to);
}
