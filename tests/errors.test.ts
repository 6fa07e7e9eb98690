import { expect } from "@std/expect";
import * as spillway from "spillway";
import { errorClasses, errorFromReport } from "../src/error_codes.ts";
import { SpillwayError } from "../src/errors.ts";
import { test } from "./support/harness.ts";

const nativeCodes = [
  "CORRUPT_FILE",
  "EMPTY_FILE",
  "ENCRYPTED_FILE",
  "FILE_ACCESS",
  "FILE_CHANGED",
  "FILE_NOT_FOUND",
  "INTERNAL",
  "INVALID_HANDLE",
  "LIMIT_EXCEEDED",
  "MEMORY_LIMIT",
  "NOT_A_FILE",
  "NOT_PARQUET",
  "TRUNCATED_FILE",
  "UNKNOWN_COLUMN",
  "UNSUPPORTED_FEATURE",
];

test("every code makes an error of its class, which has the code", () => {
  for (const [code, errorClass] of Object.entries(errorClasses)) {
    const error = new errorClass("Can't do it");
    expect(error.code).toBe(code);
    expect(error.name).toBe(errorClass.name);
    expect(error).toBeInstanceOf(SpillwayError);
    expect(error).toBeInstanceOf(Error);
  }
});

test("every exported error class is in the table", () => {
  const exported = Object.entries(spillway)
    .filter(([name]) => name.endsWith("Error") && name !== "SpillwayError")
    .map(([, value]) => value);
  const inTable: unknown[] = Object.values(errorClasses);
  expect(exported.length).toBe(inTable.length);
  for (const errorClass of exported) expect(inTable).toContain(errorClass);
});

test("every code of the native library is in the table", () => {
  for (const code of nativeCodes) {
    const error = errorFromReport({ code, message: "Can't read it" });
    expect(error).toBeInstanceOf(SpillwayError);
    expect((error as SpillwayError).code).toBe(code);
  }
});

test("a report's place, cause and suggestions reach the error", () => {
  const error = errorFromReport({
    code: "UNKNOWN_COLUMN",
    message: "Can't read column pirce",
    path: "a.parquet",
    rowGroup: 3,
    column: "pirce",
    cause: "no such leaf",
    suggestions: ["price"],
  }) as SpillwayError;
  expect(error).toBeInstanceOf(spillway.UnknownColumnError);
  expect(error.message).toBe("Can't read column pirce");
  expect(error.path).toBe("a.parquet");
  expect(error.rowGroup).toBe(3);
  expect(error.column).toBe("pirce");
  expect(error.cause).toBe("no such leaf");
  expect(error.suggestions).toEqual(["price"]);
});

test("what a report leaves out is null, and no cause is made up", () => {
  const error = errorFromReport({ code: "EMPTY_FILE", message: "It is empty" }) as SpillwayError;
  expect([error.path, error.rowGroup, error.column]).toEqual([null, null, null]);
  expect(error.suggestions).toEqual([]);
  expect("cause" in error).toBe(false);
});

test("a wrong argument that only the native library sees is a RangeError", () => {
  const error = errorFromReport({ code: "INVALID_ARGUMENT", message: "No row group 9" });
  expect(error).toBeInstanceOf(RangeError);
  expect(error).not.toBeInstanceOf(SpillwayError);
});

test("an expression that the native library can't bind is a TypeError", () => {
  const message = "Cannot compare column 'id' (int64) with true";
  const error = errorFromReport({ code: "INVALID_EXPRESSION", message });
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toBe(message);
  expect(error).not.toBeInstanceOf(SpillwayError);
});

test("a code that nobody knows becomes an internal error that names it", () => {
  const error = errorFromReport({ code: "toString", message: "Odd" });
  expect(error).toBeInstanceOf(spillway.InternalError);
  expect(error.message).toContain("toString");
});
