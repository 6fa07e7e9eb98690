/**
 * parquet-wasm writing batches that JavaScript made, which go to it through Arrow's IPC stream, as
 * its documentation shows.
 *
 * @module
 */

import { writeFile } from "node:fs/promises";
import { Table, tableToIPC } from "apache-arrow";
import { plainBatches } from "../plain_batches.ts";
import { jsonArgument, report } from "../report_line.ts";
import type { WriteArguments } from "../write_arguments.ts";
import { loadParquetWasm } from "./parquet_wasm_module.ts";

const parquetWasm = await loadParquetWasm();
const { batches: path, output } = jsonArgument<WriteArguments>();
const batches = await plainBatches(path);

const started = performance.now();
const table = parquetWasm.Table.fromIPCStream(tableToIPC(new Table(batches), "stream"));
// It offers no choice of the level.
const properties = new parquetWasm.WriterPropertiesBuilder()
  .setCompression(parquetWasm.Compression.ZSTD)
  .build();
await writeFile(output, parquetWasm.writeParquet(table, properties));
report({ rows: 0, seconds: (performance.now() - started) / 1000 });
