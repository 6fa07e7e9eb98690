import { join } from "node:path";
import { col, type ScanOptions, scanParquet, SpillwayError } from "spillway";
import { type EditedPage, editParquet, pageFields } from "../../tests/support/edit_parquet.ts";
import { expectSequence } from "../../tests/support/sequence.ts";
import { integer, type Struct, structAt, structsAt } from "../../tests/support/thrift.ts";
import type { Fault, Trial } from "../fault.ts";
import { writeSmallSequence } from "./small_sequence.ts";

/** Sizes and counts that files lie with: absurd ones, and those that are nearly right. */
const absurd = [2 ** 31 - 1, 10 ** 9, 2 ** 20, 0, -1, -(2 ** 31)] as const;

/** A number of one header or of the footer is another: sizes, rows, values, lengths of levels. */
export const declaredSizes: Fault = {
  name: "Sizes and numbers of rows that are not true",
  times: 400,
  testTimes: 12,
  async try({ random, folder }) {
    const path = join(folder, "declared.parquet");
    const whole = join(folder, "whole.parquet");
    await writeSmallSequence(whole, random);
    editParquet(whole, path, random.below(3) > 0 ? inPage(random) : inFooter(random));
    const options: ScanOptions = random.oneOf<ScanOptions>([
      {},
      { io: "read" },
      { offset: 1_100 },
      { where: col("id").ge(0n) },
      { limit: 2_100 },
    ]);
    let next = options.offset ?? 0;
    try {
      for await (using batch of scanParquet(path, { memoryLimit: "16MB", ...options })) {
        expectSequence(batch, next);
        next += batch.numRows;
      }
      return "answered";
    } catch (error) {
      if (error instanceof SpillwayError && error.code !== "INTERNAL") return "refused";
      throw error;
    }
  },
};

/** Changes a number of one page's header. */
function inPage(random: Trial["random"]) {
  const wanted = random.below(40);
  const field = random.below(8);
  const number = otherNumber(random);
  let seen = 0;
  return {
    page(page: EditedPage) {
      if (seen++ !== wanted) return;
      const { header } = page;
      const own = header.get(pageFields.data) ?? header.get(pageFields.dataV2) ??
        header.get(pageFields.dictionary);
      if (field < 2) change(header, pageFields.uncompressedSize, number);
      else if (field === 2) {
        page.keepsSize = true;
        change(header, pageFields.compressedSize, number);
      } else if (own?.type === 12) change(own.value, field < 6 ? 1 : field - 4, number);
    },
  };
}

/** Changes a number of the footer: rows of a row group, or values of a column chunk. */
function inFooter(random: Trial["random"]) {
  const number = otherNumber(random);
  return {
    footer(footer: Struct) {
      const groups = structsAt(footer, 4);
      const group = groups[random.below(groups.length)]!;
      const chunks = structsAt(group, 1);
      const both = random.below(2) === 0;
      if (both || random.below(2) === 0) change(group, 3, number);
      if (!both && random.below(2) === 0) return;
      for (const chunk of both ? chunks : [chunks[random.below(chunks.length)]!]) {
        change(structAt(chunk, 3), 5, number);
      }
    },
  };
}

type Change = (number: bigint) => bigint;

function otherNumber(random: Trial["random"]): Change {
  const near = BigInt(random.below(9) - 4) || 1n;
  const far = BigInt(random.oneOf(absurd));
  return random.below(2) === 0 ? (number) => number + near : () => far;
}

function change(struct: Struct, id: number, other: Change): void {
  const field = struct.get(id);
  if (field === undefined || !("value" in field) || typeof field.value !== "bigint") return;
  struct.set(id, integer(other(field.value), field.type === 6 ? 6 : 5));
}
