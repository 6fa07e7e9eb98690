import { join } from "node:path";
import { col, CorruptFileError, type ScanOptions, scanParquet } from "spillway";
import { editParquet, setChecksum } from "../../tests/support/edit_parquet.ts";
import { expectSequence } from "../../tests/support/sequence.ts";
import type { Fault } from "../fault.ts";
import { smallSequenceRows, writeSmallSequence } from "./small_sequence.ts";

/** A bit of one page is another than when its checksum was made: nothing of the page may come out. */
export const badChecksums: Fault = {
  name: "Pages of which a bit is flipped, with checksums",
  times: 400,
  testTimes: 10,
  async try({ random, folder }) {
    const path = join(folder, "damaged.parquet");
    const whole = join(folder, "whole.parquet");
    await writeSmallSequence(whole, random);
    const wanted = random.below(60);
    let pages = 0;
    let isDamaged = false;
    editParquet(whole, path, {
      page(page) {
        setChecksum(page);
        if (pages++ !== wanted || page.body.length === 0) return;
        page.body[random.below(page.body.length)]! ^= 1 << random.below(8);
        isDamaged = true;
      },
    });
    const options: ScanOptions = random.oneOf<ScanOptions>([
      {},
      { io: "read" },
      { offset: 100 },
      { prune: false, where: col("id").ge(0n) },
    ]);
    let next = options.offset ?? 0;
    try {
      for await (using batch of scanParquet(path, { memoryLimit: "16MB", ...options })) {
        expectSequence(batch, next);
        next += batch.numRows;
      }
    } catch (error) {
      if (
        error instanceof CorruptFileError && error.message.includes("its checksum is") && isDamaged
      ) {
        return "refused";
      }
      throw error;
    }
    if (next !== smallSequenceRows) throw new Error(`${next} of ${smallSequenceRows} rows`);
    // Rows before the offset are skipped with the pages that they are in.
    if (isDamaged && options.offset === undefined) throw new Error("A damaged page was read");
    return "answered";
  },
};
