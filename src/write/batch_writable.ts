/**
 * A stream that takes record batches.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import { shown } from "../check_options.ts";
import { turnIfDue } from "../streams/event_loop_turn.ts";
import { SpillwayBatch } from "../batches/spillway_batch.ts";

/** Takes the batches, once there is one or their columns are known. */
export interface BatchTaker {
  /** Called at first, with what ends the stream with an error. */
  begin?(fail: (reason: unknown) => void): void;
  /** Called before all else, with the schema of the batches. */
  open(schema: Schema): void;
  /** Called with each batch; resolves when there is room for another. */
  write(batch: RecordBatch): Promise<void> | void;
  /** Called at the end. */
  close(): Promise<void>;
  /** Called where the batches end early; also while a write waits. */
  giveUp(reason: unknown): void;
  /** Called after that, once no write waits. */
  abort(reason: unknown): Promise<void>;
}

/**
 * The writable side of sinks and encoders. A stream of this library that is piped into it tells it
 * the columns, so that a stream without batches is written too.
 */
export class BatchWritable extends WritableStream<RecordBatch> {
  readonly #open: { what: string; schema: (() => Promise<Schema>) | null };

  /**
   * @ignore Made by sinks and encoders.
   *
   * @param taker Takes the batches.
   * @param what What is done, for messages: `"write errors.parquet"`.
   * @param schema The columns, where they are known.
   */
  constructor(taker: BatchTaker, what: string, schema: Schema | null) {
    if (typeof taker?.giveUp !== "function") {
      throw new TypeError("A BatchWritable is made by sinks and encoders, such as writeParquet()");
    }
    const open: { what: string; schema: (() => Promise<Schema>) | null } = {
      what,
      schema: schema === null ? null : () => Promise.resolve(schema),
    };
    let opened = false;
    const openWith = (schema: Schema) => {
      if (!opened) taker.open(schema);
      opened = true;
    };
    super({
      start(controller) {
        taker.begin?.((reason) => controller.error(reason));
        const { signal } = controller;
        signal.addEventListener("abort", () => taker.giveUp(signal.reason), { once: true });
      },
      async write(batch) {
        try {
          checkBatch(batch, what);
          openWith(schema ?? batch.schema);
          await taker.write(batch);
          // Where batches come and are taken at once, a pipe is a loop of microtasks only.
          await turnIfDue(performance.now());
        } catch (error) {
          if (batch instanceof SpillwayBatch) batch.giveUp();
          await taker.abort(error);
          throw error;
        }
      },
      async close() {
        try {
          if (!opened) openWith(await columnsOf(open));
          await taker.close();
        } catch (error) {
          await taker.abort(error);
          throw error;
        }
      },
      abort: (reason) => taker.abort(reason),
    }, { highWaterMark: 1 });
    this.#open = open;
  }

  /** @ignore Tells the columns of the batches that will come, for when none does. */
  follow(schema: () => Promise<Schema>): void {
    this.#open.schema ??= schema;
  }
}

/** By its parts: a batch may come from another copy of apache-arrow. */
function checkBatch(batch: Partial<RecordBatch> | null | undefined, what: string): void {
  // One that was released has no data to look at; it says so itself, when it is read.
  if (batch instanceof SpillwayBatch) return;
  if (Array.isArray(batch?.schema?.fields) && Array.isArray(batch.data?.children)) return;
  throw new TypeError(
    `Can't ${what}: what was written is ${
      shown(batch)
    }, and no RecordBatch. Write record batches; ` +
      "tableToStream gives those of a table",
  );
}

function columnsOf(
  { what, schema }: { what: string; schema: (() => Promise<Schema>) | null },
): Promise<Schema> {
  if (schema !== null) return schema();
  throw new TypeError(
    `Can't ${what}: no batch came, so that its columns are not known. Give a schema`,
  );
}
