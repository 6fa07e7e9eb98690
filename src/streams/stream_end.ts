/**
 * The end of a stream, in any way.
 *
 * @module
 */
import { listenWeakly } from "./weak_abort_listener.ts";

/** Whether a stream has ended, and who hears of it. */
export class StreamEnd {
  #controller: AbortController | null = null;
  #done = false;
  #aborted = false;
  #stopListening: () => void = () => {};

  /** Whether it has. */
  get done(): boolean {
    return this.#done;
  }

  /** Aborts at the end. Made when it is asked for: most streams end without, which is cheaper. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#done) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Ends `target` where the signal aborts, as long as that is alive. */
  listen<Target extends object>(
    signal: AbortSignal,
    target: Target,
    heard: (target: Target, reason: unknown) => void,
  ): void {
    this.#stopListening = listenWeakly(signal, target, heard);
  }

  /** Another stream hears the signal from now on. */
  stopListening(): void {
    this.#stopListening();
  }

  /** The signal, or the writer, is what ends the stream. */
  markAborted(): void {
    this.#aborted = true;
  }

  /** The stream ends: everybody hears of it once. */
  finish(): void {
    this.#done = true;
    this.#stopListening();
    this.#controller?.abort();
  }

  /** Without telling anybody: another stream's end is this one's. */
  follow(): void {
    this.#done = true;
  }

  /** What ends facts that are asked for: a signal that the end made meaningless ends nothing. */
  factSignal(signal: AbortSignal | null): AbortSignal | null {
    return this.#done && !this.#aborted ? null : signal;
  }
}
