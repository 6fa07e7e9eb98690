import { expect } from "@std/expect";
import { col, scanParquet, UnsupportedFeatureError, where } from "spillway";
import { tempDirectory, test } from "./support/harness.ts";
import { numbersOf } from "./support/numbers_of.ts";
import { range, writeColumns } from "./support/number_files.ts";

test("columns of one name are given, and steps know them only where one is chosen", async () => {
  using directory = tempDirectory();
  const path = directory.file("same.parquet");
  const column = (name: string, first: number) => ({
    name,
    data: range(first, first + 9).map(BigInt),
    type: "INT64" as const,
  });
  writeColumns(path, [column("a", 0), column("a", 10), column("number", 20)], 9);
  for await (using batch of scanParquet(path)) {
    const firsts = range(0, 3).map((index) => batch.getChildAt(index)!.get(0));
    expect(firsts).toEqual([0n, 10n, 20n]);
  }
  const late = where(col("number").ge(25));
  const error = await numbersOf(scanParquet(path).pipeThrough(late)).catch((error) => error);
  expect(error).toBeInstanceOf(UnsupportedFeatureError);
  expect(error).toMatchObject({ column: "a" });
  expect(error.message).toContain("two are named 'a'");
  const chosen = scanParquet(path, { columns: ["number"] }).pipeThrough(
    where(col("number").ge(25)),
  );
  expect(await numbersOf(chosen)).toEqual([25, 26, 27, 28]);
});
