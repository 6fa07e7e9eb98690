import { parquetWriteBuffer } from "hyparquet-writer";
import { writeFileSync } from "node:fs";

/** The shape of the file that {@linkcode writeSorted} writes. */
export const sortedFile = {
  rows: 4_000,
  groupRows: 1_000,
  pageRows: 100,
  columns: ["id", "twice", "third"],
} as const;

const { rows, groupRows, pageRows, columns } = sortedFile;

/**
 * A sorted column and two others, in plain, uncompressed pages of 100 values each: all pages of a
 * column have about one size, so that bytes tell how many of them were read.
 */
export function writeSorted(path: string, columnIndex = true): void {
  const column = (name: string, value: (row: number) => bigint) => ({
    name,
    data: Array.from({ length: rows }, (_, row) => value(row)),
    encoding: "PLAIN" as const,
    columnIndex,
    offsetIndex: columnIndex,
  });
  const bytes = parquetWriteBuffer({
    columnData: [
      column("id", BigInt),
      column("twice", (row) => 2n * BigInt(row)),
      column("third", (row) => BigInt(row) % 3n),
    ],
    schema: [
      { name: "root", num_children: columns.length },
      ...columns.map((name) => ({
        name,
        type: "INT64" as const,
        repetition_type: "REQUIRED" as const,
      })),
    ],
    rowGroupSize: groupRows,
    // The writer ends a page before the value that would make it this long.
    pageSize: 8 * (pageRows + 1),
    codec: "UNCOMPRESSED",
  });
  writeFileSync(path, new Uint8Array(bytes));
}
