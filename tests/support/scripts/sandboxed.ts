/**
 * Does each of the things that its argument lists, as JSON, and prints how each ended: with a number of rows, or an error.
 */
import process from "node:process";
import {
  fromRows,
  MmapParquetReader,
  scanCsv,
  scanParquet,
  SpillwayError,
  writeCsv,
  writeParquet,
} from "spillway";

/** Something to do with a path. */
export type Deed = [
  what: "scan" | "follow" | "csv" | "metadata" | "footer" | "write" | "partition",
  path: string,
];

const rows = () => fromRows([{ name: "a", number: 1 }, { name: "b", number: 2 }]);

const deeds: Record<Deed[0], (path: string) => Promise<unknown>> = {
  scan: async (path) => (await scanParquet(path).collect()).numRows,
  follow: async (path) => (await scanParquet(path, { followSymlinks: true }).collect()).numRows,
  csv: async (path) => (await scanCsv(path).collect()).numRows,
  metadata: async (path) => (await scanParquet(path).metadata()).numRows,
  footer: (path) => Promise.resolve(new MmapParquetReader(path).totalRows),
  write: async (path) => {
    const sink = writeParquet(path, { overwrite: true });
    await rows().pipeTo(sink);
    return (await sink.result).rows;
  },
  partition: async (path) => {
    const sink = writeCsv(path, { overwrite: true, partitionBy: ["name"] });
    await rows().pipeTo(sink);
    return (await sink.result).rows;
  },
};

const asked: Deed[] = JSON.parse(process.argv[2] ?? "[]");
const ends: string[] = [];
for (const [what, path] of asked) {
  try {
    ends.push(String(await deeds[what](path)));
  } catch (error) {
    if (!(error instanceof SpillwayError)) throw error;
    ends.push(`${error.code}: ${error.message}`);
  }
}
console.log(JSON.stringify(ends));
