/**
 * Scans the files of the folder that its first argument names, ends each scan in the middle of a phase, and prints how often
 * this process read before that and after, and what of the system's it holds in the end.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import {
  col,
  type RecordBatchStream,
  type ScanOptions,
  scanParquet,
  setDecodingThreads,
} from "spillway";
import { heldFiles } from "../held_files.ts";

const folder = process.argv[2]!;
const fewReads = Number(process.argv[3]);
const paths = readdirSync(folder).map((name) => join(folder, name));

/** What is waited for, and how it is cancelled without the signal. */
interface Begun {
  readonly outcome: Promise<unknown>;
  readonly cancel?: () => Promise<void>;
}

type Outcomes = Readonly<Record<string, string>>;

/** What is done while a phase goes on. */
interface Phase {
  readonly options: ScanOptions;
  readonly begin: (stream: RecordBatchStream) => Begun;
  /** Whether it goes on: told how often this process read since it began. */
  readonly reached: (stream: RecordBatchStream, reads: number) => boolean;
  /** What comes of what is waited for, by how it is ended. */
  readonly outcomes: Outcomes;
}

function first(stream: RecordBatchStream): Begun {
  const reader = stream.getReader();
  const outcome = reader.read().then(({ value, done }) => {
    value?.release();
    return done ? "done" : "a batch";
  });
  return { outcome, cancel: () => reader.cancel() };
}

const explain = (stream: RecordBatchStream) => ({ outcome: stream.explain() });
const count = (stream: RecordBatchStream) => ({ outcome: stream.count() });

/** The footers of some files were read. */
const footers = (_: RecordBatchStream, reads: number) => reads > 50;
const rowsLookedAt = (stream: RecordBatchStream) => stream.stats().rowsPlanned > 0;
const batchGiven = (stream: RecordBatchStream) => stream.stats().rows > 0;
const queueFull = (stream: RecordBatchStream) => {
  const { rows, queuedBytes, reservedBytes } = stream.stats();
  return rows > 0 && queuedBytes > 0 && reservedBytes === 0;
};

const noBatch: Outcomes = { abort: "aborted", cancel: "done" };
const aBatch: Outcomes = { abort: "a batch", cancel: "a batch" };
/** Facts come though a stream is cancelled. */
const noFact: Outcomes = { abort: "aborted" };

const nothing: ScanOptions = { where: col("number").lt(0), prune: false };
const union: ScanOptions = { schema: "union" };
const countsRows: ScanOptions = { rowIndex: "row" };
const allAhead: ScanOptions = { concurrency: paths.length, batchSize: 10 };
const fewBytes: ScanOptions = { memoryLimit: 30_000, batchSize: 10 };

const phases: Readonly<Record<string, Phase>> = {
  "footers of a union": { options: union, begin: first, reached: footers, outcomes: noBatch },
  "footers of a plan": { options: {}, begin: explain, reached: footers, outcomes: noFact },
  "footers of a plan of a union": {
    options: union,
    begin: explain,
    reached: footers,
    outcomes: noFact,
  },
  "footers of a plan that counts rows": {
    options: countsRows,
    begin: explain,
    reached: footers,
    outcomes: noFact,
  },
  "footers of a count": {
    options: { schema: "first" },
    begin: count,
    reached: footers,
    outcomes: noFact,
  },
  "opening ahead": { options: allAhead, begin: first, reached: batchGiven, outcomes: aBatch },
  decoding: { options: nothing, begin: first, reached: rowsLookedAt, outcomes: noBatch },
  "decoding of a union without order": {
    options: { ...nothing, ...union, ordered: false },
    begin: first,
    reached: rowsLookedAt,
    outcomes: noBatch,
  },
  "a full queue": { options: fewBytes, begin: first, reached: queueFull, outcomes: aBatch },
};

/** How a scan went that was ended in a phase. */
interface Ended {
  readonly outcome: unknown;
  readonly readsBefore: number;
  readonly readsAfter: number;
}

const enough = new Error("enough");

async function end({ options, begin, reached }: Phase, how: string): Promise<Ended> {
  const abort = new AbortController();
  const stream = scanParquet(paths, { io: "read", ...options, signal: abort.signal });
  const atFirst = reads();
  const { outcome, cancel = () => stream.cancel() } = begin(stream);
  const settled = outcome.catch((error) => error === enough ? "aborted" : String(error));
  while (!reached(stream, reads() - atFirst)) await new Promise((resolve) => setTimeout(resolve));
  const atEnd = reads();
  if (how === "abort") abort.abort(enough);
  else await cancel();
  const ended = { outcome: await settled, readsBefore: atEnd - atFirst };
  await idle();
  return { ...ended, readsAfter: reads() - atEnd };
}

/** How often this process read something. */
function reads(): number {
  return Number(/syscr: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
}

/** Waits for the one thread, which does what it is told in order. */
async function idle(): Promise<void> {
  for await (using _ of scanParquet(paths[0]!));
}

setDecodingThreads(1);
await idle();
const before = await heldFiles(folder);
const ends: Record<string, Ended & { wanted: string }> = {};
for (const [name, phase] of Object.entries(phases)) {
  for (const [how, wanted] of Object.entries(phase.outcomes)) {
    let ended = await end(phase, how);
    // A thread that the system kept waiting may have come too late: only what comes again counts.
    const late = () => ended.outcome !== wanted || ended.readsAfter >= fewReads;
    for (let tries = 1; tries < 20 && late(); tries++) ended = await end(phase, how);
    ends[`${name}, ${how}`] = { wanted, ...ended };
  }
}
const after = await heldFiles(folder);
console.log(JSON.stringify({ ends, before, after }));
