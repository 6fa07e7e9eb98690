import { type ParquetCompression, scanParquet, writeParquet } from "spillway";
import { fixture } from "../../tests/support/fixtures.ts";
import type { Random } from "../random.ts";

/** The rows of {@linkcode writeSmallSequence}. */
export const smallSequenceRows = 3_000;

/** Writes the first rows of a fixture in a form of pages that chance chooses: three row groups of pages of some kilobytes. */
export async function writeSmallSequence(path: string, random: Random): Promise<void> {
  const options = {
    compression: random.oneOf<ParquetCompression>(["none", "snappy", "zstd", "gzip", "lz4"]),
    dataPageVersion: random.oneOf<1 | 2>([1, 2]),
    dictionary: random.below(2) === 0,
    rowGroupRows: smallSequenceRows / 3,
    pageBytes: 2_048,
  };
  await scanParquet(fixture("sequence"), { limit: smallSequenceRows }).pipeTo(
    writeParquet(path, options),
  );
}
