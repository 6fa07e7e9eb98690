/**
 * How much memory writing, and reading and making text, take under a limit.
 *
 * @module
 */

import { baseMemory, baseNote } from "../base_memory.ts";
import { ours, type Runtime, runtimes } from "../contenders.ts";
import { asText, lineitem, orders } from "../data.ts";
import { compete, type Run } from "../harness.ts";
import { writeOnce } from "../parquet_writes.ts";
import { median } from "../statistics.ts";
import { mebibytes, seconds } from "../table.ts";
import type { BenchCase } from "./case.ts";

const memoryLimit = "128MB";

/** Peak anonymous memory of what the cases of sinks and formats do, with a limit of 128 MB. */
export const sinkMemory: BenchCase = {
  name: "sink-memory",
  async run({ rounds }) {
    const lanes = [];
    for (const runtime of runtimes) lanes.push(...await measureAll(runtime, rounds));
    return {
      title: `Writing, and reading and making text, with memoryLimit ${memoryLimit}`,
      header: ["contender", "time", "peak anonymous", "over the base"],
      lines: lanes.map(({ name, base, runs }) => [
        name,
        seconds(median(runs.map(({ report }) => report.seconds))),
        mebibytes(peak(runs)),
        mebibytes(peak(runs) - base),
      ]),
      goals: lanes.map(({ name, base, runs }) => ({
        what: `${name}: peak over the base`,
        measured: (peak(runs) - base) / 2 ** 20,
        limit: 256,
        sense: "at most",
        unit: " MiB",
      })),
      notes: [
        "peak anonymous: the highest RssAnon + RssShmem, sampled every 3 ms, largest of all runs",
        baseNote,
      ],
    };
  },
};

interface Lane {
  readonly name: string;
  /** Peak of the runtime that does nothing, in bytes. */
  readonly base: number;
  readonly runs: readonly Run[];
}

async function measureAll(runtime: Runtime, rounds: number): Promise<Lane[]> {
  const base = await baseMemory(runtime);
  const lane = (what: string, runs: readonly Run[]): Lane => ({
    name: `Spillway on ${runtime}, ${what}`,
    base,
    runs,
  });
  const csv = await asText(await lineitem(1), "csv");
  const ndjson = await asText(await orders(), "json");
  const reader = await ours(runtime, "read_text.ts");
  const responder = await ours(runtime, "ndjson_response.ts");
  const settings = { rounds, mode: "time", sampleMemory: true } as const;
  const [readCsv, readNdjson] = await compete([
    { ...reader, dataset: csv, options: { memoryLimit, format: "csv" } },
    { ...reader, dataset: ndjson, options: { memoryLimit, format: "ndjson" } },
  ], { ...settings, dataset: csv });
  const [response] = await compete(
    [{ ...responder, options: { memoryLimit } }],
    { ...settings, dataset: await orders(), checkedBy: "bytes" },
  );
  if (!readCsv || !readNdjson || !response) throw new Error("A contender is missing");
  return [
    lane("write-parquet", await writes(runtime, rounds)),
    lane("read-csv", readCsv.runs),
    lane("read-ndjson", readNdjson.runs),
    lane("ndjson-response", response.runs),
  ];
}

async function writes(runtime: Runtime, rounds: number): Promise<Run[]> {
  const original = await lineitem(1);
  const contender = {
    ...await ours(runtime, "write_parquet.ts", { writes: true }),
    options: { memoryLimit },
  };
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    runs.push(await writeOnce(contender, { original, dataset: original, sampleMemory: true }));
  }
  return runs;
}

/** The largest of all runs: a bound is a bound only if no run breaks it. */
function peak(runs: readonly Run[]): number {
  return Math.max(...runs.map((run) => run.peak.anonymousBytes));
}
