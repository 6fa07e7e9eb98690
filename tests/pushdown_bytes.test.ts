import { expect } from "@std/expect";
import {
  type BatchTransform,
  col,
  limit,
  offset,
  type RecordBatchStream,
  rename,
  type ScanOptions,
  scanParquet,
  type ScanStats,
  select,
  where,
  withColumns,
} from "spillway";
import { fixture } from "./support/fixtures.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { sortedFile, writeSorted } from "./support/sorted_file.ts";

const { rows: ROWS, pageRows: PAGE_ROWS, columns: names } = sortedFile;

async function readAll(stream: RecordBatchStream): Promise<ScanStats> {
  for await (using _ of stream);
  return stream.stats();
}

/**
 * What a scan with these steps reads, in pages of one column: 10 in each of 4 row groups.
 *
 * With a predicate the bodies of the pages that were read are counted, so that their number is
 * exact; without one whole column chunks are, with the headers of their pages.
 */
async function pagesRead(
  path: string,
  steps: readonly BatchTransform[],
  options: ScanOptions = {},
): Promise<{ rows: number; pages: number }> {
  let stream = scanParquet(path, options);
  for (const step of steps) stream = stream.pipeThrough(step);
  const { rows, compressedBytes, pruning } = await readAll(stream);
  if (pruning !== null) return { rows, pages: compressedBytes / (8 * PAGE_ROWS) };
  const whole = await readAll(scanParquet(path));
  const pageBytes = whole.compressedBytes / (names.length * ROWS / PAGE_ROWS);
  return { rows, pages: Math.round(compressedBytes / pageBytes) };
}

test("pages and row groups that can't hold a row aren't read, of any column", async () => {
  using directory = tempDirectory();
  const path = directory.file("sorted.parquet");
  writeSorted(path);
  const read = (...steps: BatchTransform[]) => pagesRead(path, steps);
  expect(await read()).toEqual({ rows: ROWS, pages: 120 });
  // One page of each column.
  expect(await read(where(col("id").between(1_210, 1_219)))).toEqual({ rows: 10, pages: 3 });
  // Two pages, the last of a row group and the first of the next one.
  expect(await read(where(col("id").between(1_995, 2_004)))).toEqual({ rows: 10, pages: 6 });
  expect(await read(where(col("id").in([5, 3_995])))).toEqual({ rows: 2, pages: 6 });
  expect(await read(where(col("id").lt(0)))).toEqual({ rows: 0, pages: 0 });
  expect(await read(where(col("id").eq(5.5)))).toEqual({ rows: 0, pages: 0 });
});

test("columns that nothing needs aren't read, and those of a predicate only once", async () => {
  using directory = tempDirectory();
  const path = directory.file("sorted.parquet");
  writeSorted(path);
  const read = (...steps: BatchTransform[]) => pagesRead(path, steps);
  const some = () => where(col("id").between(1_210, 1_219));
  expect(await read(select("twice"))).toEqual({ rows: ROWS, pages: 40 });
  expect(await read(some(), select("id"))).toEqual({ rows: 10, pages: 1 });
  // The predicate's column and the one that is given.
  expect(await read(some(), select("twice"))).toEqual({ rows: 10, pages: 2 });
  expect(await read(rename({ twice: "double" }), some(), select("double")))
    .toEqual({ rows: 10, pages: 2 });
  expect(await read(withColumns({ six: col("twice").mul(3) }), some(), select("six")))
    .toEqual({ rows: 10, pages: 2 });
  // A computed column that is dropped again costs nothing.
  expect(await read(withColumns({ six: col("twice").mul(3) }), select("id")))
    .toEqual({ rows: ROWS, pages: 40 });
});

test("a column is read for the rows only that a predicate on another one leaves", async () => {
  using directory = tempDirectory();
  const path = directory.file("sorted.parquet");
  writeSorted(path);
  // Not decided by metadata: all of `twice` is tested, and one page of `id` given.
  const hidden = where(col("twice").add(0).between(2_420, 2_438));
  expect(await pagesRead(path, [hidden, select("id")])).toEqual({ rows: 10, pages: 41 });
});

test("without pruning all of the predicate's column is read, and what it leaves of others", async () => {
  using directory = tempDirectory();
  const path = directory.file("sorted.parquet");
  writeSorted(path);
  const steps = () => [where(col("id").between(1_210, 1_219)), select("twice")];
  expect(await pagesRead(path, steps(), { prune: false })).toEqual({ rows: 10, pages: 41 });
  // By row groups only.
  expect(await pagesRead(path, steps(), { prune: { pageIndex: false } }))
    .toEqual({ rows: 10, pages: 11 });
});

test("without a page index row groups are left out all the same", async () => {
  using directory = tempDirectory();
  const path = directory.file("no_index.parquet");
  writeSorted(path, false);
  const { rows, pages } = await pagesRead(path, [
    where(col("id").between(1_210, 1_219)),
    select("id"),
  ]);
  expect(rows).toBe(10);
  expect(pages).toBeLessThanOrEqual(10);
});

test("rows that are counted off in front of a predicate aren't read", async () => {
  using directory = tempDirectory();
  const path = directory.file("sorted.parquet");
  writeSorted(path);
  const steps = [offset(1_000), limit(1_000), where(col("id").ge(1_900)), select("id")];
  expect(await pagesRead(path, steps)).toEqual({ rows: 100, pages: 1 });
});

test("dictionaries count too: a page can't be read without its column's", async () => {
  const one = await readAll(
    scanParquet(fixture("sequence")).pipeThrough(where(col("id").eq(15_200))).pipeThrough(
      select("id"),
    ),
  );
  const whole = await readAll(scanParquet(fixture("sequence"), { columns: ["id"] }));
  expect(one.rows).toBe(1);
  // One row group of ten.
  expect(one.compressedBytes).toBeLessThanOrEqual(whole.compressedBytes / 10);
  // Pages end where each column likes: a few of the sorted column's 80 in a row group.
  const uneven = await readAll(
    scanParquet(fixture("uneven_pages")).pipeThrough(where(col("id").eq(15_200))),
  );
  const all = await readAll(scanParquet(fixture("uneven_pages")));
  expect(uneven.rows).toBe(1);
  expect(uneven.compressedBytes).toBeLessThan(all.compressedBytes / 100);
});
