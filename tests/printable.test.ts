import { expect } from "@std/expect";
import { writeFileSync } from "node:fs";
import {
  concat,
  fromRows,
  MalformedDataError,
  scanCsv,
  scanNdjson,
  scanParquet,
  SpillwayError,
  writeParquet,
} from "spillway";
import { printable } from "../src/printable.ts";
import { tempDirectory, test } from "./support/harness.ts";

const clear = "\x1b[2J\x1b]0;owned\x07";
const forged = `${clear}\r\n2026-01-01 INFO all is well`;

/** What a terminal or a log would take for an order. */
const order = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

async function failure(doing: Promise<unknown>): Promise<Error> {
  const error: unknown = await doing.then(() => null, (reason) => reason);
  if (error instanceof Error) return error;
  throw new Error("Nothing was thrown");
}

test("control characters, lone surrogates and turned directions are escaped, and all else stays", () => {
  expect(printable("a\0\x1b\x7f\x9b\n\r\t\u202e\u2028\ud800b")).toBe(
    "a\\u{0}\\u{1b}\\u{7f}\\u{9b}\\n\\r\\t\\u{202e}\\u{2028}\\u{d800}b",
  );
  const plain = "Größe 'x' \\ \"y\" 日本 😀";
  expect(printable(plain)).toBe(plain);
});

test("a text is cut where it is too long", () => {
  expect(printable("x".repeat(1_000_000)).length).toBe(4_001);
  expect(printable("x".repeat(1_000_000), Infinity).length).toBe(1_000_000);
});

test("names in a file that hold orders to a terminal are escaped wherever they are shown", async () => {
  using folder = tempDirectory();
  const path = folder.file("names.parquet");
  const sink = writeParquet(path);
  await fromRows([{ [forged]: 1, ["x".repeat(100_000)]: 2 }]).pipeTo(sink);
  await sink.result;

  const unknown = await failure(scanParquet(path, { columns: ["absent"] }).collect());
  expect(unknown).toBeInstanceOf(SpillwayError);
  const other = fromRows([{ a: 1 }]);
  const differing = await failure(concat(other, scanParquet(path)).collect());
  const plan = String(await scanParquet(path).explain());
  expect(plan).toContain("\\u{1b}[2J");
  for (const text of [unknown.message, differing.message, ...plan.split("\n")]) {
    expect(text).not.toMatch(order);
  }
  expect(differing.message).toContain("\\u{1b}[2J");
  expect(unknown.message.length).toBeLessThan(5_000);
  expect(differing.message.length).toBeLessThan(5_000);
});

test("a path that holds orders to a terminal is escaped in messages, and as it is in the error", async () => {
  using folder = tempDirectory();
  const path = folder.file(`${clear}.parquet`);
  const error = await failure(scanParquet(path).collect()) as SpillwayError;
  expect([error.name, error.path]).toEqual(["FileNotFoundError", path]);
  expect(error.message).toContain("\\u{1b}[2J");
  expect(error.message).not.toMatch(order);
  const none = await failure(scanParquet(folder.file(`${clear}/*.parquet`)).collect());
  expect(none.message).not.toMatch(order);
});

test("texts that a message quotes are cut and escaped", async () => {
  using folder = tempDirectory();
  const csv = folder.file("a.csv");
  writeFileSync(csv, `a\n${"1\n".repeat(10_001)}"${forged}${"secret".repeat(1_000)}"\n`);
  const ndjson = folder.file("a.ndjson");
  writeFileSync(ndjson, `{"a":1}\n{"a":${clear}${"secret".repeat(1_000)}}\n`);
  for (const stream of [scanCsv(csv), scanNdjson(ndjson)]) {
    const error = await failure(stream.collect());
    expect(error).toBeInstanceOf(MalformedDataError);
    expect(error.message).toContain("\\u{1b}[2J");
    expect(error.message).not.toMatch(order);
    expect(error.message.replaceAll(folder.path, "").length).toBeLessThan(500);
  }
});
