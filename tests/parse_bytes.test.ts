import { expect } from "@std/expect";
import { formatBytes, parseBytes } from "spillway";
import { test } from "./support/harness.ts";

test("numbers of bytes are taken as they are, rounded down", () => {
  expect(parseBytes(1)).toBe(1);
  expect(parseBytes(1_500.9)).toBe(1_500);
  expect(parseBytes(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
});

test("units are powers of 1,000 or of 1,024, in any case, with or without a space", () => {
  expect(parseBytes("64")).toBe(64);
  expect(parseBytes("64B")).toBe(64);
  expect(parseBytes("256MB")).toBe(256e6);
  expect(parseBytes("256mb")).toBe(256e6);
  expect(parseBytes(" 2 GiB ")).toBe(2 ** 31);
  expect(parseBytes("1.5KiB")).toBe(1_536);
  expect(parseBytes("1TB")).toBe(1e12);
  expect(parseBytes("1tib")).toBe(2 ** 40);
});

test("text that is no amount is a TypeError that says what is allowed", () => {
  for (const text of ["", "lots", "12 parsecs", "MB", "-5MB", "1e3", "0x10", "1,5 GB"]) {
    expect(() => parseBytes(text, "memoryLimit")).toThrow(TypeError);
    expect(() => parseBytes(text, "memoryLimit")).toThrow(/memoryLimit.*256MB/);
  }
  expect(() => parseBytes(NaN)).toThrow(TypeError);
  expect(() => parseBytes(null as unknown as number)).toThrow(TypeError);
});

test("amounts under a byte or over what a number counts are RangeErrors", () => {
  for (const amount of [0, -1, 0.5, Infinity, 2 ** 60, "0", "9000TiB"]) {
    expect(() => parseBytes(amount)).toThrow(RangeError);
  }
});

test("amounts are written with three digits and a binary unit", () => {
  expect(formatBytes(0)).toBe("0 B");
  expect(formatBytes(999)).toBe("999 B");
  expect(formatBytes(1_023)).toBe("0.999 KiB");
  expect(formatBytes(2 ** 20)).toBe("1 MiB");
  expect(formatBytes(123_456_789)).toBe("118 MiB");
  expect(formatBytes(5e15)).toBe("4550 TiB");
});
