import { expect } from "@std/expect";
import { Field, Int32, List, type RecordBatch, Schema, vectorFromArray } from "apache-arrow";
import {
  type ByteTransform,
  encodeArrow,
  encodeCsv,
  encodeNdjson,
  encodeParquet,
  scanParquet,
  UnsortedDataError,
  UnsupportedFeatureError,
} from "spillway";
import { batchOf } from "./support/batch_of.ts";
import { batchStream } from "./support/batch_stream.ts";
import { fixture } from "./support/fixtures.ts";
import { sinkTest } from "./support/sink_test.ts";

const encoders: Readonly<Record<string, () => ByteTransform>> = {
  encodeArrow: () => encodeArrow({ memoryLimit: "1MB" }),
  encodeCsv: () => encodeCsv({ memoryLimit: "1MB" }),
  encodeNdjson: () => encodeNdjson({ memoryLimit: "1MB", compression: "gzip" }),
  encodeParquet: () => encodeParquet({ memoryLimit: "1MB", rowGroupRows: 5_000 }),
};

function scan(limit = 100_000) {
  return scanParquet(fixture("one_row_group"), {
    columns: ["id", "text"],
    limit,
    batchSize: 2_000,
    memoryLimit: "2MB",
  });
}

/** How a promise ended. */
function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then((value) => ({ value }), (error) => error);
}

/** Reads on until that fails; `undefined` where it doesn't. */
async function errorOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<unknown> {
  try {
    while (!(await reader.read()).done);
  } catch (error) {
    return error;
  }
}

const enough = new Error("enough");

/** Each leaves the transform in the middle of something, and ends it; gives how the writing side ended. */
const cancels: Readonly<Record<string, (transform: ByteTransform) => Promise<unknown>>> = {
  "before anything is written": async ({ readable, writable }) => {
    await readable.cancel(enough);
    return await outcome(writable.getWriter().closed);
  },
  "after a batch was written": async ({ readable, writable }) => {
    const writer = writable.getWriter();
    const [batch] = await Array.fromAsync(scan(2_000));
    await writer.write(batch!);
    await readable.cancel(enough);
    return await outcome(writer.closed);
  },
  "while a write waits for room": async ({ readable, writable }) => {
    const piped = outcome(scan().pipeTo(writable));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await readable.cancel(enough);
    return await piped;
  },
  "while a read waits for bytes": async ({ readable, writable }) => {
    const reader = readable.getReader();
    const read = reader.read();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await reader.cancel(enough);
    expect(await read).toEqual({ done: true, value: undefined });
    return await outcome(writable.getWriter().closed);
  },
  "after some bytes were read": async ({ readable, writable }) => {
    const piped = outcome(scan().pipeTo(writable));
    const reader = readable.getReader();
    expect((await reader.read()).done).toBe(false);
    await reader.cancel(enough);
    return await piped;
  },
  "by a loop that is left": async ({ readable, writable }) => {
    const piped = outcome(scan().pipeTo(writable));
    for await (const bytes of readable) {
      expect(bytes.length).toBeGreaterThan(0);
      break;
    }
    const error = await piped;
    // The loop gives no reason.
    return error === undefined ? enough : error;
  },
};

const aborts: Readonly<Record<string, (transform: ByteTransform) => Promise<unknown>>> = {
  "before anything is written": async ({ readable, writable }) => {
    await writable.abort(enough);
    return await outcome(readable.getReader().read());
  },
  "while a read waits": async ({ readable, writable }) => {
    const read = outcome(readable.getReader().read());
    await writable.abort(enough);
    return await read;
  },
  "after some bytes were read": async ({ readable, writable }) => {
    const writer = writable.getWriter();
    const reader = readable.getReader();
    for await (const batch of scan(10_000)) {
      await Promise.race([writer.write(batch), reader.read()]);
    }
    await writer.abort(enough);
    return await outcome(reader.read());
  },
  "while a write waits for room": async ({ readable, writable }) => {
    const writer = writable.getWriter();
    const writes: Promise<unknown>[] = [];
    for await (const batch of scan(20_000)) writes.push(outcome(writer.write(batch)));
    await writer.abort(enough);
    await Promise.all(writes);
    return await outcome(readable.getReader().read());
  },
  "by the pipe's signal": async ({ readable, writable }) => {
    const abort = new AbortController();
    const piped = outcome(scan().pipeTo(writable, { signal: abort.signal }));
    const reader = readable.getReader();
    await reader.read();
    abort.abort(enough);
    // A pipe waits for the write that it has begun, and that one for room.
    const error = await errorOf(reader);
    expect(await piped).toBe(enough);
    return error;
  },
  "by an error of the source": async ({ readable, writable }) => {
    let batches = 0;
    const failing = new TransformStream<RecordBatch, RecordBatch>({
      transform(batch, controller) {
        if (++batches === 5) throw enough;
        controller.enqueue(batch);
      },
    });
    const piped = outcome(scan().pipeThrough(failing).pipeTo(writable));
    const error = await errorOf(readable.getReader());
    expect(await piped).toBe(enough);
    return error;
  },
};

for (const [name, encode] of Object.entries(encoders)) {
  sinkTest(`${name}: a reader that cancels ends the writing, and all is given back`, async () => {
    for (const [when, cancel] of Object.entries(cancels)) {
      expect({ when, ended: await cancel(encode()) }).toEqual({ when, ended: enough });
    }
  });

  sinkTest(`${name}: a writer that aborts fails the reader, and all is given back`, async () => {
    for (const [when, abort] of Object.entries(aborts)) {
      expect({ when, ended: await abort(encode()) }).toEqual({ when, ended: enough });
    }
  });

  sinkTest(`${name}: cancelling after the end, or the close, is no error`, async () => {
    const whole = encode();
    const piped = scan(2_000).pipeTo(whole.writable);
    const reader = whole.readable.getReader();
    while (!(await reader.read()).done);
    await piped;
    await reader.cancel(enough);
    expect(await reader.closed).toBe(undefined);

    const closed = encode();
    await scan(2_000).pipeTo(closed.writable);
    await closed.readable.cancel(enough);
  });

  sinkTest(
    `${name}: chunks have at most 256 KiB, and come before the source has ended`,
    async () => {
      const stream = scan();
      const reader = stream.pipeThrough(encode()).getReader();
      let largest = 0;
      let early = 0;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        largest = Math.max(largest, value.length);
        if (stream.stats().rows < 100_000) early++;
      }
      expect(largest).toBeGreaterThan(0);
      expect(largest).toBeLessThanOrEqual(256 * 1_024);
      expect(early).toBeGreaterThan(0);
    },
  );

  sinkTest(
    `${name}: a stream without batches is encoded too, where its columns are known`,
    async () => {
      let size = 0;
      for await (const bytes of scan(0).pipeThrough(encode())) size += bytes.length;
      expect(size).toBeGreaterThan(0);
      const error = await outcome(
        new Response(batchStream([]).pipeThrough(encode())).arrayBuffer(),
      );
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain("its columns are not known. Give a schema");
    },
  );
}

sinkTest("an error of encoding reaches the reader, and ends what is piped in", async () => {
  const stream = scan();
  const { readable, writable } = encodeParquet({ sortingColumns: ["text"], memoryLimit: "1MB" });
  const piped = outcome(stream.pipeTo(writable));
  const read = await outcome(new Response(readable).arrayBuffer());
  expect(read).toBeInstanceOf(UnsortedDataError);
  expect(await piped).toBeInstanceOf(UnsortedDataError);
  expect(stream.stats().rows).toBeLessThan(100_000);
});

sinkTest("an error of the last batch reaches the reader after the close", async () => {
  const { readable, writable } = encodeParquet({ sortingColumns: ["n"] });
  const writer = writable.getWriter();
  await writer.write(batchOf({ n: vectorFromArray([2, 1], new Int32()) }));
  const closed = outcome(writer.close());
  expect(await outcome(readable.getReader().read())).toBeInstanceOf(UnsortedDataError);
  await closed;
});

sinkTest("what a format can't hold is an error on both sides before the first byte", async () => {
  const list = new List(new Field("item", new Int32(), true));
  const schema = new Schema([new Field("l", list, true)]);
  const { readable, writable } = encodeCsv({ schema });
  const piped = await outcome(
    batchStream([batchOf({ l: vectorFromArray([[1]], list) })]).pipeTo(writable),
  );
  expect(piped).toBeInstanceOf(UnsupportedFeatureError);
  expect(await outcome(readable.getReader().read())).toBe(piped);
});
