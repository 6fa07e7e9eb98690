import { expect } from "@std/expect";
import fc from "fast-check";
import {
  type BatchTransform,
  col,
  limit,
  offset,
  type RecordBatchStream,
  rename,
  scanParquet,
  select,
  SpillwayBatch,
  UnknownColumnError,
  where,
  withColumns,
} from "spillway";
import { test } from "./support/harness.ts";
import { rowsOf } from "./support/rows_of.ts";

const file = "tests/data/readings.parquet";

/** Steps by name; each makes a new transform, since a transform is used once. */
const steps: Readonly<Record<string, () => BatchTransform>> = {
  "where warm": () => where(col("celsius").ge(20)),
  "where attic": () => where(col("sensor").eq("attic")),
  "where in": () => where(col("celsius").in([17.5, 18, 19, 20.5])),
  "select two": () => select("celsius", "sensor"),
  "rename at": () => rename({ celsius: "celsius", sensor: "sensor" }),
  "with double": () => withColumns({ double: col("celsius").mul(2) }),
  "replace celsius": () => withColumns({ celsius: col("celsius").add(1) }),
  "limit 700": () => limit(700),
  "limit 0": () => limit(0),
  "offset 300": () => offset(300),
  "offset beyond": () => offset(5_000),
};

/** The same steps, fused or behind a transform that nothing can be fused with. */
function piped(names: readonly string[], fused: boolean): ReadableStream<SpillwayBatch> {
  const scan = scanParquet(file, { batchSize: 128 });
  let stream: ReadableStream<SpillwayBatch> = fused
    ? scan
    : scan.pipeThrough(new TransformStream<SpillwayBatch, SpillwayBatch>());
  for (const name of names) stream = stream.pipeThrough(steps[name]!());
  return stream;
}

test("chains of up to four steps give the same rows fused and unfused", async () => {
  const names = fc.array(fc.constantFrom(...Object.keys(steps)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(names, async (chain) => {
      expect(await rowsOf(piped(chain, true))).toEqual(await rowsOf(piped(chain, false)));
    }),
    { numRuns: 60 },
  );
});

for (const name of Object.keys(steps)) {
  test(`"${name}" alone gives the same rows fused and unfused`, async () => {
    expect(await rowsOf(piped([name], true))).toEqual(await rowsOf(piped([name], false)));
  });
}

test("steps become part of the plan, in the order that lets them", async () => {
  const plan = await scanParquet(file)
    .pipeThrough(where(col("celsius").ge(20)))
    .pipeThrough(select("sensor"))
    .explain();
  expect(plan.filter).toBe("celsius >= 20");
  const limited = scanParquet(file).pipeThrough(limit(5));
  expect((await limited.explain()).rows).toBe(5);
  const later = scanParquet(file)
    .pipeThrough(where(col("celsius").ge(20)))
    .pipeThrough(limit(5))
    .pipeThrough(where(col("celsius").ge(25)));
  await expect(later.explain()).rejects.toThrow(TypeError);
  await later.cancel();
});

test("a predicate behind a limit sees only what the limit gives", async () => {
  const chain = ["where warm", "limit 700", "where attic"];
  expect(await rowsOf(piped(chain, true))).toEqual(await rowsOf(piped(chain, false)));
});

test("both sides of a pipe are locked, fused or not, and the transform's readable comes back", async () => {
  for (const fused of [true, false]) {
    const scan = scanParquet(file);
    const transform = where(col("celsius").ge(20));
    const stream = fused
      ? scan.pipeThrough(transform)
      : scan.pipeThrough(transform, { preventAbort: false });
    expect(stream).toBe(transform.readable);
    expect([scan.locked, transform.writable.locked, transform.readable.locked]).toEqual(
      [true, true, false],
    );
    expect(() => scanParquet(file).pipeThrough(transform)).toThrow(TypeError);
    // A pipe reads on its own: what nobody ends would take its part of the budget in other tests.
    await stream.cancel();
    await new Promise((resolve) => setTimeout(resolve));
    expect(scan.locked).toBe(false);
  }
});

for (const when of ["before the end", "after the end"]) {
  test(`the writable side of a fused transform ends with its stream, looked at ${when}`, async () => {
    const [whole, wrong] = [where(col("celsius").ge(20)), where(col("celsuis").ge(20))];
    const streams = [whole, wrong].map((transform) => scanParquet(file).pipeThrough(transform));
    if (when === "before the end") expect(whole.writable).toBe(whole.writable);
    if (when === "before the end") expect(wrong.writable.locked).toBe(true);
    const [rows, failure] = await Promise.allSettled(streams.map((stream) => rowsOf(stream)));
    expect([rows?.status, failure?.status]).toEqual(["fulfilled", "rejected"]);
    const sides = [whole.writable, wrong.writable];
    await new Promise((resolve) => setTimeout(resolve));
    const [closed, failed] = sides.map((writable) => writable.getWriter().closed);
    expect(await closed).toBe(undefined);
    await expect(failed).rejects.toThrow(UnknownColumnError);
  });
}

test("a scan that was read isn't fused, and gives what is left", async () => {
  const scan = scanParquet(file, { batchSize: 500 });
  const reader = scan.getReader();
  await reader.read();
  reader.releaseLock();
  const rest = scan.pipeThrough(limit(10_000));
  expect((await rowsOf(rest)).length).toBe(1_500);
});

test("a step that makes no sense fails with the same error fused and unfused", async () => {
  const wrong: [() => BatchTransform, new (...args: never[]) => Error][] = [
    [() => where(col("celsuis").ge(20)), UnknownColumnError],
    [() => select("celsuis"), UnknownColumnError],
    [() => where(col("sensor").ge(20)), TypeError],
    [() => withColumns({ a: col("sensor").year() }), TypeError],
  ];
  for (const [step, error] of wrong) {
    for (const fused of [true, false]) {
      const scan = scanParquet(file);
      const source: ReadableStream<SpillwayBatch> = fused
        ? scan
        : scan.pipeThrough(new TransformStream<SpillwayBatch, SpillwayBatch>());
      await expect(rowsOf(source.pipeThrough(step()))).rejects.toThrow(error);
    }
  }
});

test("cancelling a fused stream ends the scan and its first stream", async () => {
  const scan = scanParquet(file, { batchSize: 100 });
  const stream: RecordBatchStream = scan.pipeThrough(where(col("celsius").ge(0)));
  const reader = stream.getReader();
  const { value } = await reader.read();
  expect(value).toBeInstanceOf(SpillwayBatch);
  value!.release();
  await reader.cancel();
  await new Promise((resolve) => setTimeout(resolve));
  expect([scan.locked, (await scan.getReader().read()).done]).toEqual([false, true]);
  expect(scan.stats().rows).toBe(100);
});

test("an abort reaches a fused stream with its reason", async () => {
  const controller = new AbortController();
  const stream = scanParquet(file, { signal: controller.signal, batchSize: 100 })
    .pipeThrough(where(col("celsius").ge(0)));
  const reader = stream.getReader();
  await reader.read();
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(reader.read()).rejects.toBe(reason);
});

test("a limit behind a predicate stops the scan", async () => {
  const scan = scanParquet(file, { batchSize: 50 });
  const rows = await rowsOf(scan.pipeThrough(where(col("celsius").ge(0))).pipeThrough(limit(60)));
  expect(rows.length).toBe(60);
  // 50 and 10 of the next 50: what was cut off wasn't given.
  expect(scan.stats()).toMatchObject({ rows: 60, batches: 2 });
});

test("many batches can be skipped behind a predicate", async () => {
  const scan = scanParquet(file, { batchSize: 1 });
  const rows = await rowsOf(
    scan.pipeThrough(where(col("celsius").ge(0))).pipeThrough(offset(1_990)),
  );
  expect(rows.length).toBe(10);
  expect(scan.stats().rows).toBe(10);
});

test("a fused stream's first stream still tells its own schema, plan and metadata", async () => {
  const scan = scanParquet(file);
  const pending = scan.schema();
  const stream = scan.pipeThrough(select("at"));
  expect((await pending).names).toEqual(["sensor", "at", "celsius"]);
  expect((await scan.schema()).names).toEqual(["sensor", "at", "celsius"]);
  expect((await scan.explain()).outputs).toEqual(["sensor", "at", "celsius"]);
  expect((await stream.schema()).names).toEqual(["at"]);
  await stream.cancel();
});

test("both branches of a tee can be filtered", async () => {
  const [left, right] = scanParquet(file, { batchSize: 100 }).tee();
  const [warm, cold] = await Promise.all([
    rowsOf(left.pipeThrough(where(col("celsius").ge(20)))),
    rowsOf(right.pipeThrough(where(col("celsius").lt(20)))),
  ]);
  expect(warm.length + cold.length).toBe(2_000);
});

test("a user's predicate skips row groups by their statistics, and sees the batches of the others", async () => {
  const seen: number[] = [];
  const stream = scanParquet(file).pipeThrough(where({
    shouldSkipRowGroup: ({ index }) => index !== 2,
    apply(batch) {
      seen.push((batch as SpillwayBatch).firstRow);
      return batch;
    },
  }));
  expect((await rowsOf(stream)).length).toBe(500);
  expect(seen[0]).toBe(1_000);
});
