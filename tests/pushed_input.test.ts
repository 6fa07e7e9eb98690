import { expect } from "@std/expect";
import { decodeNdjson, type SpillwayBatch } from "spillway";
import { Random } from "../soak/random.ts";
import { test } from "./support/harness.ts";

const RUNS = 10;
const ROWS = 2_000;
const text = new TextEncoder().encode(
  Array.from({ length: ROWS }, (_, n) => `{"n":${n},"t":"${"x".repeat(n % 50)}"}\n`).join(""),
);

/** Mostly none, so that the two sides meet in all ways. */
async function pause(random: Random): Promise<void> {
  const kind = random.below(30);
  if (kind === 0) await new Promise((resolve) => setTimeout(resolve, random.below(3)));
  else if (kind < 4) await new Promise<void>((resolve) => setTimeout(resolve));
  else if (kind < 8) await Promise.resolve();
}

/** Writes the text in parts of any size. */
async function write(writable: WritableStream<BufferSource>, random: Random): Promise<void> {
  const writer = writable.getWriter();
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = Math.min(text.length, start + 1 + random.below(1_500));
    await writer.write(text.slice(start, end));
    await pause(random);
  }
  await writer.close();
}

/** Reads batches until `most` rows are there. */
async function read(
  reader: ReadableStreamDefaultReader<SpillwayBatch>,
  { most, random }: { most: number; random: Random },
): Promise<number> {
  let count = 0;
  while (count < most) {
    const { done, value } = await reader.read();
    if (done) break;
    for (const n of value.getChild("n")!) expect(n).toBe(BigInt(count++));
    value.release();
    await pause(random);
  }
  return count;
}

/** A decoder with little room, so that writing often waits. */
function decoder(random: Random, signal?: AbortSignal) {
  const memoryLimit = 100_000 + random.below(300_000);
  return decodeNdjson({ memoryLimit, inferRows: 1 + random.below(100), signal });
}

test("what is written with any pauses is read with any pauses", async () => {
  for (let seed = 0; seed < RUNS; seed++) {
    const random = new Random(seed);
    const { readable, writable } = decoder(random);
    const written = write(writable, new Random(seed + RUNS));
    const reader = readable.getReader();
    const count = await read(reader, { most: Infinity, random });
    await written;
    expect({ seed, count }).toEqual({ seed, count: ROWS });
  }
});

test("an end of any kind at any point settles both sides", async () => {
  const reason = new Error("Enough");
  for (let seed = 0; seed < RUNS; seed++) {
    const random = new Random(seed);
    const abort = new AbortController();
    const { readable, writable } = decoder(random, abort.signal);
    const writing = write(writable, new Random(seed + RUNS)).then(() => null, (error) => error);
    const reader = readable.getReader();
    const most = random.below(ROWS);
    const kind = random.oneOf(["cancelled", "aborted", "aborted meanwhile"]);
    if (kind === "aborted meanwhile") setTimeout(() => abort.abort(reason), random.below(10));
    const error = await read(reader, { most, random }).then(() => null, (error) => error);
    if (kind === "cancelled") await reader.cancel(reason);
    else abort.abort(reason);
    if (error !== null) expect({ seed, error }).toEqual({ seed, error: reason });
    const failure = await writing;
    // The last bytes may have been taken before.
    if (failure !== null) expect(failure).toBeInstanceOf(Error);
    if (kind !== "cancelled") {
      const last = await reader.read().catch((error) => error);
      expect({ seed, last }).toEqual({ seed, last: reason });
    }
  }
});
