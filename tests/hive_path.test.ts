import { expect } from "@std/expect";
import { hivePartitions } from "../src/find/hive_path.ts";
import { test } from "./support/harness.ts";

test("the folders named key=value are columns, in the order of the path", () => {
  expect(hivePartitions("/data/year=2024/eu/month=05/part-0.parquet")).toEqual([
    ["year", "2024"],
    ["month", "05"],
  ]);
});

test("the name of the file is no column, and a path without folders has none", () => {
  expect(hivePartitions("year=2024.parquet")).toEqual([]);
  expect(hivePartitions("data/year=2024.parquet")).toEqual([]);
});

test("a name without a key, or with two equals signs, is an ordinary folder", () => {
  expect(hivePartitions("=1/a==b/c=d=e/plain/x")).toEqual([]);
});

test("Hive's default partition is null, and an empty value is empty text", () => {
  expect(hivePartitions("k=__HIVE_DEFAULT_PARTITION__/l=/m=null/x")).toEqual([
    ["k", null],
    ["l", ""],
    ["m", "null"],
  ]);
});

test("keys and values are percent-decoded, where that gives text", () => {
  expect(hivePartitions("a%20b%3Dc=x%2Fy%25z+%c3%a9/x")).toEqual([["a b=c", "x/y%z+é"]]);
  expect(hivePartitions("k=100%/l=%zz%41/m=%ff/x")).toEqual([
    ["k", "100%"],
    ["l", "%zzA"],
    ["m", "%ff"],
  ]);
});

test("a key that comes twice is given twice", () => {
  expect(hivePartitions("k=1/k=2/x")).toEqual([["k", "1"], ["k", "2"]]);
});
