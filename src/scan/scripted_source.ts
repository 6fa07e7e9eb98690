/**
 * A scan whose batches go through JavaScript: a filter that is no expression, or parts of structs.
 *
 * @module
 */
import type { Schema } from "apache-arrow";
import type { BatchController, BatchSource } from "../streams/batch_source.ts";
import type { FileMetadata } from "./file_metadata.ts";
import { narrowBatch, narrowSchema } from "../stages/narrow_columns.ts";
import { RecordBatchStream } from "../streams/record_batch_stream.ts";
import type { ScriptFilter } from "../stages/row_filter.ts";
import type { RowGroupFilter } from "./row_group_filters.ts";
import type { RowSlice } from "../stages/row_slice.ts";
import { RowWindow } from "../stages/row_window.ts";
import { ScanPlan } from "./scan_plan.ts";
import { ProgressReporter, type ScanProgress } from "./scan_progress.ts";
import { nothingSpared } from "./scan_pruning.ts";
import type { ScanSource } from "./scan_source.ts";
import type { ScanStats } from "./scan_stats.ts";
import { ScriptTest } from "../stages/script_test.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";
import type { Step } from "../stages/step.ts";
import { stepText } from "../stages/step_text.ts";

/** What is done to a scan's batches, in this order. */
export interface ScriptedSteps {
  /** Which rows stay; `null` where the scan tests them. */
  readonly filter: ScriptFilter | null;
  /** The rows to give, of those that stay; `null` where the scan counts them. */
  readonly slice: RowSlice | null;
  /** Which columns and parts of columns to give, of the scan's schema; `null` for all. */
  readonly choose: ((schema: Schema) => Promise<Schema>) | null;
  /** The steps behind the filter, for the plan. */
  readonly steps: readonly Step[];
  /** Told about the progress, unless the scan tells it itself. */
  readonly progress: ((progress: ScanProgress) => void) | null;
}

/** The underlying source of a `RecordBatchStream` over a scan and what is done to its batches. */
export class ScriptedSource implements BatchSource {
  /** Whether the scan has a plan. */
  readonly planned: boolean;
  readonly #scan: ScanSource;
  readonly #batches: ReadableStreamDefaultReader<SpillwayBatch>;
  readonly #test: ScriptTest | null;
  readonly #window: RowWindow | null;
  readonly #choose: ScriptedSteps["choose"];
  readonly #steps: readonly string[];
  readonly #report: ScriptedSteps["progress"];
  #progress: ProgressReporter | null = null;
  #schema: Promise<Schema> | null = null;
  #given = { rows: 0, batches: 0, bytes: 0 };
  #shared = false;
  #done = false;

  /**
   * @param scan The scan, of which nothing has been read.
   * @param steps What is done to its batches.
   */
  constructor(scan: ScanSource, { filter, slice, choose, steps, progress }: ScriptedSteps) {
    this.#scan = scan;
    this.planned = scan.planned;
    this.#test = filter && new ScriptTest(filter);
    this.#window = slice && new RowWindow(slice);
    this.#choose = choose;
    this.#steps = steps.map(stepText);
    this.#report = progress;
    const { rowGroups } = this.#test ?? {};
    if (rowGroups) scan.skipRowGroups(rowGroups);
    this.#batches = new RecordBatchStream(scan).getReader();
  }

  /** Called by the stream: an abort reaches it at once, also while nothing is pulled. */
  start(controller: BatchController): void {
    this.#batches.closed.catch((error) => {
      this.#done = true;
      controller.error(error);
    });
  }

  /** Called by the stream when the consumer wants a batch. */
  async pull(controller: BatchController): Promise<void> {
    const report = this.#report;
    if (report) {
      this.#progress ??= new ProgressReporter(report, performance.now(), {
        filters: true,
        byBytes: this.#scan.isText,
      });
    }
    try {
      while (!this.#done) {
        const { value } = this.#window?.done ? { value: undefined } : await this.#batches.read();
        if (this.#done) return value?.giveUp();
        if (value === undefined) return await this.#end(controller);
        const batch = await this.#through(value);
        this.#progress?.batch(() => this.#counters(), performance.now());
        if (batch === null) continue;
        // Cancelled or aborted meanwhile.
        if (this.#done) return batch.giveUp();
        this.#give(controller, batch);
        if (this.#window?.done) await this.#end(controller);
        return;
      }
    } catch (error) {
      this.#done = true;
      await this.#batches.cancel(error).catch(() => {});
      throw error;
    }
  }

  /** Called by the stream when the consumer wants no more. */
  cancel(reason: unknown): Promise<void> {
    this.#done = true;
    return this.#batches.cancel(reason);
  }

  /** The schema of the batches. */
  schema(): Promise<Schema> {
    return this.#schema ??= this.#readSchema();
  }

  /** The scan's plan, with what is done to its batches. */
  async plan(): Promise<ScanPlan> {
    const plan = await this.#scan.plan();
    const outputs = (await this.schema()).fields.map(({ name }) => name);
    const test = this.#test;
    const steps = [...plan.steps, ...test === null ? [] : [`where ${test.text}`], ...this.#steps];
    return new ScanPlan({
      ...plan,
      steps,
      outputs,
      lanes: plan.lanes.map((lane) => ({ ...lane, given: outputs.includes(lane.column) })),
      filter: test?.text ?? plan.filter,
      pruning: plan.pruning ?? nothingSpared(),
    });
  }

  /** What the file says about itself. */
  metadata(): Promise<FileMetadata> {
    return this.#scan.metadata();
  }

  /** What the scan has done so far, of which not all may have been given. */
  stats(): ScanStats {
    const stats = this.#scan.stats();
    if (this.#test === null) return { ...stats, ...this.#given };
    return { ...stats, ...this.#given, pruning: this.#test.pruning(stats.pruning) };
  }

  /** From now on batches are copies. */
  copyFromNowOn(): void {
    this.#scan.copyFromNowOn();
  }

  /** Batches go to several consumers from now on. */
  shareFromNowOn(): void {
    this.#shared = true;
  }

  /** Steps behind this one stay transforms. */
  fuse(): null {
    return null;
  }

  /** Which rows come depends on JavaScript: statistics tell nothing of them. */
  fileColumn(): null {
    return null;
  }

  /** As no column is one of the file. */
  within(): null {
    return null;
  }

  /** Leaves out row groups, unless rows are counted. */
  skipRowGroups(filter: RowGroupFilter): void {
    if (this.#window === null) this.#scan.skipRowGroups(filter);
  }

  async #readSchema(): Promise<Schema> {
    const schema = await this.#scan.schema();
    return this.#choose === null ? schema : narrowSchema(schema, await this.#choose(schema));
  }

  /** What is left of a batch; `null` where it is nothing. */
  async #through(batch: SpillwayBatch): Promise<SpillwayBatch | null> {
    const tested = this.#test === null ? batch : await this.#test.apply(batch);
    const counted = tested && this.#window ? this.#window.take(tested) : tested;
    return counted && this.#choose ? narrowBatch(counted, await this.schema()) : counted;
  }

  #give(controller: BatchController, batch: SpillwayBatch): void {
    const { rows, batches, bytes } = this.#given;
    this.#given = {
      rows: rows + batch.numRows,
      batches: batches + 1,
      bytes: bytes + batch.byteLength,
    };
    batch.shared = this.#shared;
    controller.enqueue(batch);
  }

  /** The counters; the rows that were looked at are those that came this far. */
  #counters(): ScanStats {
    const stats = this.stats();
    return { ...stats, rowsPlanned: stats.pruning?.filter.rowsTested ?? stats.rowsPlanned };
  }

  async #end(controller: BatchController): Promise<void> {
    this.#done = true;
    this.#progress?.end(this.#counters(), performance.now());
    controller.close();
    await this.#batches.cancel();
  }
}
