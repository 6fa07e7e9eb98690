/**
 * The threads that decode.
 *
 * @module
 */
import { configureThreads } from "../../ffi/threads.ts";
import { shown } from "../check_options.ts";

/**
 * Sets the number of threads that decode, which all scans of the process share.
 *
 * By default there are as many as the processors that this process may use. To be called before the
 * first scan: the threads are started then, and stay.
 *
 * @param threads A whole number from 1 to 1,024.
 * @throws {RangeError} Where it is none, or another number of threads runs already.
 *
 * @example The threads of the first scan stay
 * ```ts
 * import { scanParquet, setDecodingThreads } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const scan = scanParquet("tests/data/readings.parquet");
 * for await (using _ of scan);
 * const { threads } = scan.stats();
 * setDecodingThreads(threads);
 * expect(() => setDecodingThreads(threads + 1)).toThrow(RangeError);
 * ```
 */
export function setDecodingThreads(threads: number): void {
  if (!Number.isSafeInteger(threads) || threads < 1 || threads > 1_024) {
    throw new RangeError(
      `The number of threads must be a whole number from 1 to 1,024, not ${shown(threads)}`,
    );
  }
  configureThreads(threads);
}
