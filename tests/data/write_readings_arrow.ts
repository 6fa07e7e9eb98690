/**
 * Writes `readings.arrow`, the rows of `readings.parquet` as an Arrow IPC file of four batches.
 *
 * @module
 */
import { tableToIPC } from "apache-arrow";
import { scanParquet } from "spillway";

const parquet = new URL("readings.parquet", import.meta.url);
const table = await scanParquet(parquet, { batchSize: 500 }).collect();
await Deno.writeFile(new URL("readings.arrow", import.meta.url), tableToIPC(table, "file"));
