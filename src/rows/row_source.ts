/**
 * The source under a stream of rows.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { turnIfDue } from "../streams/event_loop_turn.ts";
import { giveUp } from "../streams/give_up.ts";
import { type PlainRow, plainRows } from "./plain_rows.ts";

type Controller = ReadableStreamDefaultController<PlainRow>;

/** Rows between two looks at the clock, which takes longer than a small row. */
const rowsBetweenTurns = 64;

/** The batch whose rows are given, and how many are left. */
interface OpenBatch {
  readonly batch: RecordBatch;
  readonly rows: Iterator<PlainRow, void>;
  left: number;
}

/** Makes a row whenever the stream is pulled. */
export class RowSource implements UnderlyingDefaultSource<PlainRow> {
  readonly #batches: ReadableStreamDefaultReader<RecordBatch>;
  #open: OpenBatch | null = null;
  #given = 0;
  #over = false;

  /** @param batches The batches. */
  constructor(batches: ReadableStreamDefaultReader<RecordBatch>) {
    this.#batches = batches;
  }

  /** Called by the stream when it is made: an error is told at once, also while nothing is pulled. */
  start(controller: Controller): void {
    this.#batches.closed.catch((error) => {
      this.#letGo();
      controller.error(error);
    });
  }

  /** Called by the stream when the consumer wants a row. */
  pull(controller: Controller): Promise<void> | void {
    const pause = this.#given++ % rowsBetweenTurns === 0 ? turnIfDue(performance.now()) : null;
    if (pause !== null || this.#open === null) return this.#giveLater(controller, pause);
    this.#give(controller, this.#open);
  }

  /** Called by the stream when the consumer wants no more. */
  cancel(reason: unknown): Promise<void> {
    this.#letGo();
    return this.#batches.cancel(reason);
  }

  async #giveLater(controller: Controller, pause: Promise<void> | null): Promise<void> {
    await pause;
    while (this.#open === null && !this.#over) {
      const { done, value } = await this.#batches.read();
      if (done) {
        if (!this.#over) controller.close();
        return;
      }
      this.#open = { batch: value, rows: plainRows(value), left: value.numRows };
      // Cancelled meanwhile, or nothing in it.
      if (this.#over || value.numRows === 0) this.#release();
    }
    if (this.#open !== null) this.#give(controller, this.#open);
  }

  #give(controller: Controller, open: OpenBatch): void {
    try {
      // Raises an error where somebody released it: the columns would only be empty.
      void open.batch.data;
      const { value } = open.rows.next();
      if (--open.left === 0) this.#release();
      controller.enqueue(value as PlainRow);
    } catch (error) {
      this.#letGo();
      this.#batches.cancel(error).catch(() => {});
      throw error;
    }
  }

  #letGo(): void {
    this.#over = true;
    this.#release();
  }

  #release(): void {
    const batch = this.#open?.batch;
    this.#open = null;
    giveUp(batch);
  }
}
