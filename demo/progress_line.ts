import process from "node:process";
import type { ScanProgress } from "spillway";
import { count, percent } from "./format.ts";

const CLEAR = "\r\u001b[K";

/** Shows the progress in one line of the terminal, and nothing where there is no terminal. */
export function showProgress({ fraction, rows, rowsPerSecond }: ScanProgress): void {
  if (!process.stderr.isTTY) return;
  const text = `${percent(fraction)}, ${count(rows)} rows, ${count(rowsPerSecond)} rows/s`;
  process.stderr.write(fraction < 1 ? `${CLEAR}  ${text}` : CLEAR);
}
