/** Changes a file at a point of time that is told, while the thread that started it reads that file. */
import { type Change, prepareChange } from "./change.ts";

/** What the worker is told. */
export interface ChangeOrder {
  readonly change: Change;
  /** How long after the start it waits. */
  readonly delayMicros: number;
  /** Its first number is 1 once the time runs, its second 1 once nothing is left to wait for. */
  readonly signals: Int32Array<SharedArrayBuffer>;
}

/** What the worker tells. */
export type ChangeNews = "listening" | "prepared" | "changed";

/** What a worker's global scope has, and a window's has in another form. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ChangeOrder>) => void) | null;
  postMessage(message: ChangeNews): void;
}

const MILLISECOND_MICROS = 1_000;
const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { change, delayMicros, signals } }) => {
  const apply = prepareChange(change);
  scope.postMessage("prepared");
  Atomics.wait(signals, 0, 0);
  const end = performance.now() + delayMicros / MILLISECOND_MICROS;
  // Timers are no more exact than milliseconds.
  while (performance.now() < end && Atomics.load(signals, 1) === 0);
  apply();
  scope.postMessage("changed");
};
scope.postMessage("listening");
