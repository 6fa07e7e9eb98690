/**
 * The texts that the library gives: errors, schemas, plans and facts.
 *
 * @module
 */
import { MessageReader, type Schema } from "apache-arrow";
import { errorFromReport, type NativeErrorReport } from "../src/error_codes.ts";
import { InternalError } from "../src/errors.ts";
import type { Native } from "./native.ts";
import { text } from "./symbols.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Reads one of the texts that are JSON. */
export function readJson(native: Native, handle: number, what: number): unknown {
  return JSON.parse(decoder.decode(readText(native, handle, what)));
}

/** The value of a text that is JSON; `null` where there is none. */
export function parseIfAny(json: Uint8Array): unknown {
  return json.length === 0 ? null : JSON.parse(decoder.decode(json));
}

/** A value as JSON, with its length: the arguments of an opening call. */
export function jsonBytes(value: unknown): [Uint8Array<ArrayBuffer>, number] {
  const bytes = encoder.encode(JSON.stringify(value));
  return [bytes, bytes.length];
}

/** Reads one of the texts that the library has for a handle. */
export function readText(native: Native, handle: number, what: number): Uint8Array<ArrayBuffer> {
  let bytes = new Uint8Array(4_096);
  for (;;) {
    const needed = native.calls.spw_text(handle, what, bytes, bytes.length);
    if (needed <= bytes.length) return bytes.subarray(0, needed);
    bytes = new Uint8Array(needed);
  }
}

/** Reads the schema of a handle. */
export function readSchema(native: Native, handle: number): Schema {
  const schema = new MessageReader(readText(native, handle, text.schema)).readSchema();
  if (schema) return schema;
  throw new InternalError("Can't scan: the native library gave no schema");
}

/** Reads what went wrong: with a scan, or with the last call where the handle is 0. */
export function readError(native: Native, handle: number): Error {
  const bytes = readText(native, handle, text.error);
  if (bytes.length === 0) return new InternalError("Can't scan: the native library gave no reason");
  const report: NativeErrorReport = JSON.parse(decoder.decode(bytes));
  return errorFromReport(report);
}
