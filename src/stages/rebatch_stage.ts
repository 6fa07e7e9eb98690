/**
 * Cuts and joins batches to one size.
 *
 * @module
 */
import { Data, type RecordBatch, type Schema } from "apache-arrow";
import type { BatchStage } from "./batch_stage.ts";
import { byteLengthOf } from "../batches/byte_length.ts";
import { CommonSchema } from "../batches/common_schema.ts";
import { concatColumns } from "../batches/concat_columns.ts";
import { SpillwayBatch } from "../batches/spillway_batch.ts";

/** A batch that is being cut, and the rows that were cut off it already. */
interface Cut {
  readonly batch: SpillwayBatch;
  from: number;
}

/** Gives batches of one size. */
export class RebatchStage implements BatchStage {
  readonly step = null;
  readonly done = false;
  readonly keepsColumns = true;
  readonly #rows: number;
  readonly #columns = new CommonSchema("join batches");
  /** Rows that aren't enough for a batch yet. */
  #parts: SpillwayBatch[] = [];
  #held = 0;
  #cut: Cut | null = null;
  #batches = 0;

  /** @param rows The rows of each batch. */
  constructor(rows: number) {
    this.#rows = rows;
  }

  /** The schema of what it gives, once a batch has come. */
  get schema(): Schema | null {
    return this.#columns.schema;
  }

  /** Takes a batch, all rows of which are given before the next one comes, or held back. */
  apply(batch: RecordBatch): SpillwayBatch | null {
    const own = this.#columns.take(batch, `batch ${this.#batches++}`);
    this.#cut = { batch: own, from: 0 };
    return this.more(false);
  }

  /** The next batch that there are rows for; at the end one of those that are left. */
  more(ended: boolean): SpillwayBatch | null {
    if (this.#cut !== null) this.#hold(this.#cut, this.#rows - this.#held);
    const isFull = this.#held === this.#rows;
    return isFull || (ended && this.#held > 0) ? this.#join() : null;
  }

  /** Gives back what was held. */
  close(): void {
    for (const part of this.#parts) part.giveUp();
    this.#cut?.batch.giveUp();
    this.#parts = [];
    this.#held = 0;
    this.#cut = null;
  }

  /** Holds so many rows more of a batch, or all that are left. */
  #hold(cut: Cut, wanted: number): void {
    const { batch, from } = cut;
    const to = Math.min(batch.numRows, from + wanted);
    const isWhole = from === 0 && to === batch.numRows;
    if (from < to) this.#parts.push(isWhole ? batch : batch.withRows(from, to));
    this.#held += to - from;
    cut.from = to;
    if (to < batch.numRows) return;
    this.#cut = null;
    // Its parts hold its memory on.
    if (!isWhole || from === to) batch.giveUp();
  }

  #join(): SpillwayBatch {
    const parts = this.#parts;
    const [first, ...others] = parts as [SpillwayBatch, ...SpillwayBatch[]];
    const joined = others.length === 0 ? first : joinBatches(parts, this.#held);
    this.#parts = [];
    this.#held = 0;
    if (joined !== first) { for (const part of parts) part.giveUp(); }
    return joined;
  }
}

/** Copies the rows of some batches into one. */
function joinBatches(batches: readonly SpillwayBatch[], rows: number): SpillwayBatch {
  const { schema, firstRow, data } = batches[0]!;
  const buffers: ArrayBuffer[] = [];
  const columns = data.children.map((_, at) =>
    concatColumns(batches.map(({ data }) => data.children[at]!), buffers)
  );
  const joined = new Data(data.type, 0, rows, 0, undefined, columns);
  return new SpillwayBatch({
    schema,
    data: joined,
    firstRow,
    byteLength: byteLengthOf(joined),
    buffers,
    zeroCopy: false,
  });
}
