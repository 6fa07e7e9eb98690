/**
 * parquet-wasm streaming every column, each batch moved into apache-arrow through Arrow's IPC
 * stream, which is the way that its documentation gives into JavaScript.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { tableFromIPC } from "apache-arrow";
import { addBatch, touchBatch } from "../arrow_batch.ts";
import { noFingerprint } from "../fingerprint.ts";
import { report, scanArguments } from "../report_line.ts";
import { loadParquetWasm } from "./parquet_wasm_module.ts";

const { ParquetFile } = await loadParquetWasm();
const { path, mode } = scanArguments();

const started = performance.now();
const file = await ParquetFile.fromFile(new Blob([await readFile(path)]));
const fingerprint = noFingerprint();
let rows = 0;
let batches = 0;
for await (const wasmBatch of await file.stream({ batchSize: 65_536 })) {
  for (const batch of tableFromIPC(wasmBatch.intoIPCStream()).batches) {
    rows += batch.numRows;
    batches += 1;
    if (mode === "verify") addBatch(fingerprint, batch);
    else touchBatch(batch);
  }
  if (mode === "first") break;
}
const seconds = (performance.now() - started) / 1000;
report(mode === "verify" ? { rows, seconds, batches, fingerprint } : { rows, seconds, batches });
