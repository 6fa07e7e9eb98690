import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, gzipSync } from "node:zlib";
import {
  LimitExceededError,
  MemoryLimitError,
  MemoryManager,
  scanCsv,
  scanNdjson,
  scanParquet,
  SpillwayError,
} from "spillway";
import { editParquet, pageFields } from "../../tests/support/edit_parquet.ts";
import { fixture } from "../../tests/support/fixtures.ts";
import { integer } from "../../tests/support/thrift.ts";
import type { Fault, Outcome, Trial } from "../fault.ts";

/** More than this above what the process had is memory for what was promised. */
const allowedBytes = 400 * 2 ** 20;

/** Some kilobytes that decompress to hundreds of megabytes: one line of text, or a page of Parquet. */
export const decompressionBombs: Fault = {
  name: "Files of kilobytes that decompress to hundreds of megabytes",
  times: 60,
  testTimes: 3,
  async try(trial) {
    const before = MemoryManager.shared.currentUsage().totalBytes;
    const outcome = await trial.random.oneOf([inText, inPage])(trial);
    const more = MemoryManager.shared.currentUsage().totalBytes - before;
    if (more > allowedBytes) throw new Error(`The process has ${more} bytes more than before`);
    return outcome;
  },
};

/** A line of zeros, longer than a row may be. */
async function inText({ random, folder }: Trial): Promise<Outcome> {
  const scan = random.oneOf([scanCsv, scanNdjson]);
  const path = join(folder, scan === scanCsv ? "zeros.csv.gz" : "zeros.ndjson.gz");
  const piece = new Uint8Array(2 ** 20).fill(random.oneOf([0, 0x30, 0x22, 0x5b]));
  const pieces = Readable.from(function* () {
    for (let at = 0; at < 140; at++) yield piece;
  }());
  await pipeline(pieces, createGzip({ level: 1 }), createWriteStream(path));
  const memoryLimit = random.oneOf(["16MB", "1GB"]);
  try {
    await scan(path, { memoryLimit }).count();
  } catch (error) {
    if (error instanceof LimitExceededError || error instanceof MemoryLimitError) return "refused";
    // Text that can't begin a record is told before its end is looked for.
    if (error instanceof SpillwayError && error.code === "MALFORMED_DATA") return "refused";
    throw error;
  }
  throw new Error("A line of 140 MiB was taken");
}

/** A page that decompresses to more than it says, or to more than it may. */
async function inPage({ random, folder }: Trial): Promise<Outcome> {
  const path = join(folder, "bomb.parquet");
  const body = gzipSync(new Uint8Array((64 + random.below(240)) * 2 ** 20), { level: 1 });
  const declared = random.oneOf([null, 2 ** 31 - 1, 300 * 2 ** 20]);
  const wanted = random.below(4);
  let seen = 0;
  editParquet(fixture("codec_gzip"), path, {
    page(page) {
      if (seen++ !== wanted) return;
      page.body = body;
      if (declared !== null) page.header.set(pageFields.uncompressedSize, integer(declared, 5));
    },
  });
  try {
    await scanParquet(path, { memoryLimit: "16MB" }).collect();
  } catch (error) {
    if (error instanceof SpillwayError && ["CORRUPT_FILE", "LIMIT_EXCEEDED"].includes(error.code)) {
      return "refused";
    }
    throw error;
  }
  throw new Error("A page of zeros was taken for another's values");
}
