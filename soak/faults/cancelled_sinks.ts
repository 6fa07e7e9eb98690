import { createReadStream, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  type ByteTransform,
  decodeArrow,
  decodeCsv,
  decodeNdjson,
  encodeArrow,
  encodeCsv,
  encodeNdjson,
  encodeParquet,
  type FileSink,
  type RecordBatchStream,
  scanArrow,
  scanCsv,
  scanNdjson,
  scanParquet,
  type SpillwayBatch,
  type TextDecoding,
  writeArrow,
  writeCsv,
  writeNdjson,
  writeParquet,
} from "spillway";
import { expectSequence, expectSequences, sum } from "../../tests/support/sequence.ts";
import { expectAtRest } from "../held.ts";
import type { Fault, Outcome } from "../fault.ts";
import { moment } from "../moment.ts";
import type { Random } from "../random.ts";
import { type Source, sourceFolders, sources } from "../sources.ts";

/** Why it ends: it must come through unchanged. */
class Enough extends Error {}

/** A file that is written, and how it is read again. */
interface Format {
  readonly write: (path: string) => FileSink;
  readonly scan: (path: string) => RecordBatchStream;
}

const rows = 20_000;
const memoryLimit = "2MiB";

const formats: readonly [Format, ...Format[]] = [
  { write: (path) => writeParquet(path, { rowGroupRows: 3_000, memoryLimit }), scan: scanParquet },
  {
    write: (path) => writeParquet(path, { maxFileRows: 4_000, memoryLimit }),
    scan: (path) => scanParquet(`${path}/`),
  },
  { write: (path) => writeArrow(path, { memoryLimit }), scan: (path) => scanArrow(path) },
  { write: (path) => writeCsv(path, { memoryLimit }), scan: (path) => scanCsv(path) },
  {
    write: (path) => writeCsv(`${path}.gz`, { memoryLimit }),
    scan: (path) => scanCsv(`${path}.gz`),
  },
  { write: (path) => writeNdjson(path, { memoryLimit }), scan: (path) => scanNdjson(path) },
];

/** What is written: all of it has an end. */
function wanted(source: Source): RecordBatchStream {
  return source.scan({ columns: ["id", "text", "flag"], limit: rows, memoryLimit: "8MiB" });
}

/** What a try is given. */
interface Trying {
  readonly random: Random;
  readonly source: Source;
  readonly folder: string;
}

/** Expects that a file has all rows, or, where its sink was given up, that there is nothing. */
async function expectAllOrNothing(
  { folder }: Trying,
  { scan }: Format,
  { result }: FileSink,
  reason: Enough,
): Promise<Outcome> {
  const written = await result.catch((error) => {
    if (error !== reason) throw error;
    return null;
  });
  if (written === null) {
    const left = readdirSync(folder, { recursive: true });
    if (left.length > 0) throw new Error(`What was given up left ${left.join(", ")}`);
    return "refused";
  }
  const found = sum(await expectSequences(scan(join(folder, "out"))));
  if (found !== rows) throw new Error(`${found} rows were written`);
  return "answered";
}

function ignoring(reason: Enough): (error: unknown) => void {
  return (error) => {
    if (error !== reason) throw error;
  };
}

const ways: Readonly<Record<string, (trying: Trying) => Promise<Outcome>>> = {
  async abortedPipe(trying) {
    const { random, source, folder } = trying;
    const format = random.oneOf(formats);
    const sink = format.write(join(folder, "out"));
    const controller = new AbortController();
    const reason = new Enough();
    const piped = wanted(source).pipeTo(sink, { signal: controller.signal }).catch(
      ignoring(reason),
    );
    piped.catch(() => {});
    await moment(random);
    controller.abort(reason);
    await piped;
    return expectAllOrNothing(trying, format, sink, reason);
  },
  async abortedWriter(trying) {
    const { random, source, folder } = trying;
    const format = random.oneOf(formats);
    const sink = format.write(join(folder, "out"));
    const reason = new Enough();
    const writer = sink.getWriter();
    const pending: Promise<void>[] = [];
    let left = random.below(5);
    for await (const batch of wanted(source)) {
      pending.push(writer.write(batch));
      if (left-- === 0) break;
    }
    if (random.below(2) === 0) pending.push(writer.close());
    const settled = Promise.allSettled(pending);
    await moment(random);
    await writer.abort(reason).catch(() => {});
    await settled;
    const outcome = await sink.result.then(() => "answered" as const, () => "refused" as const);
    if (outcome === "refused" && readdirSync(folder).length > 0) {
      throw new Error(`What was given up left ${readdirSync(folder).join(", ")}`);
    }
    return outcome;
  },
  async failingSource(trying) {
    const { random, source, folder } = trying;
    const format = random.oneOf(formats);
    const sink = format.write(join(folder, "out"));
    const reason = new Enough();
    let left = random.below(5);
    const failing = wanted(source).pipeThrough(
      new TransformStream<SpillwayBatch, SpillwayBatch>({
        transform(batch, controller) {
          if (left-- === 0) throw reason;
          controller.enqueue(batch);
        },
      }),
    );
    await failing.pipeTo(sink).catch(ignoring(reason));
    return expectAllOrNothing(trying, format, sink, reason);
  },
  async cancelledEncoder({ random, source }) {
    const encode: () => ByteTransform = random.oneOf([
      () => encodeParquet({ rowGroupRows: 2_000, memoryLimit }),
      () => encodeArrow({ memoryLimit }),
      () => encodeCsv({ memoryLimit }),
      () => encodeCsv({ memoryLimit, compression: "zstd" }),
      () => encodeNdjson({ memoryLimit }),
    ]);
    const reader = wanted(source).pipeThrough(encode()).getReader();
    for (let left = random.below(3); left > 0; left--) await reader.read();
    const pending = Array.from({ length: random.below(3) }, () => reader.read());
    await moment(random);
    await reader.cancel(new Enough());
    await Promise.all(pending);
    return "answered";
  },
  async cancelledDecoder({ random }) {
    const { csv, ndjson, arrow } = await sources();
    const [{ path }, { readable, writable }] = random.oneOf<[Source, TextDecoding]>([
      [csv, decodeCsv({ memoryLimit })],
      [ndjson, decodeNdjson({ memoryLimit })],
      [arrow, decodeArrow({ memoryLimit: "8MiB" })],
    ]);
    const reason = new Enough();
    const controller = new AbortController();
    const file = createReadStream(path, { highWaterMark: 1 + random.below(100_000) });
    const bytes = Readable.toWeb(file) as ReadableStream<Uint8Array>;
    const pushed = bytes.pipeTo(writable, { signal: controller.signal }).catch((error) => {
      // Where nobody wants the batches any more, who pushes bytes is told.
      if (error !== reason && !/^Can't decode more bytes/.test(error.message)) throw error;
    });
    pushed.catch(() => {});
    const reader = readable.getReader();
    let next = 0;
    const read = async () => {
      for (let { value } = await reader.read(); value; { value } = await reader.read()) {
        using batch = value;
        expectSequence(batch, next);
        next += batch.numRows;
      }
    };
    const reading = read().catch(ignoring(reason));
    reading.catch(() => {});
    await moment(random);
    if (random.below(2) === 0) controller.abort(reason);
    else await reader.cancel(reason).catch(ignoring(reason));
    await Promise.all([pushed, reading]);
    return "answered";
  },
};

/** Nobody waits for a sink, an encoder or a decoder to end. */
export const cancelledSinks: Fault = {
  name: "Sinks, encoders and decoders that are given up at any moment",
  times: 3_000,
  testTimes: 20,
  async try({ random, folder }): Promise<Outcome> {
    const { parquet, manyFiles, csv } = await sources();
    const source = random.oneOf([parquet, parquet, manyFiles, csv]);
    const way = random.oneOf(Object.values(ways) as [(trying: Trying) => Promise<Outcome>]);
    const outcome = await way({ random, source, folder });
    await expectAtRest([...await sourceFolders(), folder]);
    if (!existsSync(folder)) throw new Error("The folder itself is gone");
    return outcome;
  },
};
