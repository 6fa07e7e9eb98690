import { expect } from "@std/expect";
import { drawCharts } from "../soak/leaks/chart.ts";
import { bounds, judge, WARM_UP } from "../soak/leaks/judge.ts";
import { type Sample, type SeriesName, seriesNames } from "../soak/leaks/sample.ts";
import { toCsv } from "../soak/leaks/table.ts";
import { theilSenSlope } from "../soak/leaks/theil_sen.ts";
import { test } from "./support/harness.ts";

const MEBIBYTE = 2 ** 20;
const OPERATIONS = 20_000;

/** A soak of a hundred moments, every second of which is one of rest, and whatever one of its series does. */
function soak(change: (operations: number, atRest: boolean) => Partial<Sample> = () => ({})) {
  return Array.from({ length: 101 }, (_, at): Sample => {
    const operations = (at * OPERATIONS) / 100;
    const atRest = at % 2 === 0;
    return {
      seconds: at * 10,
      operations,
      atRest,
      anonymousBytes: 100 * MEBIBYTE,
      fileBytes: 50 * MEBIBYTE,
      heapBytes: 10 * MEBIBYTE,
      streamBytes: atRest ? 0 : 1_000,
      descriptors: 20,
      ourDescriptors: atRest ? 0 : 3,
      maps: 300,
      ourMaps: atRest ? 0 : 3,
      threads: 11,
      ourThreads: 2,
      ...change(operations, atRest),
    };
  });
}

function leaking(samples: readonly Sample[]): SeriesName[] {
  return judge(samples).filter(({ leaks }) => leaks).map(({ series }) => series);
}

test("the slope of a line is that of its points", () => {
  const points = [5, 1, 3, 2].map((x) => ({ x, y: 7 - 2 * x }));
  expect(theilSenSlope(points)).toBe(-2);
});

test("the slope is the middle of all pairs' slopes, or that between the two in the middle", () => {
  expect(theilSenSlope([{ x: 0, y: 0 }, { x: 1, y: 1 }, { x: 2, y: 4 }])).toBe(2);
  const four = [{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 2, y: 0 }, { x: 3, y: 9 }];
  // 0, 0, 0 between the first three; 3, 4.5 and 9 to the last.
  expect(theilSenSlope(four)).toBe(1.5);
});

test("a fourth of the points may be anything without bending the slope", () => {
  const points = Array.from({ length: 40 }, (_, x) => ({ x, y: x % 4 === 3 ? 1e9 : x / 2 }));
  expect(Math.abs(theilSenSlope(points) - 0.5)).toBeLessThan(0.05);
});

test("points above one another have no slope", () => {
  expect(theilSenSlope([{ x: 1, y: 0 }, { x: 1, y: 5 }, { x: 2, y: 3 }])).toBe(0.5);
  expect(() => theilSenSlope([{ x: 1, y: 0 }, { x: 1, y: 5 }])).toThrow(RangeError);
  expect(() => theilSenSlope([])).toThrow(RangeError);
});

test("what stays as it is is flat, and each series is judged", () => {
  const verdicts = judge(soak());
  expect(verdicts.every(({ leaks }) => !leaks)).toBe(true);
  expect(verdicts.map(({ series }) => series).sort()).toEqual(seriesNames.toSorted());
});

for (const name of ["streamBytes", "ourDescriptors", "ourMaps"] as const) {
  test(`${name}: one at a single moment of rest is a leak`, () => {
    expect(leaking(soak((operations) => operations === 10_000 ? { [name]: 1 } : {}))).toEqual([
      name,
    ]);
  });
}

test("another thread of the library's at a moment of rest is a leak", () => {
  expect(leaking(soak((operations) => ({ ourThreads: operations < 15_000 ? 2 : 3 }))))
    .toEqual(["ourThreads"]);
});

for (const [name, { perTenThousand, inAll }] of Object.entries(bounds)) {
  // What is judged lasts for fewer operations than the soak.
  const slope = (2 * Math.max(perTenThousand, inAll)) / 10_000;
  test(`${name}: more than it may grow by is a leak`, () => {
    expect(leaking(soak((operations) => ({ [name]: 1e6 + slope * operations })))).toEqual([name]);
  });
  test(`${name}: what it grows by in the warm-up is none`, () => {
    const last = WARM_UP * OPERATIONS;
    expect(leaking(soak((operations) => ({ [name]: 1e6 + slope * Math.min(operations, last) }))))
      .toEqual([]);
  });
  test(`${name}: what it has between moments of rest, or at some of them, is none`, () => {
    expect(leaking(soak((operations, atRest) => ({
      [name]: atRest && operations % 2_000 !== 0 ? 1e6 : 2e9 + operations * slope,
    })))).toEqual([]);
  });
}

test("a short soak's few pages are no leak, however steep", () => {
  const short = soak((operations) => ({
    operations: operations / 100,
    anonymousBytes: 100 * MEBIBYTE + (operations / OPERATIONS) * 20 * MEBIBYTE,
  }));
  expect(leaking(short)).toEqual([]);
});

test("a soak that ended because something is held tells of that, however short", () => {
  const ended = soak((operations) => ({ ourMaps: operations > 0 ? 2 : 0 })).slice(0, 3);
  expect(judge(ended).filter(({ leaks }) => leaks)).toEqual([{
    series: "ourMaps",
    leaks: true,
    seen: "2 instead of 0 at rest after 400 operations",
  }]);
});

test("too few moments of rest tell nothing", () => {
  expect(() => judge(soak().slice(0, 6))).toThrow(RangeError);
  expect(() => judge([])).toThrow(RangeError);
});

test("a drawing has each series, its title and what leaks, and is small", () => {
  const samples = Array.from({ length: 40 }, () => soak()).flat()
    .map((sample, at) => ({ ...sample, seconds: at, anonymousBytes: (at % 97) * MEBIBYTE }));
  const drawing = drawCharts(samples, {
    title: "Deno <2 & Bun>",
    verdicts: [{ series: "maps", leaks: true, seen: "" }],
  });
  expect(drawing).toContain("Deno &lt;2 &amp; Bun>");
  expect(drawing).toContain(">Maps, all: leaks<");
  expect(drawing.match(/<polyline /g)).toHaveLength(2 * seriesNames.length);
  // The highest sample is never thinned out.
  expect(drawing).toContain("96.00 MiB");
  expect(drawing.length).toBeLessThan(60_000);
});

test("samples as CSV have a header and a line each", () => {
  const [header, first, ...others] = toCsv(soak()).trimEnd().split("\n");
  expect(header).toBe(["seconds", "operations", "atRest", ...seriesNames].join(","));
  expect(first).toBe("0,0,1,104857600,52428800,10485760,0,20,0,300,0,11,2");
  expect(others).toHaveLength(100);
});
