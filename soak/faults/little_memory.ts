import { col, MemoryLimitError, MemoryManager, type RecordBatchStream } from "spillway";
import { expectSequence } from "../../tests/support/sequence.ts";
import { expectAtRest } from "../held.ts";
import type { Fault, Outcome } from "../fault.ts";
import type { Random } from "../random.ts";
import { type Source, sourceFolders, type SourceOptions, sources } from "../sources.ts";

const MiB = 2 ** 20;

/** A batch more than the limit, where the consumer holds all of that: an eighth of it at most. */
const batchMore = 9 / 8;

/** Scans that share a budget. */
const atOnce = 8;
/** Rows of a scan that are looked at: enough for the queue to fill and to be filled again. */
const mostRows = 30_000;

/** Little memory: scans keep within the least of limits, alone and together, or say how much they need. */
export const littleMemory: Fault = {
  name: "Scans in little memory, and eight that share it",
  times: 400,
  testTimes: 4,
  async try({ random }): Promise<Outcome> {
    const outcome = random.below(3) === 0 ? await together(random) : await alone(random);
    await expectAtRest(await sourceFolders());
    return outcome;
  },
};

async function alone(random: Random): Promise<Outcome> {
  const limit = random.oneOf([1, 2, 4, 8, 16]) * MiB;
  const source = await anySource(random);
  const options = rowsOf(source, random);
  const stream = source.scan({ ...options, memoryLimit: limit });
  try {
    await readSlowly(stream, random);
  } catch (error) {
    return refused(error);
  }
  const { peakBytes, limitBytes } = stream.stats();
  if (limitBytes !== limit || peakBytes > limit * batchMore) {
    throw new Error(
      `${peakBytes} bytes were used of ${limitBytes}, ${limit} were granted: ${source.path}, ${
        JSON.stringify(options.columns)
      } ${options.where}`,
    );
  }
  return "answered";
}

/** Streams without a limit of their own share that of the process. */
async function together(random: Random): Promise<Outcome> {
  const memory = MemoryManager.shared;
  const limit = atOnce * MiB;
  memory.setLimit(limit);
  let most = 0;
  try {
    const scans = await Promise.all(Array.from({ length: atOnce }, async () => {
      const source = await anySource(random);
      return source.scan(rowsOf(source, random));
    }));
    const look = () => most = Math.max(most, memory.currentUsage().streamBytes);
    const ends = await Promise.allSettled(scans.map((scan) => readSlowly(scan, random, look)));
    for (const end of ends) if (end.status === "rejected") refused(end.reason);
    if (most > limit * batchMore) {
      throw new Error(`${most} bytes were used of ${limit} that eight scans share`);
    }
    return ends.some(({ status }) => status === "rejected") ? "refused" : "answered";
  } finally {
    memory.setLimit(null);
  }
}

async function anySource(random: Random): Promise<Source> {
  return random.oneOf(Object.values(await sources()) as [Source, ...Source[]]);
}

function rowsOf({ columns }: Source, random: Random): SourceOptions {
  const filter = random.below(3) === 0 ? { where: col("id").ge(0) } : {};
  return { columns: random.oneOf([[...columns], ["id", "text"]]), limit: mostRows, ...filter };
}

/** Reads on, holding on to some batches for a while. */
async function readSlowly(
  stream: RecordBatchStream,
  random: Random,
  look: () => void = () => {},
): Promise<void> {
  let next = 0;
  const held: Disposable[] = [];
  for await (const batch of stream) {
    expectSequence(batch, next);
    next += batch.numRows;
    held.push(batch);
    if (held.length > random.below(3)) held.shift()?.[Symbol.dispose]();
    look();
  }
  for (const batch of held) batch[Symbol.dispose]();
  if (next !== mostRows) throw new Error(`${next} rows came instead of ${mostRows}`);
}

function refused(error: unknown): Outcome {
  if (error instanceof MemoryLimitError && /\d+ bytes/.test(error.message)) return "refused";
  throw error;
}
