/** A point of a series. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * The slope of a line through points, by the estimator of Theil and Sen: the median of the slopes of
 * all pairs.
 *
 * Up to 29 % of the points may be anything without moving it far, so that a collector's or an
 * allocator's jumps don't decide. P. K. Sen, "Estimates of the regression coefficient based on
 * Kendall's tau", Journal of the American Statistical Association 63 (1968), pages 1379 to 1389.
 *
 * @param points At least two, with two different `x`
 * @returns What `y` grows by for one more of `x`
 * @throws {RangeError} Where no two points differ in `x`
 */
export function theilSenSlope(points: readonly Point[]): number {
  const slopes: number[] = [];
  points.forEach((one, at) => {
    for (const other of points.slice(at + 1)) {
      if (other.x !== one.x) slopes.push((other.y - one.y) / (other.x - one.x));
    }
  });
  if (slopes.length === 0) throw new RangeError("No two points differ in x, so there is no slope");
  slopes.sort((a, b) => a - b);
  const middle = slopes.length / 2;
  const [low, high] = [slopes[Math.ceil(middle) - 1]!, slopes[Math.floor(middle)]!];
  return (low + high) / 2;
}
