/**
 * Says of a series of samples whether what it shows is flat.
 *
 * @module
 */

import { type Sample, series, type SeriesName } from "./sample.ts";
import { theilSenSlope } from "./theil_sen.ts";

/** What was found of one series. */
export interface Verdict {
  readonly series: SeriesName;
  /** Whether it leaks. */
  readonly leaks: boolean;
  /** What was seen, in words and numbers. */
  readonly seen: string;
}

/** What a series may grow by. */
export interface GrowthBound {
  /** For each 10,000 operations, by the slope through the moments of rest after the warm-up. */
  readonly perTenThousand: number;
  /** In all, by that slope: what a short soak can't tell from the runtimes' own ups and downs. */
  readonly inAll: number;
}

/** The part of a soak's operations that isn't judged: code is compiled, and heaps grow to their size. */
export const WARM_UP = 0.25;

const MEBIBYTE = 2 ** 20;

/** What must be back to nothing whenever the process is at rest. */
const exact: readonly SeriesName[] = ["streamBytes", "ourDescriptors", "ourMaps"];

/**
 * What may grow, and by how much. A single page of 4 KiB that each operation left behind would be 39 MiB in 10,000.
 *
 * In half hours of 75,000 to 99,000 operations 0.2 to 1.2 MiB of memory in 10,000 were seen, and 0.03 MiB of heap. In
 * 2,000 to 16,000 operations of that time memory that was flat in the whole rose by up to 35 MiB, the heap by 1.
 */
export const bounds: Readonly<Partial<Record<SeriesName, GrowthBound>>> = {
  anonymousBytes: { perTenThousand: 4 * MEBIBYTE, inAll: 64 * MEBIBYTE },
  fileBytes: { perTenThousand: MEBIBYTE, inAll: 4 * MEBIBYTE },
  heapBytes: { perTenThousand: MEBIBYTE / 4, inAll: 2 * MEBIBYTE },
  descriptors: { perTenThousand: 1, inAll: 8 },
  maps: { perTenThousand: 20, inAll: 100 },
  threads: { perTenThousand: 1, inAll: 8 },
};

/**
 * Judges each series; where something was not given back, only that, since the soak ended there.
 *
 * @param samples All samples of a process, in order
 * @throws {RangeError} Where there are too few moments of rest to judge by
 */
export function judge(samples: readonly Sample[]): Verdict[] {
  const atRest = samples.filter((sample) => sample.atRest);
  const [first, last] = [atRest[0], atRest.at(-1)];
  const returned = [
    ...exact.map((name) => judgeExact(name, atRest, 0)),
    judgeExact("ourThreads", atRest, first?.ourThreads ?? 0),
  ];
  if (returned.some(({ leaks }) => leaks)) return returned;
  const warmUp = WARM_UP * (last?.operations ?? 0);
  const judged = atRest.filter(({ operations }) => operations >= warmUp);
  if (judged.length < 4) throw new RangeError(`${judged.length} moments of rest tell too little`);
  const growing = Object.entries(bounds).map(([name, bound]) =>
    judgeGrowth(name as SeriesName, judged, bound)
  );
  return [...returned, ...growing];
}

function judgeExact(name: SeriesName, atRest: readonly Sample[], expected: number): Verdict {
  const wrong = atRest.find((sample) => sample[name] !== expected);
  const seen = wrong
    ? `${wrong[name]} instead of ${expected} at rest after ${wrong.operations} operations`
    : `${expected} at each of ${atRest.length} moments of rest`;
  return { series: name, leaks: wrong !== undefined, seen };
}

function judgeGrowth(name: SeriesName, judged: readonly Sample[], bound: GrowthBound): Verdict {
  const slope = theilSenSlope(judged.map((sample) => ({ x: sample.operations, y: sample[name] })));
  const perTenThousand = slope * 10_000;
  const operations = judged.at(-1)!.operations - judged[0]!.operations;
  const inAll = slope * operations;
  return {
    series: name,
    leaks: perTenThousand > bound.perTenThousand && inAll > bound.inAll,
    seen: `${amount(name, perTenThousand)} in 10,000 operations, ` +
      `at most ${amount(name, bound.perTenThousand)} (${amount(name, inAll)} in ${operations})`,
  };
}

/** A number of a series with its unit. */
export function amount(name: SeriesName, value: number): string {
  if (!name.endsWith("Bytes")) return value.toFixed(Number.isInteger(value) ? 0 : 2);
  return `${(value / MEBIBYTE).toFixed(2)} MiB`;
}

/** Says a verdict in a line. */
export function describeVerdict({ series: name, leaks, seen }: Verdict): string {
  return `${leaks ? "LEAKS" : "flat "} ${series[name]}: ${seen}`;
}
