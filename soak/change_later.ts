import type { Change } from "./change.ts";
import type { ChangeNews, ChangeOrder } from "./change_worker.ts";

/** A change of a file that another thread makes, whatever this one is about then. */
export class ChangeLater implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #signals: Int32Array<SharedArrayBuffer>;
  readonly #changed: Promise<void>;

  private constructor(worker: Worker, signals: Int32Array<SharedArrayBuffer>) {
    this.#worker = worker;
    this.#signals = signals;
    this.#changed = told(worker, "changed");
  }

  /** Makes ready for a change, so many microseconds after {@linkcode begin}. */
  static async prepare(change: Change, delayMicros: number): Promise<ChangeLater> {
    const url = new URL("./change_worker.ts", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    const signals = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
    await told(worker, "listening");
    const prepared = told(worker, "prepared");
    worker.postMessage({ change, delayMicros, signals } satisfies ChangeOrder);
    await prepared;
    return new ChangeLater(worker, signals);
  }

  /** Lets the time run. */
  begin(): void {
    Atomics.store(this.#signals, 0, 1);
    Atomics.notify(this.#signals, 0);
  }

  /** Makes the change if it was not made yet, and ends the thread. */
  async [Symbol.asyncDispose](): Promise<void> {
    Atomics.store(this.#signals, 1, 1);
    this.begin();
    await this.#changed;
    this.#worker.terminate();
  }
}

function told(worker: Worker, news: ChangeNews): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<ChangeNews>) => {
      if (data === news) resolve();
    });
    worker.addEventListener("error", ({ message }) => reject(new Error(message)));
  });
}
