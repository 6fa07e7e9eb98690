import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { writeFileSync } from "node:fs";
import type { TempDirectory } from "./harness.ts";

/** The shape of the files that {@linkcode writeNumbers} writes. */
export const numberFile = { rows: 100, groupRows: 40 } as const;

/**
 * Writes a file of columns.
 *
 * @param path Where
 * @param columnData The columns, with their types where these aren't plain
 * @param rowGroupSize The rows of each row group
 */
export function writeColumns(
  path: string,
  columnData: ColumnSource[],
  rowGroupSize: number = numberFile.groupRows,
): void {
  writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize })));
}

/**
 * Writes a file of 100 consecutive numbers, in three row groups, with the text of each.
 *
 * @param path Where
 * @param first The first number
 */
export function writeNumbers(path: string, first: number): void {
  const numbers = Array.from({ length: numberFile.rows }, (_, row) => first + row);
  writeColumns(path, [
    { name: "number", data: numbers.map(BigInt), type: "INT64", nullable: false },
    { name: "text", data: numbers.map((number) => `number ${number}`), type: "STRING" },
  ]);
}

/**
 * Writes files of numbers that go on from file to file.
 *
 * @param directory Where
 * @param files How many
 * @returns Their paths, `part-0.parquet` first: in natural order, not in that of text
 */
export function writeParts(directory: TempDirectory, files: number): string[] {
  return Array.from({ length: files }, (_, part) => {
    const path = directory.file(`part-${part}.parquet`);
    writeNumbers(path, part * numberFile.rows);
    return path;
  });
}

/** The numbers from `start` up to `end`. */
export function range(start: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, at) => start + at);
}
