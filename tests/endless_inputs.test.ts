import { expect } from "@std/expect";
import { tableFromArrays } from "apache-arrow";
import { col, decodeNdjson, encodeCsv, where, writeNdjson, writeParquet } from "spillway";
import { tempDirectory, test } from "./support/harness.ts";

/** What comes without waiting, for ever; or, should nothing end it, for some seconds. */
function endless<T>(chunk: T): ReadableStream<T> {
  let left = 200_000;
  return new ReadableStream<T>({
    pull(controller) {
      if (left-- === 0) throw new Error("Nothing ended it");
      controller.enqueue(chunk);
    },
  }, { highWaterMark: 0 });
}

const nowhere = () => new WritableStream<unknown>();

type Pipe = (folder: string) => [ReadableStream<unknown>, WritableStream<unknown>];

const batch = tableFromArrays({ n: Int32Array.of(1, 2, 3) }).batches[0]!;
const line = new TextEncoder().encode('{"n":1}\n');

/** Pipes whose consumer never waits, or never gets anything. */
const pipes: Readonly<Record<string, Pipe>> = {
  "a decoder whose rows all fail a predicate": () => [
    endless(line).pipeThrough(decodeNdjson({ where: col("n").gt(1), inferRows: 1 })),
    nowhere(),
  ],
  "a predicate that no batch passes": () => [
    endless(batch).pipeThrough(where(col("n").gt(9))),
    nowhere(),
  ],
  "an encoder": () => [endless(batch).pipeThrough(encodeCsv()), nowhere()],
  "a sink of text": (folder) => [endless(batch), writeNdjson(`${folder}/a.ndjson`)],
  "a sink of Parquet": (folder) => [endless(batch), writeParquet(`${folder}/a.parquet`)],
};

for (const [name, pipe] of Object.entries(pipes)) {
  test(`a timer ends an endless input of ${name}`, async () => {
    using folder = tempDirectory();
    const [readable, writable] = pipe(folder.path);
    const reason = new Error("Enough");
    const abort = new AbortController();
    setTimeout(() => abort.abort(reason), 20);
    const error = await readable.pipeTo(writable, { signal: abort.signal }).catch((error) => error);
    expect(error).toBe(reason);
  });
}
