/**
 * The order in which contenders run.
 *
 * @module
 */

/**
 * The contenders in the order of a round: there and back (A B C, C B A, ...), so that none runs
 * always after the same other one, whose files and memory the system may still be at.
 */
export function inTurn<T>(contenders: readonly T[], round: number): T[] {
  return round % 2 === 0 ? [...contenders] : contenders.toReversed();
}
