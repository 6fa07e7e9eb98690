/**
 * The columns of numbers, and what can be read as a number, each with its SQL.
 *
 * @module
 */
import { col } from "spillway";
import { float64, int64, type IntegerKind, uint64 } from "./number_kind.ts";
import { numberColumn, type NumberTerm } from "./number_term.ts";
import { sqlType } from "./number_kind.ts";

const integer = (name: string, bits: IntegerKind["bits"], signed: boolean): NumberTerm =>
  numberColumn(name, { is: "integer", bits, signed }, `${name}::HUGEINT`);

/** A decimal without its point. */
const decimal = (name: string, precision: number, scale: number): NumberTerm =>
  numberColumn(
    name,
    { is: "decimal", precision, scale },
    // As a text, because DuckDB's product of decimals has no more than 38 digits.
    `replace(${name}::VARCHAR, '.', '')::HUGEINT`,
  );

/** The columns of numbers. */
export const numberColumns: readonly NumberTerm[] = [
  integer("i8", 8, true),
  integer("i16", 16, true),
  integer("i32", 32, true),
  integer("i64", 64, true),
  integer("u8", 8, false),
  integer("u16", 16, false),
  integer("u32", 32, false),
  integer("u64", 64, false),
  numberColumn("f16", { is: "float", bits: 16 }, "f16"),
  numberColumn("f32", { is: "float", bits: 32 }, "f32"),
  numberColumn("f64", float64, "f64"),
  numberColumn("s.at", float64, "s['at']"),
  numberColumn("s.x", { is: "integer", bits: 32, signed: true }, "s['x']::HUGEINT"),
  decimal("d9", 9, 2),
  decimal("d12", 12, 1),
  decimal("d15", 15, 4),
  decimal("d20", 20, 3),
  decimal("d38", 38, 6),
];

/** Those of floats. */
export const floatColumns: readonly NumberTerm[] = numberColumns.filter(({ kind }) =>
  kind.is === "float"
);

/** Text is read by both, but for the fractions and exponents that DuckDB lets integers have. */
function readInteger(kind: IntegerKind, type: "int8" | "int64" | "uint64"): NumberTerm {
  return {
    expression: col("digits").cast(type),
    kind,
    sql: `(CASE WHEN regexp_full_match(trim(digits), '[+-]?[0-9]+')
      THEN TRY_CAST(digits AS ${sqlType(kind)})::HUGEINT END)`,
  };
}

/** Numbers that are made of columns of other types. */
export const readNumbers: readonly NumberTerm[] = [
  readInteger({ is: "integer", bits: 8, signed: true }, "int8"),
  readInteger(int64, "int64"),
  readInteger(uint64, "uint64"),
  {
    expression: col("digits").cast("float64"),
    kind: float64,
    sql: "TRY_CAST(digits AS DOUBLE)",
  },
  {
    expression: col("digits").cast("decimal(9,2)"),
    kind: { is: "decimal", precision: 9, scale: 2 },
    // DuckDB takes exponents for decimals, too.
    sql: null,
  },
  {
    expression: col("flag").cast("int8"),
    kind: { is: "integer", bits: 8, signed: true },
    sql: "flag::HUGEINT",
  },
];
