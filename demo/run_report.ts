import type { ScanStats } from "spillway";
import { bytes, count, duration, percent } from "./format.ts";
import { sparkline } from "./sparkline.ts";

/** What the library did, over all the scans of a run. */
export class RunReport {
  readonly #startedAt = performance.now();
  readonly #stats: ScanStats[] = [];
  /** Of all batches: `stats().decisions` keeps the last 256 only. */
  readonly #chunkRows: number[] = [];
  #firstBatchAt: number | undefined;

  /** A batch has come. */
  batchCame(rows: number): void {
    this.#firstBatchAt ??= performance.now();
    this.#chunkRows.push(rows);
  }

  /** A scan has been read to its end. */
  scanDone(stats: ScanStats): void {
    this.#stats.push(stats);
  }

  print(): void {
    const elapsedMs = performance.now() - this.#startedAt;
    const perSecond = (amount: number) => amount / (elapsedMs / 1000);
    const rows = this.#sum("rows");
    const decoded = this.#sum("bytes");
    const peak = this.#most("peakBytes");
    const limit = this.#most("limitBytes");
    console.log("\nWhat the library did");
    line("rows", `${count(rows)} in ${count(this.#sum("batches"))} batches`);
    line("bytes", `${bytes(this.#sum("totalCompressedBytes"))} read, ${bytes(decoded)} decoded`);
    line("time", `${duration(elapsedMs)}, on ${this.#most("threads")} decoding threads`);
    line(
      "throughput",
      `${count(perSecond(rows))} rows/s, ${bytes(perSecond(decoded))}/s decoded`,
    );
    if (this.#firstBatchAt) {
      line("first batch", `after ${duration(this.#firstBatchAt - this.#startedAt)}`);
    }
    line(
      "memory",
      `${bytes(peak)} held at most, of a limit of ${bytes(limit)} (${percent(peak / limit)})`,
    );
    this.#printChunks();
  }

  #printChunks(): void {
    const rows = this.#chunkRows;
    if (rows.length === 0) return;
    const least = rows.reduce((a, b) => Math.min(a, b));
    const most = rows.reduce((a, b) => Math.max(a, b));
    line("chunk sizes", `${sparkline(rows)}  ${count(least)} to ${count(most)} rows, over time`);
    const last = this.#stats.at(-1)?.decisions.at(-1);
    if (last) line("", `the last decision: ${last.reason}`);
  }

  #sum(key: "rows" | "batches" | "bytes" | "totalCompressedBytes"): number {
    return this.#stats.reduce((sum, stats) => sum + stats[key], 0);
  }

  #most(key: "peakBytes" | "limitBytes" | "threads"): number {
    return Math.max(0, ...this.#stats.map((stats) => stats[key]));
  }
}

function line(title: string, text: string): void {
  console.log(`  ${title.padEnd(12)} ${text}`);
}
