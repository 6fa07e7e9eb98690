/**
 * Constants as DuckDB's SQL says them.
 *
 * @module
 */
import { hex } from "./arrow_values.ts";

/** Text in quotes. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A whole number that arithmetic of 64 bits doesn't overflow. */
export function hugeint(value: bigint): string {
  return `${quoted(String(value))}::HUGEINT`;
}

/** A double, to its last bit. */
export function double(value: number): string {
  return `${quoted(Object.is(value, -0) ? "-0.0" : String(value))}::DOUBLE`;
}

/** Bytes. */
export function blob(bytes: Uint8Array): string {
  return `unhex('${hex(bytes)}')`;
}

/** SQL of parts: none where there is none for one of them. */
export function sqlOf(
  parts: readonly (string | null)[],
  make: (...parts: string[]) => string | null,
): string | null {
  return parts.some((part) => part === null) ? null : make(...parts as string[]);
}
