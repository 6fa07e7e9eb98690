/**
 * Keeps what one runner prints while another's output is shown.
 *
 * @module
 */

import type { Screen, Sink } from "./run_suite.ts";

/** A screen that shows nothing until it is told to, and what comes from then on at once. */
export class HeldScreen implements Screen {
  readonly #to: Sink;
  #held: Uint8Array[] | null = [];
  /** Both outputs are shown as one: the order in which they were printed says more than the stream. */
  readonly stdout: Screen["stdout"] = { writeSync: (bytes) => this.#write(bytes) };
  readonly stderr: Screen["stderr"] = this.stdout;

  constructor(to: Sink) {
    this.#to = to;
  }

  /** Shows what was held back. */
  show(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const bytes of held) this.#print(bytes);
  }

  #write(bytes: Uint8Array): number {
    if (this.#held) this.#held.push(bytes.slice());
    else this.#print(bytes);
    return bytes.length;
  }

  #print(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += this.#to.writeSync(bytes.subarray(at));
  }
}
