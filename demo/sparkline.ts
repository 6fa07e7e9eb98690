const BARS = "▁▂▃▄▅▆▇█";
const WIDTH = 60;

/** Draws numbers as a row of bars from zero up, averaging neighbours where there are too many. */
export function sparkline(values: readonly number[]): string {
  const columns = Math.min(values.length, WIDTH);
  const heights = Array.from({ length: columns }, (_, column) => {
    const from = Math.floor(column * values.length / columns);
    const to = Math.floor((column + 1) * values.length / columns);
    const slice = values.slice(from, to);
    return slice.reduce((sum, value) => sum + value, 0) / slice.length;
  });
  const highest = Math.max(...heights, 1);
  return heights
    .map((height) => BARS[Math.min(Math.floor(height / highest * BARS.length), BARS.length - 1)])
    .join("");
}
