/**
 * Writes the fixture that its first argument names again and again, in the way that the second names, into the folder that
 * the third names, and prints a line for each file or folder that it has finished. Ends only when it is killed.
 */
import process from "node:process";
import { type FileSink, scanParquet, writeArrow, writeParquet } from "spillway";

const [source, way, folder] = process.argv.slice(2) as [string, string, string];

const ways: Readonly<Record<string, (path: string) => FileSink>> = {
  single: (path) => writeParquet(`${path}.parquet`, { rowGroupRows: 1_000 }),
  replacing: () => writeParquet(`${folder}/same.parquet`, { rowGroupRows: 1_000, overwrite: true }),
  rolling: (path) => writeParquet(path, { maxFileRows: 500 }),
  partitioned: (path) =>
    writeParquet(path, { partitionBy: ["bucket"], maxOpenFiles: 3, maxFileRows: 700 }),
  arrow: (path) => writeArrow(`${path}.arrow`),
};

console.log("ready");
for (let round = 0;; round++) {
  const scan = scanParquet(source!, {
    limit: 5_000,
    batchSize: 400,
    columns: ["id", "text", "bucket"],
  });
  await scan.pipeTo(ways[way]!(`${folder}/${round}`));
  console.log(round);
}
