/**
 * Spillway reading all columns of a file and adding up one, the same script on Deno and on Bun.
 *
 * @module
 */

import { scanParquet } from "spillway";
import { addBatch, touchBatch } from "../arrow_batch.ts";
import { noFingerprint } from "../fingerprint.ts";
import { report, scanArguments } from "../report_line.ts";

const { path } = scanArguments();
const total = noFingerprint();
let rows = 0;
const started = performance.now();
for await (using batch of scanParquet(path)) {
  rows += batch.numRows;
  touchBatch(batch);
  addBatch(total, batch, ["l_extendedprice"]);
}
const seconds = (performance.now() - started) / 1000;
report({ rows, seconds, price: total.price });
