/**
 * A transform outside of a scan, batch by batch.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import type { BatchIntake } from "./batch_intake.ts";
import type { BatchProducer } from "../streams/batch_producer.ts";
import type { BatchStage } from "./batch_stage.ts";
import { turnIfDue } from "../streams/event_loop_turn.ts";
import { giveUp } from "../streams/give_up.ts";
import { noScan } from "../streams/produced_source.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/** Takes batches in as they are needed for the next one to give. */
export class StageProducer implements BatchProducer {
  readonly #stage: BatchStage;
  readonly #intake: BatchIntake;
  #schemaBefore: (() => Promise<Schema>) | null = null;
  #begun = false;
  #ended = false;
  #closed = false;

  /**
   * @param stage What is done to the batches.
   * @param intake Where they come in.
   */
  constructor(stage: BatchStage, intake: BatchIntake) {
    this.#stage = stage;
    this.#intake = intake;
    if (stage.done) intake.end();
  }

  /** Tells the schema of the batches that will come in. */
  follow(schema: () => Promise<Schema>): void {
    if (this.#stage.keepsColumns) this.#schemaBefore = schema;
  }

  /** A failure of the writable side is told at once, as by a TransformStream. */
  start(fail: (error: unknown) => void): void {
    this.#intake.whenMade(({ reader }) => {
      reader.closed.catch((error) => {
        fail(error);
        this.#fail();
      });
    });
  }

  /** The next batch that the stage gives. */
  async next(): Promise<SpillwayBatch | null> {
    try {
      if (!this.#begun) this.#stage.begin?.();
      this.#begun = true;
      return await this.#next();
    } catch (error) {
      this.#intake.fail(error);
      this.#fail();
      throw error;
    }
  }

  /** Nobody wants more. */
  async cancel(reason: unknown): Promise<void> {
    this.#ended = true;
    try {
      await this.#intake.reader.cancel(reason);
    } finally {
      this.#close();
    }
  }

  /** The schema of the batches: known after the first, or where columns go through as they are. */
  schema(): Promise<Schema> {
    const { schema } = this.#stage;
    if (schema !== null) return Promise.resolve(schema);
    return this.#schemaBefore?.() ?? Promise.reject(noScan("tell the schema before a batch came"));
  }

  async #next(): Promise<SpillwayBatch | null> {
    const stage = this.#stage;
    for (;;) {
      const more = stage.more?.(this.#ended) ?? null;
      if (more !== null) return more;
      const batch = this.#ended || stage.done ? undefined : await this.#read();
      if (batch === undefined) {
        if (this.#ended || !stage.more) return this.#end();
        // There may be something left.
        this.#ended = true;
        continue;
      }
      if (this.#ended) {
        // Cancelled or failed meanwhile.
        giveUp(batch);
        return null;
      }
      const given = await this.#apply(batch);
      if (stage.done) this.#intake.end();
      if (given !== null) return given;
    }
  }

  async #read(): Promise<RecordBatch | undefined> {
    // Batches that come without waiting may all be left out, one after the other.
    await turnIfDue(performance.now());
    return (await this.#intake.reader.read()).value;
  }

  async #apply(batch: RecordBatch): Promise<SpillwayBatch | null> {
    try {
      return await this.#stage.apply(batch);
    } catch (error) {
      giveUp(batch);
      throw error;
    }
  }

  #end(): null {
    this.#ended = true;
    this.#close();
    return null;
  }

  #fail(): void {
    this.#ended = true;
    try {
      this.#close();
    } catch {
      // The stream has an error already, which came first.
    }
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stage.close?.();
  }
}
