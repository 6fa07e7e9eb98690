/**
 * Memory that one batch has, or several have.
 *
 * @module
 */

/** Buffers that are freed when the last batch that holds them lets go. */
export class BatchMemory {
  readonly #buffers: readonly ArrayBuffer[];
  readonly #slots: readonly number[];
  #holders = 1;

  /**
   * @param buffers The buffers. The batch that is made of them holds them.
   * @param slots What the library knows each of them by; 0, or none, for one that it doesn't.
   */
  constructor(buffers: readonly ArrayBuffer[], slots: readonly number[] = []) {
    this.#buffers = buffers;
    this.#slots = slots;
  }

  /** What the library knows the buffers by; nothing where several batches hold them. */
  ownSlots(): ReadonlyMap<ArrayBuffer, number> {
    const slots = new Map<ArrayBuffer, number>();
    if (this.#holders > 1) return slots;
    this.#buffers.forEach((buffer, index) => slots.set(buffer, this.#slots[index] ?? 0));
    return slots;
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
