/**
 * The library's pool of threads.
 *
 * @module
 */
import { native } from "./library.ts";
import { readError } from "./texts.ts";

/**
 * Sets the number of threads.
 *
 * @throws {RangeError} Where the pool runs with another number.
 */
export function configureThreads(threads: number): void {
  const library = native();
  if (library.calls.spw_configure(threads) !== 0) throw readError(library, 0);
}
