/**
 * Where the pages of a Parquet file lie and what their headers say, as hyparquet reads them.
 *
 * @module
 */
import { parquetMetadata, readOffsetIndex } from "hyparquet";
import { readFileSync } from "node:fs";

/** A data page of a column chunk. */
export interface Page {
  /** The version of data pages: 1 or 2. */
  readonly version: number;
  readonly firstRow: number;
  /** Its bytes in the file, its header included. */
  readonly bytes: number;
}

/** The data pages of each column chunk of a file that has an offset index, row group by row group. */
export function pagesOf(path: string): Record<string, Page[]>[] {
  const file = Uint8Array.from(readFileSync(path));
  const { buffer } = file;
  return parquetMetadata(buffer).row_groups.map(({ columns }) =>
    Object.fromEntries(columns.map(({ meta_data, offset_index_offset, offset_index_length }) => {
      const start = Number(offset_index_offset);
      const view = new DataView(buffer, start, Number(offset_index_length));
      const pages = readOffsetIndex({ view, offset: 0 }).page_locations.map((page) => ({
        version: versionAt(file, Number(page.offset)),
        firstRow: Number(page.first_row_index),
        bytes: page.compressed_page_size,
      }));
      return [meta_data!.path_in_schema.join("."), pages];
    }))
  );
}

/** The header's first field is the page's type, 0 or 3 for data: its tag, then twice the number. */
function versionAt(file: Uint8Array, offset: number): number {
  const versions: Readonly<Record<string, number>> = { "21,0": 1, "21,6": 2 };
  return versions[file.subarray(offset, offset + 2).join()] ?? NaN;
}
