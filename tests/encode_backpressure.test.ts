import { expect } from "@std/expect";
import { Int32, Utf8, vectorFromArray } from "apache-arrow";
import {
  type ByteTransform,
  encodeArrow,
  encodeCsv,
  encodeNdjson,
  encodeParquet,
  MemoryManager,
  type RecordBatchStream,
  scanParquet,
} from "spillway";
import { batchOf } from "./support/batch_of.ts";
import { fixture } from "./support/fixtures.ts";
import { serve, SlowClient } from "./support/http_server.ts";
import { sinkTest } from "./support/sink_test.ts";

const ROWS = 400_000;
const MB = 1_000_000;

const encoders: Readonly<Record<string, (options?: { memoryLimit?: string }) => ByteTransform>> = {
  encodeArrow,
  encodeCsv,
  encodeNdjson,
  encodeParquet,
};

function scan(memoryLimit = "2MB"): RecordBatchStream {
  return scanParquet(fixture("one_row_group"), { memoryLimit, columns: ["id", "text", "maybe"] });
}

function nextTurn(ms = 10): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until a count has been the same for some turns. */
async function atRest(count: () => number): Promise<number> {
  let last = -1;
  for (let calm = 0; calm < 20;) {
    await nextTurn();
    const now = count();
    calm = now === last ? calm + 1 : 0;
    last = now;
  }
  return last;
}

const decodedBy = (stream: RecordBatchStream) => () => stream.stats().batchesDecoded;
const rowsOf = (stream: RecordBatchStream) => () => stream.stats().rows;

sinkTest(
  "a client that stops reading stops the scan, which goes on when it reads again",
  async () => {
    let stream!: RecordBatchStream;
    await using server = serve(() => {
      stream = scan();
      return stream.pipeThrough(encodeNdjson({ memoryLimit: "2MB" }));
    });
    const client = new SlowClient(server.port, 65_536);
    await client.paused;
    // The sockets of both ends hold some megabytes.
    const rows = await atRest(rowsOf(stream));
    expect(rows).toBeLessThan(ROWS * 3 / 4);
    expect(client.received).toBeLessThan(10 * 65_536);
    expect(await atRest(rowsOf(stream))).toBe(rows);

    client.resume(client.received + 8 * MB);
    await client.paused;
    const more = await atRest(rowsOf(stream));
    expect(more).toBeGreaterThan(rows);
    expect(more).toBeLessThanOrEqual(ROWS);

    client.resume(Infinity);
    await client.ended;
    expect(stream.stats().rows).toBe(ROWS);
    const lines = client.body().split("\n");
    expect(lines.length).toBe(ROWS + 1);
    for (let row = 0; row < ROWS; row += 997) {
      const expected = { id: row, text: `row ${row}`, ...(row % 3 === 0 ? {} : { maybe: row }) };
      expect(JSON.parse(lines[row]!)).toEqual(expected);
    }
  },
);

sinkTest("a client that disconnects cancels the scan", async () => {
  let stream!: RecordBatchStream;
  let cancelled: unknown;
  await using server = serve(() => {
    stream = scan();
    const { readable, writable } = encodeNdjson({ memoryLimit: "2MB" });
    stream.pipeTo(writable).catch((reason) => cancelled = reason ?? "without a reason");
    return readable;
  });
  const client = new SlowClient(server.port, 65_536);
  await client.paused;
  await atRest(rowsOf(stream));
  client.disconnect();
  while (cancelled === undefined) await nextTurn();
  const decoded = await atRest(decodedBy(stream));
  expect(stream.stats().rows).toBeLessThan(ROWS);
  expect(await atRest(decodedBy(stream))).toBe(decoded);
});

for (const [name, encode] of Object.entries(encoders)) {
  for (const limit of [1, 4]) {
    sinkTest(
      `${name} within ${limit} MB takes no more than that from the scan while nobody reads`,
      async () => {
        const stream = scan();
        const bytes = stream.pipeThrough(encode({ memoryLimit: `${limit}MB` }));
        const rows = await atRest(rowsOf(stream));
        expect(rows).toBeLessThan(ROWS);
        expect(stream.stats().bytes).toBeLessThan(4 * limit * MB);
        // That of the scan is 2 MB.
        expect(MemoryManager.shared.currentUsage().streamBytes).toBeLessThanOrEqual(
          (2 + limit) * MB,
        );

        const reader = bytes.getReader();
        let taken = 0;
        while (taken < 4 * MB) taken += (await reader.read()).value!.length;
        expect(await atRest(rowsOf(stream))).toBeGreaterThan(rows);
        await reader.cancel();
        expect(stream.stats().rows).toBeLessThan(ROWS);
      },
    );
  }

  sinkTest(`${name} takes some megabytes from an endless source while nobody reads`, async () => {
    const count = 40_000;
    const words = Array.from({ length: count }, (_, row) => `word ${row}`);
    const batch = batchOf({
      n: vectorFromArray(words.map((_, row) => row), new Int32()),
      word: vectorFromArray(words, new Utf8()),
    });
    let pulled = 0;
    let cancelled: unknown;
    const endless = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(batch);
      },
      cancel: (reason) => void (cancelled = reason),
    }, { highWaterMark: 0 });
    const bytes = endless.pipeThrough(encode({ memoryLimit: "64MB" }));
    const most = await atRest(() => pulled);
    // A batch has three quarters of a megabyte: 8 MiB wait to be encoded and 4 MiB to be read. Row
    // groups of Parquet wait in memory too, until they are half the limit.
    expect(most).toBeLessThan(name === "encodeParquet" ? 400 : 24);
    const reader = bytes.getReader();
    for (let read = 0; read < 200; read++) await reader.read();
    expect(await atRest(() => pulled)).toBeGreaterThan(most);
    const reason = new Error("enough");
    await reader.cancel(reason);
    while (cancelled === undefined) await nextTurn();
    expect(cancelled).toBe(reason);
    const last = pulled;
    await nextTurn(50);
    expect(pulled).toBe(last);
  });
}
