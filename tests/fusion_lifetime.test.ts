import { expect } from "@std/expect";
import fc from "fast-check";
import process from "node:process";
import {
  type BatchTransform,
  col,
  limit,
  offset,
  type RecordBatchStream,
  rename,
  scanParquet,
  select,
  type SpillwayBatch,
  UnknownColumnError,
  where,
  withColumns,
} from "spillway";
import { columnsOf } from "./support/arrow_values.ts";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";
import { expectStreamBytesBackTo, streamBytes } from "./support/stream_bytes.ts";

/** Set to what a failed run printed, it makes the same chains again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

/** 100,000 rows in row groups of 10,000 and pages of 1,000. */
const file = fixture("sequence");
const ROWS = 100_000;
const some = ["id", "text", "maybe"];

/** A step as data, so that a failure prints it, and shrinks. */
type StepName = keyof typeof steps;
const steps = {
  early: () => where(col("id").between(14_500, 31_200)),
  odd: () => where(col("id").mod(2).eq(1)),
  nulls: () => where(col("maybe").isNull()),
  none: () => where(col("id").lt(0)),
  fewer: () => select("id", "maybe"),
  swapped: () => select("maybe", "id"),
  double: () => withColumns({ maybe: col("maybe").mul(2) }),
  added: () => withColumns({ next: col("id").add(1) }),
  // Names change places: later steps see the other column.
  exchanged: () => rename({ id: "maybe", maybe: "id" }),
  first: () => limit(12_345),
  few: () => limit(3),
  skip: () => offset(4_321),
} satisfies Record<string, () => BatchTransform>;

const isSlice = (name: StepName) => ["first", "few", "skip"].includes(name);
const isTest = (name: StepName) => ["early", "odd", "nulls", "none"].includes(name);

/** Whether a scan takes all of the steps over: none tests what a counting step behind a test gives. */
function isFusable(chain: readonly StepName[]): boolean {
  const firstTest = chain.findIndex(isTest);
  const counted = chain.findIndex((name, at) => firstTest >= 0 && at > firstTest && isSlice(name));
  return counted < 0 || !chain.slice(counted).some(isTest);
}

const scan = () => scanParquet(file, { columns: some, batchSize: 5_000 });
const unfusable = () => new TransformStream<SpillwayBatch, SpillwayBatch>();

/** What only streams of this library have. */
const asStream = (stream: ReadableStream<SpillwayBatch>) => stream as RecordBatchStream;

function piped(
  chain: readonly StepName[],
  source: ReadableStream<SpillwayBatch>,
): RecordBatchStream {
  return asStream(chain.reduce((stream, name) => stream.pipeThrough(steps[name]()), source));
}

async function result(stream: RecordBatchStream) {
  const fields: string[] = [];
  const columns: Record<string, unknown[]> = {};
  for await (using batch of stream) {
    fields.splice(0, Infinity, ...batch.schema.fields.map(String));
    for (const [name, values] of Object.entries(columnsOf([batch]))) {
      const column = columns[name] ??= [];
      for (const value of values) column.push(value);
    }
  }
  return { fields, columns };
}

test(`random chains give the same rows and schema fused and unfused (seed ${seed})`, async () => {
  const anyChain = fc.array(fc.constantFrom(...Object.keys(steps) as StepName[]), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(anyChain, async (chain) => {
      const fused = piped(chain, scan());
      expect(fused.planned).toBe(isFusable(chain));
      const schema = fused.planned ? (await fused.schema()).fields.map(String) : null;
      const wanted = await result(piped(chain, scan().pipeThrough(unfusable())));
      const given = await result(fused);
      expect(JSON.stringify(given, shown)).toBe(JSON.stringify(wanted, shown));
      // A stream without batches shows no schema outside a scan.
      if (schema !== null && wanted.fields.length > 0) expect(schema).toEqual(wanted.fields);
    }),
    { seed, numRuns: 60, interruptAfterTimeLimit: 60_000 },
  );
});

const shown = (_: string, value: unknown) => typeof value === "bigint" ? `${value}n` : value;

test("columns that a step has hidden or renamed aren't there for later ones", async () => {
  for (const source of [scan, () => scan().pipeThrough(unfusable())]) {
    const chains: BatchTransform[][] = [
      [select("id"), where(col("maybe").isNull())],
      [select("id"), select("maybe")],
      [rename({ id: "number" }), where(col("id").eq(1))],
      [rename({ id: "number" }), withColumns({ next: col("id").add(1) })],
    ];
    for (const chain of chains) {
      const stream = chain.reduce<ReadableStream<SpillwayBatch>>(
        (s, t) => s.pipeThrough(t),
        source(),
      );
      await expect(result(asStream(stream))).rejects.toThrow(UnknownColumnError);
    }
  }
});

test("a stream tells its own schema at each step, and the plan is that of all", async () => {
  const first = scan();
  const second = first.pipeThrough(where(col("id").ge(95_000)));
  const third = second.pipeThrough(withColumns({ next: col("id").add(1) }));
  const last = third.pipeThrough(select("next"));
  const names = async (stream: RecordBatchStream) => (await stream.schema()).names;
  expect(await names(last)).toEqual(["next"]);
  expect(await names(third)).toEqual([...some, "next"]);
  expect(await names(second)).toEqual(some);
  expect(await names(first)).toEqual(some);
  const plan = await last.explain();
  expect([plan.filter, plan.columns, plan.rows]).toEqual(["id >= 95000", ["id"], 5_000]);
  expect(last.stats().batches).toBe(0);
  await last.cancel();
});

test("no rows are wanted: nothing is decoded", async () => {
  for (const step of [limit(0), offset(ROWS), offset(ROWS + 1), where(col("id").lt(0))]) {
    const stream = scan().pipeThrough(step);
    expect((await result(stream)).columns).toEqual({});
    const { rows, batchesDecoded, chunksInFlight, compressedBytes } = stream.stats();
    expect([rows, batchesDecoded, chunksInFlight, compressedBytes]).toEqual([0, 0, 0, 0]);
  }
});

for (const [how, fused] of [["fused", true], ["unfused", false]] as const) {
  const source = (stream: RecordBatchStream): ReadableStream<SpillwayBatch> =>
    fused ? stream : stream.pipeThrough(unfusable());

  test(`a limit ends the scan and gives its memory back, ${how}`, async () => {
    const before = await streamBytes();
    const first = scanParquet(file, { columns: some, batchSize: 100, memoryLimit: "1MB" });
    const stream = source(first).pipeThrough(where(col("id").mod(2).eq(0)))
      .pipeThrough(limit(250));
    let rows = 0;
    for await (using batch of stream) rows += batch.numRows;
    expect(rows).toBe(250);
    await expectStreamBytesBackTo(before);
    // Five batches of a scan that doesn't filter, and one for each pipe that goes ahead.
    expect(first.stats().rows).toBeLessThanOrEqual(fused ? 300 : 1_000);
    // All of them are more than the memory limit.
    expect(first.stats().batchesDecoded).toBeLessThan(ROWS / 100 / (fused ? 2 : 1));
    expect(await closed(first)).toBe(true);
  });

  test(`cancelling before and in the middle gives memory back, ${how}`, async () => {
    const before = await streamBytes();
    for (const batches of [0, 1, 3]) {
      const first = scanParquet(file, { columns: some, batchSize: 1_000 });
      const stream = source(first).pipeThrough(where(col("maybe").isNotNull()))
        .pipeThrough(withColumns({ next: col("id").add(1) }));
      const reader = stream.getReader();
      for (let read = 0; read < batches; read++) (await reader.read()).value!.release();
      await reader.cancel();
      await expectStreamBytesBackTo(before);
      expect(await closed(first)).toBe(true);
    }
  });

  test(`an error in the consumer reaches the scan, ${how}`, async () => {
    const before = await streamBytes();
    const first = scan();
    const reason = new Error("the disk is full");
    const sink = new WritableStream<SpillwayBatch>({
      write(batch) {
        batch.release();
        throw reason;
      },
    });
    await expect(source(first).pipeThrough(where(col("id").ge(0))).pipeTo(sink)).rejects.toBe(
      reason,
    );
    await expectStreamBytesBackTo(before);
    expect(await closed(first)).toBe(true);
  });

  test(`a signal aborts before the first batch, with its reason, ${how}`, async () => {
    const reason = new Error("too late");
    const signal = AbortSignal.abort(reason);
    const stream = source(scanParquet(file, { signal })).pipeThrough(where(col("id").ge(0)));
    await expect(stream.getReader().read()).rejects.toBe(reason);
  });
}

test("both branches of a tee behind a step have all its rows", async () => {
  const [left, right] = scan().pipeThrough(where(col("id").lt(20_000))).tee();
  const rows = async (stream: ReadableStream<SpillwayBatch>) =>
    (columnsOf(await Array.fromAsync(stream))["id"] ?? []).length;
  expect(
    await Promise.all([
      rows(left.pipeThrough(where(col("id").mod(2).eq(0)))),
      rows(right.pipeThrough(limit(7_000))),
    ]),
  ).toEqual([10_000, 7_000]);
});

/** Whether a scan's own stream has ended, and its pipe has let go of it. */
async function closed(stream: RecordBatchStream): Promise<boolean> {
  for (let round = 0; round < 50 && stream.locked; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return (await stream.getReader().read()).done;
}
