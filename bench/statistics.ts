/**
 * The few statistics that the tables show.
 *
 * @module
 */

/**
 * The middle of the numbers.
 *
 * @throws {RangeError} When there are none.
 */
export function median(numbers: readonly number[]): number {
  if (numbers.length === 0) throw new RangeError("No numbers to take the median of");
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
}

/**
 * The number whose logarithm is the mean of the logarithms: the fair mean of ratios.
 *
 * @throws {RangeError} When there are none.
 */
export function geometricMean(numbers: readonly number[]): number {
  if (numbers.length === 0) throw new RangeError("No numbers to take the mean of");
  const sum = numbers.reduce((total, number) => total + Math.log(number), 0);
  return Math.exp(sum / numbers.length);
}

/**
 * How many times longer one contender took than another: the median of the rounds' ratios.
 *
 * Both ran in every round, one after the other, so that a slow spell of the machine hits both
 * sides of a ratio.
 */
export function pairedRatio(
  numerators: readonly number[],
  denominators: readonly number[],
): number {
  const rounds = Math.min(numerators.length, denominators.length);
  const ratios = Array.from(
    { length: rounds },
    (_, i) => (numerators[i] ?? NaN) / (denominators[i] ?? NaN),
  );
  return median(ratios);
}
