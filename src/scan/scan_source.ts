/**
 * The source under a stream of batches: it pulls from the native scan, one batch for each pull.
 *
 * @module
 */
import { Schema } from "apache-arrow";
import { noCounters } from "../../ffi/counters.ts";
import type { Scan } from "../../ffi/scan.ts";
import type { CheckedScan } from "./check_scan.ts";
import type { FileRequest } from "../find/dataset_files.ts";
import { FileNotFoundError } from "../errors.ts";
import type { BatchController as Controller, BatchSource } from "../streams/batch_source.ts";
import { type RowGroupFilter, RowGroupFilters } from "./row_group_filters.ts";
import { RowWindow } from "../stages/row_window.ts";
import { beginScan, type RunningScan, untilGiven } from "./running_scan.ts";
import { ScanSteps } from "./scan_steps.ts";
import { SkippedReporter } from "./skipped_reporter.ts";
import type { Step } from "../stages/step.ts";
import { stepText } from "../stages/step_text.ts";
import { StreamEnd } from "../streams/stream_end.ts";
import { turnIfDue } from "../streams/event_loop_turn.ts";
import type { FileMetadata } from "./file_metadata.ts";
import { ProgressReporter } from "./scan_progress.ts";
import { nothingPlanned, type PlannedRowGroup, ScanPlan, type ScanPlanData } from "./scan_plan.ts";
import type { ScanCounters, ScanStats } from "./scan_stats.ts";
import { sumOfStats } from "./sum_of_stats.ts";
import { untilAborted } from "../streams/until_aborted.ts";

/** The underlying source of a `RecordBatchStream` over a file. */
export class ScanSource implements BatchSource {
  readonly #options: CheckedScan;
  readonly #steps: ScanSteps;
  readonly #window: RowWindow | null;
  /** The source that does another step too, and is pulled instead of this one. */
  #successor: ScanSource | null = null;
  /** The source that this one has taken the place of: its stream ends as this one's does. */
  #origin: ScanSource | null = null;
  #controller: Controller | null = null;
  #rowGroupFilters = new RowGroupFilters();
  /** Scans of some of the rows, which do this one's work. */
  readonly #parts: ScanSource[] = [];
  #shared = false;
  #pulled = false;
  #zeroCopy: boolean;
  #running: RunningScan | null = null;
  #progress: ProgressReporter | null = null;
  #schema: Schema | null = null;
  readonly #ending = new StreamEnd();
  readonly #skipped: SkippedReporter | null;
  #copiedBatches = 0;
  #copiedBytes = 0;

  /**
   * @param options The scan's options.
   * @param steps The steps that it does too.
   */
  constructor(options: CheckedScan, steps = new ScanSteps({ ...options })) {
    this.#options = options;
    this.#steps = steps;
    this.#window = steps.after && new RowWindow(steps.after);
    this.#zeroCopy = options.zeroCopy;
    const { onFileError } = options;
    this.#skipped = typeof onFileError === "function" ? new SkippedReporter(onFileError) : null;
  }

  /** A scan of files has a plan; one of bytes that are pushed has none. */
  get planned(): boolean {
    return !this.#options.text?.pushed;
  }

  /** Whether a text is read: how many rows it has isn't known before. */
  get isText(): boolean {
    return this.#options.text !== null;
  }

  #isNone(files: readonly FileRequest[]): boolean {
    return files.length === 0 && this.planned;
  }

  /** Called by the stream: nothing is opened, only the signal is listened to. */
  start(controller: Controller): void {
    this.#controller = controller;
    const { signal, text } = this.#options;
    text?.input?.onAbort((reason) => this.#abort(reason));
    if (signal === null) return;
    if (signal.aborted) return this.#abort(signal.reason);
    this.#ending.listen(signal, this, ScanSource.#heard);
  }

  /** Called by the stream when the consumer wants a batch: answers at once if there is one. */
  pull(controller: Controller): Promise<void> | void {
    if (this.#successor !== null) return;
    this.#pulled = true;
    const now = performance.now();
    const { progress } = this.#options;
    const { filters } = this.#steps;
    const byBytes = this.isText;
    if (progress) this.#progress ??= new ProgressReporter(progress, now, { filters, byBytes });
    if (this.#window?.done) return this.#end(controller);
    const running = this.#running;
    if (running === null || !running.started) return this.#giveFirst(controller, now);
    const { scan, sizes } = running;
    try {
      const rows = sizes.pulled(controller.desiredSize, now);
      const pause = scan.pressure.relieve(scan.lastBatch()) ?? turnIfDue(now);
      if (pause === null && this.#give(controller, running, rows)) return;
      return this.#giveLater(controller, running, rows, pause);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Called by the stream when the consumer wants no more. */
  cancel(): void {
    this.#finish();
    this.#endOrigin();
  }

  /** A scan that does a step too, in this one's place. */
  fuse(step: Step): ScanSource | null {
    // What was pushed is read once.
    const begun = this.#pulled || this.#ending.done || this.#options.text?.input?.opened;
    const steps = begun ? null : this.#steps.and(step);
    if (steps === null) return null;
    // What was opened for the schema or the plan shows another scan.
    this.#running?.scan.close();
    this.#running = null;
    this.#ending.stopListening();
    const successor = new ScanSource(this.#options, steps);
    successor.#zeroCopy = this.#zeroCopy;
    successor.#rowGroupFilters = this.#rowGroupFilters;
    successor.#shared = this.#shared;
    successor.#origin = this;
    this.#successor = successor;
    return successor;
  }

  /** The column of the file that a column is, where a whole row group's statistics tell of it. */
  fileColumn(column: string): string | null {
    if (this.#pulled || this.#ending.done || this.#successor !== null) return null;
    const { rowIndex, files, text } = this.#options;
    const name = rowIndex === null && text === null ? this.#steps.fileColumn(column) : null;
    return name === null || files.isConstant(name) ? null : name;
  }

  /** A scan of some of the rows. */
  within(rowGroups: readonly PlannedRowGroup[]): ScanSource {
    const options = { ...this.#options, files: this.#options.files.some(rowGroups) };
    const source = new ScanSource(options, this.#steps.within(rowGroups));
    source.#zeroCopy = this.#zeroCopy;
    this.#parts.push(source);
    return source;
  }

  /** Leaves out row groups, unless rows are counted or columns are others than the file's. */
  skipRowGroups(filter: RowGroupFilter): void {
    const { prune, text } = this.#options;
    if (prune.statistics === false || text !== null) return;
    if (!this.#pulled && this.#steps.onlyFilter) this.#rowGroupFilters.add(filter);
  }

  /** Batches go to several consumers from now on. */
  shareFromNowOn(): void {
    this.#shared = true;
  }

  /** From now on batches are copies, which don't count against the limit. */
  copyFromNowOn(): void {
    this.#zeroCopy = false;
  }

  /** The schema of the batches: opens the first file if it isn't open yet. */
  async schema(): Promise<Schema> {
    if (this.#schema !== null) return this.#schema;
    const files = await this.#files();
    if (this.#isNone(files)) {
      const { schema } = this.#options;
      return typeof schema === "string" ? new Schema([]) : schema;
    }
    return this.#schema ??= await this.#opened((scan) => scan.schema);
  }

  /** The plan: opens the file if it isn't open; of many, each for its footer. */
  async plan(): Promise<ScanPlan> {
    const files = await this.#files();
    const steps = this.#steps.taken.map(stepText);
    if (this.#isNone(files)) return new ScanPlan({ ...nothingPlanned(), steps });
    const read = (scan: Scan) => {
      const plan = scan.plan() as Omit<ScanPlanData, "steps">;
      return new ScanPlan(this.#rowGroupFilters.plan({ ...plan, steps }));
    };
    if (files.length < 2 || this.#options.text !== null) return await this.#opened(read);
    const { scan } = this.#run(files, { explain: true });
    try {
      await untilAborted(scan.opened(), this.#ending.factSignal(this.#options.signal));
      return read(scan);
    } finally {
      scan.close();
    }
  }

  /** The first file's footer: opens the file if it isn't open. */
  async metadata(): Promise<FileMetadata> {
    if (this.isText) throw new TypeError("Can't tell metadata: only Parquet files have any");
    return await this.#opened((scan) => scan.file() as FileMetadata);
  }

  /** What the scan has done so far. */
  stats(): ScanStats {
    if (this.#successor !== null) return this.#successor.stats();
    if (this.#parts.length > 0) return sumOfStats(this.#parts.map((part) => part.stats()));
    const { scan, sizes } = this.#running ?? {};
    return {
      ...this.#counters(scan),
      ...sizes?.times ?? { consumerMs: 0, waitMs: 0 },
      copiedBatches: this.#copiedBatches,
      copiedBytes: this.#copiedBytes,
      files: scan?.files() ?? [],
      pruning: scan === undefined ? null : this.#rowGroupFilters.pruning(scan.pruning()),
      decisions: sizes?.decisions ?? [],
      warnings: sizes?.warnings ?? [],
    };
  }

  /** Finds and opens the files, and enqueues the first batch. */
  async #giveFirst(controller: Controller, now: number): Promise<void> {
    let running: RunningScan;
    let rows: number;
    try {
      const { files: dataset } = this.#options;
      const files = dataset.atHand() ?? await dataset.list(this.#ending.signal);
      if (this.#ending.done) return;
      if (this.#isNone(files)) return this.#end(controller);
      running = this.#running ??= this.#run(files);
      const { scan, sizes } = running;
      rows = sizes.pulled(controller.desiredSize, now);
      await scan.opened();
      if (this.#ending.done) return;
      running.started = true;
      if (this.#give(controller, running, rows)) return;
      // Decoded here while the first batch is decoded there: both take milliseconds.
      this.#schema ??= scan.schema;
    } catch (error) {
      if (this.#ending.done) return;
      throw this.#failed(error);
    }
    await this.#giveLater(controller, running, rows, null);
  }

  /** Enqueues the next batch once it is there. */
  async #giveLater(
    controller: Controller,
    running: RunningScan,
    rows: number,
    pause: Promise<void> | null,
  ): Promise<void> {
    const { scan } = running;
    try {
      await pause;
      await untilGiven(scan, this.planned, () => {
        return this.#ending.done || this.#give(controller, running, rows);
      });
    } catch (error) {
      if (!this.#ending.done) throw this.#failed(error);
    }
  }

  /** Ends with an error. */
  #failed(error: unknown): unknown {
    this.#finish(error);
    this.#endOrigin(error);
    return error;
  }

  /** Enqueues the next batch, or closes the stream; `false` where neither can be done yet. */
  #give(controller: Controller, running: RunningScan, rows: number): boolean {
    const { scan, sizes } = running;
    for (;;) {
      const startedAt = performance.now();
      const next = scan.next(rows, this.#zeroCopy);
      if (next === "empty") return false;
      const now = performance.now();
      if (next === "end") {
        this.#end(controller);
        return true;
      }
      try {
        const handed = scan.lastBatch();
        if (!next.zeroCopy) {
          this.#copiedBatches++;
          this.#copiedBytes += handed.bytes;
        }
        sizes.handed(handed, now - startedAt, now);
        next.shared = this.#shared;
        const wanted = this.#window === null ? next : this.#window.take(next);
        // All its rows are skipped: the consumer waits for the next.
        if (wanted === null) continue;
        this.#progress?.batch(() => this.#counters(scan), now);
        this.#skipped?.tell(scan);
        controller.enqueue(wanted);
        if (this.#window?.done) this.#end(controller);
      } catch (error) {
        next.release();
        throw error;
      }
      return true;
    }
  }

  /** A scan's counters; what a window cuts off a batch was not given. */
  #counters(scan: Scan | undefined): ScanCounters {
    return { ...scan?.counters() ?? noCounters(), ...this.#window?.given };
  }

  /** Static, since a function that is made where `this` is known may keep it alive. */
  static #heard(source: ScanSource, reason: unknown): void {
    source.#abort(reason);
  }

  #abort(reason: unknown): void {
    if (this.#ending.done) return;
    this.#ending.markAborted();
    this.#finish(reason);
    this.#controller?.error(reason);
    this.#endOrigin(reason);
  }

  #end(controller: Controller): void {
    if (this.#running !== null) this.#skipped?.tell(this.#running.scan);
    this.#progress?.end(this.#counters(this.#running?.scan), performance.now());
    this.#finish();
    controller.close();
    this.#endOrigin();
  }

  /** Ends the streams of the sources that this one has taken the place of. */
  #endOrigin(...error: unknown[]): void {
    const origin = this.#origin;
    this.#origin = null;
    if (origin === null || origin.#controller === null) return;
    origin.#ending.follow();
    try {
      if (error.length > 0) origin.#controller.error(error[0]);
      else origin.#controller.close();
    } catch {
      // The stream has ended already, by its signal.
    }
    origin.#endOrigin(...error);
  }

  #finish(...error: unknown[]): void {
    this.#ending.finish();
    this.#options.text?.input?.close(...error);
    this.#running?.scan.close();
  }

  /** The files, for a fact that is asked for. */
  #files(): Promise<readonly FileRequest[]> {
    const signal = this.#ending.factSignal(this.#options.signal);
    signal?.throwIfAborted();
    return this.#options.files.list(signal);
  }

  /** Opens the file, unless it is, and reads something of it that is known then. */
  async #opened<Fact>(read: (scan: Scan) => Fact): Promise<Fact> {
    const files = await this.#files();
    if (this.#isNone(files)) {
      throw new FileNotFoundError("Can't open a file: the scan has none");
    }
    const over = this.#ending.done || this.#successor !== null;
    if (over && !this.planned) throw new TypeError("Can't read bytes again that were pushed");
    const running = over ? this.#run(files) : this.#running ??= this.#run(files);
    const { scan } = running;
    const shared = running === this.#running;
    try {
      await untilAborted(scan.opened(), this.#ending.factSignal(this.#options.signal));
      return read(scan);
    } catch (error) {
      // Cancelled or read to the end meanwhile: the file is opened again.
      if (shared && scan.closed) return this.#opened(read);
      // What was pushed can't be read again.
      if (!this.planned) throw this.#failed(error);
      // The next pull, if there is one, opens it again, and fails in the stream.
      if (shared) this.#running = null;
      scan.close();
      throw error;
    } finally {
      if (!shared) scan.close();
    }
  }

  #run(files: readonly FileRequest[], { explain = false } = {}): RunningScan {
    const rowGroups = this.#rowGroupFilters;
    return beginScan(this.#options, { steps: this.#steps, files, rowGroups, explain });
  }
}
