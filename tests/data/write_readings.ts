/**
 * Writes `readings.parquet`, the file that the documentation's examples read.
 *
 * @module
 */
import { parquetWriteBuffer } from "hyparquet-writer";

const rows = 2_000;
const start = Date.UTC(2026, 0, 1);
const sensors = ["attic", "cellar", "garden", "kitchen"];
const indices = Array.from({ length: rows }, (_, index) => index);

const bytes = parquetWriteBuffer({
  columnData: [
    {
      name: "sensor",
      data: indices.map((index) => sensors[index % sensors.length]),
      type: "STRING",
      nullable: false,
    },
    {
      name: "at",
      data: indices.map((index) => new Date(start + index * 60_000)),
      type: "TIMESTAMP",
      nullable: false,
    },
    {
      name: "celsius",
      // From 5 to 30 degrees, every hundred rows, in steps of half a degree.
      data: indices.map((index) => Math.round(35 + 25 * Math.sin(index * Math.PI / 50)) / 2),
      type: "DOUBLE",
      nullable: false,
    },
  ],
  rowGroupSize: 500,
  kvMetadata: [{ key: "station", value: "North Mill" }],
});
await Deno.writeFile(new URL("readings.parquet", import.meta.url), new Uint8Array(bytes));
