/**
 * Memory that one batch has, or several have.
 *
 * @module
 */

/** Buffers that are freed when the last batch that holds them lets go. */
export class BatchMemory {
  readonly #buffers: readonly ArrayBuffer[];
  #holders = 1;

  /** @param buffers The buffers. The batch that is made of them holds them. */
  constructor(buffers: readonly ArrayBuffer[]) {
    this.#buffers = buffers;
  }

  /** Lets another batch hold the memory too. */
  hold(): BatchMemory {
    this.#holders++;
    return this;
  }

  /** Called once by each that holds it: the last frees it. */
  letGo(): void {
    if (--this.#holders === 0) this.#buffers.forEach(detach);
  }
}

/**
 * Detaches a buffer, so that its views become empty, and lets go of its memory: a buffer that owns
 * native memory frees it here and now. Where something else still uses the memory, such as a write
 * to a file that is under way, the runtime keeps it until that is done.
 */
function detach(buffer: ArrayBuffer): void {
  // Whoever detached it owns its memory now.
  if (buffer.detached) return;
  try {
    buffer.transfer(0);
  } catch {
    // Pinned by the runtime: the collector frees it later.
  }
}
