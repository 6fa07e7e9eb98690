/**
 * Draws samples as an SVG: a small chart for each series, all over the same time.
 *
 * @module
 */

import { amount, type Verdict } from "./judge.ts";
import { type Sample, series, type SeriesName, seriesNames } from "./sample.ts";

const WIDTH = 420;
const HEIGHT = 130;
const GAP = 24;
const HEADING = 44;
const COLUMNS = 2;
const PLOT = { left: 78, right: 10, top: 24, bottom: 22 };

/** More points than pixels show nothing more. */
const MOST_POINTS = 240;

/** What the whole drawing says. */
export interface ChartOptions {
  readonly title: string;
  readonly verdicts: readonly Verdict[];
}

/**
 * Draws them.
 *
 * @param samples All samples, in order: grey; those at rest: blue
 * @param options Title and verdicts
 * @returns The SVG, with a newline at its end
 */
export function drawCharts(
  samples: readonly Sample[],
  { title, verdicts }: ChartOptions,
): string {
  const width = COLUMNS * (WIDTH + GAP) + GAP;
  const height = HEADING + Math.ceil(seriesNames.length / COLUMNS) * (HEIGHT + GAP);
  const charts = seriesNames.map((name, at) => {
    const x = GAP + (at % COLUMNS) * (WIDTH + GAP);
    const y = HEADING + Math.floor(at / COLUMNS) * (HEIGHT + GAP);
    const leaks = verdicts.some((verdict) => verdict.series === name && verdict.leaks);
    return `<g transform="translate(${x} ${y})">\n${drawChart(name, samples, leaks)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `font-family="sans-serif" font-size="11" fill="#333">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(GAP, 26, title, 'font-size="15"'),
    ...charts,
    "</svg>\n",
  ].join("\n");
}

function drawChart(name: SeriesName, samples: readonly Sample[], leaks: boolean): string {
  const values = samples.map((sample) => sample[name]);
  const lowest = 0;
  // Room above, and a height even where all is nothing.
  const highest = Math.max(...values) * 1.1 || 1;
  const last = samples.at(-1)?.seconds || 1;
  const [right, bottom] = [WIDTH - PLOT.right, HEIGHT - PLOT.bottom];
  const x = (seconds: number) => PLOT.left + (seconds / last) * (right - PLOT.left);
  const y = (value: number) =>
    bottom - ((value - lowest) / (highest - lowest)) * (bottom - PLOT.top);
  const line = (points: readonly Sample[], color: string, thickness: number) => {
    const coordinates = thinnedOut(points, name).map((sample) =>
      `${x(sample.seconds).toFixed(0)},${y(sample[name]).toFixed(1)}`
    );
    return `<polyline points="${coordinates.join(" ")}" fill="none" stroke="${color}" ` +
      `stroke-width="${thickness}"/>`;
  };
  const top = Math.max(...values);
  return [
    text(PLOT.left, 14, series[name] + (leaks ? ": leaks" : ""), 'font-size="12"'),
    `<path d="M${PLOT.left} ${PLOT.top}V${bottom}H${right}" fill="none" stroke="#999"/>`,
    text(PLOT.left - 6, bottom + 4, "0", 'text-anchor="end"'),
    text(PLOT.left - 6, y(top) + 4, top === 0 ? "" : amount(name, top), 'text-anchor="end"'),
    text(PLOT.left, HEIGHT - 6, "0"),
    text(right, HEIGHT - 6, `${(last / 60).toFixed(1)} min`, 'text-anchor="end"'),
    line(samples, "#bbb", 1),
    line(samples.filter(({ atRest }) => atRest), "#06c", 1.5),
  ].join("\n");
}

/** The lowest and the highest sample of each stretch, in order, so that no peak is lost. */
function thinnedOut(samples: readonly Sample[], name: SeriesName): readonly Sample[] {
  const stretch = Math.ceil((2 * samples.length) / MOST_POINTS);
  if (stretch <= 2) return samples;
  const kept: Sample[] = [];
  for (let from = 0; from < samples.length; from += stretch) {
    const sorted = samples.slice(from, from + stretch).sort((a, b) => a[name] - b[name]);
    const [low, high] = [sorted[0]!, sorted.at(-1)!];
    kept.push(...(low.seconds < high.seconds ? [low, high] : [high, low]));
  }
  return kept;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y.toFixed(0)}" ${attributes}>${escaped}</text>`;
}
