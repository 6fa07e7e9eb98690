import * as spillway from "spillway";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fixture } from "../../tests/support/fixtures.ts";
import { expectSequences } from "../../tests/support/sequence.ts";
import type { Fault, Outcome } from "../fault.ts";
import type { Random } from "../random.ts";
import { settled } from "../settled.ts";
import { wrongOptions, wrongValue } from "../wrong_values.ts";

/** What would change the process for all others. */
const leftOut: ReadonlySet<string> = new Set(["MemoryManager", "setDecodingThreads"]);

const names = Object.keys(spillway).filter((name) => !leftOut.has(name)) as [string, ...string[]];

const options: readonly [string, ...string[]] = [
  "allowEmpty",
  "batchRows",
  "batchSize",
  "chunkStrategy",
  "columns",
  "compression",
  "concurrency",
  "delimiter",
  "dictionary",
  "fileName",
  "followSymlinks",
  "header",
  "hivePartitioning",
  "hiveTypes",
  "infer",
  "io",
  "limit",
  "maxFileRows",
  "memoryLimit",
  "offset",
  "onFileError",
  "ordered",
  "partitionBy",
  "progress",
  "prune",
  "quote",
  "rowGroupRows",
  "rowGroups",
  "rowIndex",
  "schema",
  "signal",
  "sortingColumns",
  "strings",
  "types",
  "unheard",
  "where",
  "zeroCopy",
];

/** Any function or class of the library is called with anything, and what comes of it is used. */
export const misusedCalls: Fault = {
  name: "The library called with wrong arguments",
  times: 20_000,
  testTimes: 600,
  async try({ random, folder }) {
    const path = join(folder, "sequence.parquet");
    copyFileSync(fixture("one_row"), path);
    const name = random.oneOf(names);
    const called = Reflect.get(spillway, name) as unknown;
    const outcome = await settled(() => invoke(called, argumentsFor(random, path)), name);
    return outcome;
  },
};

function argumentsFor(random: Random, path: string): unknown[] {
  const count = random.below(4);
  return Array.from({ length: count }, (_, at) => {
    if (at === 0 && random.below(2) === 0) return path;
    return random.below(2) === 0 ? wrongOptions(random, options) : wrongValue(random);
  });
}

function invoke(called: unknown, args: readonly unknown[]): unknown {
  if (typeof called !== "function") return called;
  const isClass = /^class\b/.test(Function.prototype.toString.call(called));
  return isClass ? Reflect.construct(called, args) : Reflect.apply(called, undefined, args);
}

/** The methods of a stream and of its batches are called in any order, with anything, also when all is over. */
export const misusedStreams: Fault = {
  name: "Streams and batches used out of turn",
  times: 2_000,
  testTimes: 60,
  async try({ random }) {
    const stream = spillway.scanParquet(fixture("sequence"), { limit: 3_000 });
    const held: spillway.SpillwayBatch[] = [];
    let outcome: Outcome = "answered";
    for (let step = random.below(8); step >= 0; step--) {
      const end = await settled(() => random.oneOf(deeds)(stream, held, random), "a stream");
      if (end === "refused") outcome = end;
    }
    await stream.cancel().catch(() => {});
    for (const batch of held) batch.release();
    // Whatever was done to one stream, the next gives all of its rows.
    const rows = await expectSequences(spillway.scanParquet(fixture("sequence"), { limit: 3_000 }));
    if (rows.reduce((sum, some) => sum + some, 0) !== 3_000) throw new Error(`Wrong rows: ${rows}`);
    return outcome;
  },
};

type Deed = (
  stream: spillway.RecordBatchStream,
  held: spillway.SpillwayBatch[],
  random: Random,
) => unknown;

const methods: readonly [string, ...string[]] = [
  "cancel",
  "collect",
  "count",
  "explain",
  "fileColumn",
  "getReader",
  "max",
  "metadata",
  "min",
  "pipeThrough",
  "pipeTo",
  "rows",
  "schema",
  "stats",
  "tee",
  "values",
];

const batchMethods: readonly [string, ...string[]] = [
  "concat",
  "get",
  "getChild",
  "getChildAt",
  "release",
  "select",
  "selectAt",
  "setChild",
  "slice",
  "toArray",
  "toOwned",
];

const deeds: readonly [Deed, ...Deed[]] = [
  (stream, _, random) => misuse(stream, methods, random),
  (stream, _, random) => misuse(stream, methods, random),
  async (stream, held) => {
    const reader = stream.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    if (value !== undefined) held.push(value);
  },
  (_, held, random) => misuse(held.at(-1), batchMethods, random),
  (_, held, random) => {
    held.at(-1)?.release();
    return misuse(held.at(-1), batchMethods, random);
  },
  (_, held) => structuredClone(held.at(-1)?.data.children[0]?.values),
  (_, held) => {
    const buffer = held.at(-1)?.data.children[0]?.values.buffer;
    if (buffer !== undefined) structuredClone(buffer, { transfer: [buffer] });
  },
  async (_, held) => {
    const sink = spillway.encodeCsv();
    const writer = sink.writable.getWriter();
    void new Response(sink.readable as ReadableStream<Uint8Array<ArrayBuffer>>).bytes().catch(
      () => {},
    );
    writer.closed.catch(() => {});
    for (const batch of [held.at(-1), held.at(-1), 5]) {
      await writer.write(batch as spillway.SpillwayBatch);
    }
  },
];

function misuse(
  target: object | undefined,
  names: readonly [string, ...string[]],
  random: Random,
): unknown {
  if (target === undefined) return undefined;
  const method: unknown = Reflect.get(target, random.oneOf(names));
  if (typeof method !== "function") return method;
  const args = Array.from({ length: random.below(3) }, () => wrongValue(random));
  return Reflect.apply(method, target, args);
}
