import type { RecordBatch, Vector } from "apache-arrow";
import { Tally } from "./tally.ts";
import { numberAt, wordsOf } from "./words.ts";

const MICROSECONDS_A_DAY = 86_400_000_000;
const MILLISECONDS_A_DAY = 86_400_000;

/** An airport or a day, with the tally of its flights. */
export type Named = readonly [name: string, tally: Tally];

/** Delays of flights by origin and by day, gathered batch by batch without keeping a batch. */
export class FlightDelays {
  /** By the code of the airport in the column's dictionary, which is one for the whole stream. */
  readonly #byOrigin: Tally[] = [];
  readonly #byDay = new Map<number, Tally>();
  #airports: Vector | undefined;

  /** Counts the flights of a batch: columns `date`, `delay` and, dictionary-encoded, `origin`. */
  add(batch: RecordBatch): void {
    const origins = dataOf(batch, "origin");
    this.#airports = origins.dictionary;
    while (this.#byOrigin.length < (origins.dictionary?.length ?? 0)) {
      this.#byOrigin.push(new Tally());
    }
    const codes: Int32Array = origins.values;
    const dates = wordsOf(dataOf(batch, "date").values);
    const delays = wordsOf(dataOf(batch, "delay").values);
    let day = NaN;
    let ofDay = new Tally();
    for (let row = 0; row < batch.numRows; row++) {
      const delayMinutes = numberAt(delays, row);
      const dayOfRow = Math.floor(numberAt(dates, row) / MICROSECONDS_A_DAY);
      // The file is sorted by date: one look-up a day.
      if (dayOfRow !== day) ofDay = this.#day(day = dayOfRow);
      ofDay.add(delayMinutes);
      this.#byOrigin[codes[row]!]!.add(delayMinutes);
    }
  }

  /** The airports with the most departures. */
  busiestOrigins(count: number): Named[] {
    return this.#byOrigin
      .map((tally, code): Named => [String(this.#airports?.get(code)), tally])
      .sort(([, a], [, b]) => b.flights - a.flights)
      .slice(0, count);
  }

  /** The days with the highest mean delay, of those with a number of flights that says something. */
  worstDays(count: number): Named[] {
    return [...this.#byDay]
      .filter(([, tally]) => tally.flights >= 1000)
      .sort(([, a], [, b]) => b.meanDelay - a.meanDelay)
      .slice(0, count)
      .map(([day, tally]): Named => [dateOf(day), tally]);
  }

  #day(day: number): Tally {
    const known = this.#byDay.get(day);
    if (known) return known;
    const tally = new Tally();
    this.#byDay.set(day, tally);
    return tally;
  }
}

function dataOf(batch: RecordBatch, name: string) {
  const data = batch.getChild(name)?.data[0];
  if (!data) throw new TypeError(`The file has no column ${name}`);
  return data;
}

function dateOf(day: number): string {
  return new Date(day * MILLISECONDS_A_DAY).toUTCString().slice(0, 16);
}
