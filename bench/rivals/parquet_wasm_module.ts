/**
 * What is used of parquet-wasm, and how it is loaded.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

interface ParquetWasm {
  default(options: { module_or_path: BufferSource }): Promise<unknown>;
  readonly ParquetFile: {
    fromFile(file: Blob): Promise<{
      stream(options: { batchSize: number }): Promise<ReadableStream<WasmBatch>>;
    }>;
  };
  readonly Table: { fromIPCStream(bytes: Uint8Array): WasmTable };
  readonly Compression: { readonly ZSTD: number };
  readonly WriterPropertiesBuilder: new () => WriterPropertiesBuilder;
  writeParquet(table: WasmTable, properties: WriterProperties): Uint8Array;
}

interface WasmBatch {
  intoIPCStream(): Uint8Array;
}

/** Arrow data in WebAssembly's memory. */
interface WasmTable {
  readonly numBatches: number;
}

interface WriterProperties {
  free(): void;
}

interface WriterPropertiesBuilder {
  setCompression(codec: number): WriterPropertiesBuilder;
  setMaxRowGroupSize(rows: number): WriterPropertiesBuilder;
  build(): WriterProperties;
}

/** Loads the module and its WebAssembly. */
export async function loadParquetWasm(): Promise<ParquetWasm> {
  // Named in a variable, so that type-checking the repository doesn't download it.
  const esm = "parquet-wasm/esm";
  const parquetWasm: ParquetWasm = await import(esm);
  const binary = await readFile(fileURLToPath(import.meta.resolve(`${esm}/parquet_wasm_bg.wasm`)));
  await parquetWasm.default({ module_or_path: binary });
  return parquetWasm;
}
