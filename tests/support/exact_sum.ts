/**
 * A sum of doubles that is rounded once, at the end, as Python's `math.fsum` gives it.
 *
 * Shewchuk's partials: non-overlapping doubles whose exact sum is the exact sum of everything added.
 */
export class ExactSum {
  #partials: number[] = [];
  #overflowed = false;

  /** @param value A finite number */
  add(value: number): void {
    let x = value;
    let kept = 0;
    for (const partial of this.#partials) {
      let y = partial;
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low !== 0) this.#partials[kept++] = low;
      x = high;
    }
    this.#partials.length = kept;
    this.#partials.push(x);
    if (!Number.isFinite(x)) this.#overflowed = true;
  }

  /** @returns The rounded sum, or `undefined` when it left the range of a double on the way */
  value(): number | undefined {
    if (this.#overflowed) return undefined;
    const partials = [...this.#partials];
    let high = partials.pop() ?? 0;
    let low = 0;
    while (partials.length > 0) {
      const x = high;
      const y = partials.pop()!;
      high = x + y;
      low = y - (high - x);
      if (low !== 0) break;
    }
    // Half-way cases: the partials that are left decide which neighbour is nearer.
    const next = partials.at(-1) ?? 0;
    if ((low < 0 && next < 0) || (low > 0 && next > 0)) {
      const doubled = low * 2;
      const rounded = high + doubled;
      if (doubled === rounded - high) high = rounded;
    }
    return high;
  }
}
