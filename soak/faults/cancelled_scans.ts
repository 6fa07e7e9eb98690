import { col, rebatch, type RecordBatchStream, type SpillwayBatch, where } from "spillway";
import { expectSequence } from "../../tests/support/sequence.ts";
import { expectAtRest } from "../held.ts";
import type { Fault, Outcome } from "../fault.ts";
import { moment } from "../moment.ts";
import type { Random } from "../random.ts";
import { type Source, sourceFolders, type SourceOptions, sources } from "../sources.ts";

/** Why a scan ends: it must come through unchanged. */
class Enough extends Error {}

/** A scan that is read and then isn't wanted any more. */
interface Reading {
  readonly source: Source;
  readonly options: SourceOptions;
  /** The row that comes first. */
  readonly first: number;
  readonly random: Random;
}

/** Reads a scan and ends it, after so many batches or at some moment: resolves when both are done with it. */
type Ending = (reading: Reading) => Promise<void>;

/** Checks batches, one after the other, and releases each. */
class Checker {
  #next: number;

  constructor(first: number) {
    this.#next = first;
  }

  check(batch: SpillwayBatch): void {
    using _ = batch;
    expectSequence(batch, this.#next);
    this.#next += batch.numRows;
  }
}

async function readAll(stream: ReadableStream<SpillwayBatch>, checker: Checker): Promise<void> {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    checker.check(next.value);
  }
}

/** Starts what a signal is to end, aborts at some moment, and expects the signal's reason or the end. */
async function abort(
  random: Random,
  start: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const controller = new AbortController();
  const reason = new Enough();
  const running = start(controller.signal).catch((error) => {
    if (error !== reason) throw error;
  });
  // Handled below: it may fail before the moment has come.
  running.catch(() => {});
  await moment(random);
  controller.abort(reason);
  await running;
}

const endings: Readonly<Record<string, Ending>> = {
  signal: ({ source, options, first, random }) =>
    abort(
      random,
      (signal) => readAll(source.scan({ ...options, signal }), new Checker(first)),
    ),
  async cancelWhileReading({ source, options, first, random }) {
    const reader = source.scan(options).getReader();
    const checker = new Checker(first);
    for (let left = random.below(3); left > 0; left--) {
      const { value } = await reader.read();
      if (value) checker.check(value);
    }
    const pending = Array.from({ length: random.below(4) }, () => reader.read());
    const read = Promise.all(pending.map(async (read) => {
      const { value } = await read;
      if (value) checker.check(value);
    }));
    await moment(random);
    await reader.cancel(new Enough());
    await read;
  },
  async breakAfterSome({ source, options, first, random }) {
    let left = random.below(6);
    const checker = new Checker(first);
    for await (const batch of source.scan(options)) {
      checker.check(batch);
      if (left-- === 0) break;
      await moment(random);
    }
  },
  async consumerThrows({ source, options, first, random }) {
    let left = random.below(6);
    const reason = new Enough();
    const checker = new Checker(first);
    try {
      for await (const batch of source.scan(options)) {
        checker.check(batch);
        if (left-- === 0) throw reason;
      }
    } catch (error) {
      if (error !== reason) throw error;
    }
  },
  async bothBranches({ source, options, first, random }) {
    const [one, two] = source.scan(options).tee();
    const read = async (branch: ReadableStream<SpillwayBatch>) => {
      const reader = branch.getReader();
      const { value } = await reader.read();
      // Both branches get the same batch: only the collector gives it back.
      if (value) expectSequence(value, first);
      await moment(random);
      return reader.cancel(new Enough());
    };
    await Promise.all([read(one), read(two)]);
  },
  pipes: ({ source, options, first, random }) => {
    const checker = new Checker(first);
    const half = first + Math.floor(source.rows / 2);
    const steps = (stream: RecordBatchStream) =>
      stream.pipeThrough(where(col("id").lt(half))).pipeThrough(rebatch(3_000));
    const sink = () =>
      new WritableStream<SpillwayBatch>({
        async write(batch) {
          checker.check(batch);
          await moment(random);
        },
      });
    return abort(random, (signal) => steps(source.scan(options)).pipeTo(sink(), { signal }));
  },
  async sinkThrows({ source, options, first, random }) {
    const reason = new Enough();
    let left = random.below(4);
    const checker = new Checker(first);
    const sink = new WritableStream<SpillwayBatch>({
      write(batch) {
        checker.check(batch);
        if (left-- === 0) throw reason;
      },
    });
    await source.scan(options).pipeTo(sink).catch((error) => {
      if (error !== reason) throw error;
    });
  },
  async rows({ source, options, first, random }) {
    let left = random.below(3_000);
    let next = first;
    for await (const { id } of source.scan(options).rows()) {
      if (id !== BigInt(next++)) throw new Error(`The row ${next - 1} has the id ${id}`);
      if (left-- === 0) break;
    }
  },
  facts: ({ source, options, random }) =>
    abort(random, async (signal) => {
      const stream = source.scan({ ...options, signal });
      switch (random.below(4)) {
        case 0:
          return await stream.schema();
        case 1:
          return await stream.explain();
        case 2:
          return await stream.max("id");
        default:
          return await stream.count();
      }
    }),
  async closedBeforeItBegins({ source, options, random }) {
    const stream = source.scan(options);
    await moment(random);
    await stream.cancel();
  },
  /** Only the collector knows that nobody wants it any more. */
  async dropped({ source, options, first, random }) {
    const reader = source.scan(options).getReader();
    const { value } = await reader.read();
    if (value) expectSequence(value, first);
    await moment(random);
    if (random.below(2) === 0) reader.read().catch(() => {});
  },
};

/** Nobody waits for a scan to end: at any moment it is cancelled, aborted, left or dropped. */
export const cancelledScans: Fault = {
  name: "Scans that are cancelled, aborted or left at any moment",
  times: 4_000,
  testTimes: 30,
  async try({ random }): Promise<Outcome> {
    const source = random.oneOf(Object.values(await sources()) as [Source, ...Source[]]);
    const ending = random.oneOf(Object.values(endings) as [Ending, ...Ending[]]);
    await ending({ source, random, ...chosen(source, random) });
    await expectAtRest(await sourceFolders());
    return "answered";
  },
};

/** What a scan is told, such that rows that follow one another come out. */
function chosen(source: Source, random: Random): Pick<Reading, "first" | "options"> {
  const first = random.oneOf([0, 0, random.below(source.rows)]);
  const skipped: SourceOptions = random.oneOf([
    { where: col("id").ge(first) },
    { where: col("text").ne("none").and(col("id").add(1).gt(first)) },
    { offset: first },
  ]);
  const columns = random.oneOf([[...source.columns], ["id", "text"], ["id"]]);
  const memoryLimit = random.oneOf(["2MiB", "8MiB", undefined]);
  return { first, options: { ...first === 0 ? {} : skipped, columns, memoryLimit } };
}
