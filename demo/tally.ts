/** Flights and their delays, summed up: of a day, or of an airport. */
export class Tally {
  flights = 0;
  late = 0;
  totalDelay = 0;
  worstDelay = -Infinity;

  /** Counts one flight. Late means by a quarter of an hour or more, as airlines count it. */
  add(delayMinutes: number): void {
    this.flights++;
    this.totalDelay += delayMinutes;
    if (delayMinutes >= 15) this.late++;
    if (delayMinutes > this.worstDelay) this.worstDelay = delayMinutes;
  }

  get meanDelay(): number {
    return this.totalDelay / this.flights;
  }

  get lateShare(): number {
    return this.late / this.flights;
  }
}
