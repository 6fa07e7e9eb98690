/**
 * Constants as SQL-like text.
 *
 * @module
 */
import type { LiteralData } from "./expression_json.ts";

/**
 * Writes a constant.
 *
 * @param literal The constant.
 * @returns Its text, such as `DATE '2026-01-31'`.
 */
export function formatLiteral(literal: LiteralData): string {
  switch (literal.type) {
    case "null":
      return "NULL";
    case "boolean":
      return literal.value ? "TRUE" : "FALSE";
    case "number":
    case "bigint":
      return String(literal.value);
    case "string":
      return quoted(literal.value);
    case "date":
      return `TIMESTAMP '${new Date(literal.value).toISOString()}'`;
    case "instant":
      return `TIMESTAMP '${instantText(BigInt(literal.value))}'`;
    case "plainDate":
      return `DATE '${literal.value}'`;
    case "plainDateTime":
      return `TIMESTAMP '${literal.value}'`;
    case "plainTime":
      return `TIME '${literal.value}'`;
    case "bytes":
      return `X'${literal.value}'`;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function instantText(nanoseconds: bigint): string {
  const fraction = (nanoseconds % 1_000_000_000n + 1_000_000_000n) % 1_000_000_000n;
  const seconds = (nanoseconds - fraction) / 1_000_000_000n;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -".000Z".length);
  const digits = String(fraction).padStart(9, "0").replace(/0+$/, "");
  return `${whole}${digits && `.${digits}`}Z`;
}
