import { expect } from "@std/expect";
import { type ScanOptions, scanParquet, SpillwayError } from "spillway";
import { checksumOf, type TableChecksum } from "./support/checksum.ts";
import { compareChecksums } from "./support/compare_checksums.ts";
import {
  corpus,
  type CorpusFile,
  corpusFiles,
  corpusPath,
  hasRightChecksums,
} from "./support/corpus.ts";
import { test } from "./support/harness.ts";

/**
 * Files that others read and the decoder that Spillway is built on does not, and why. They have to
 * give a typed error instead.
 */
const REFUSED: Readonly<Record<string, string>> = {};

/** Files whose values come in another form than the manifest has them, and why. */
const OTHER_FORM: Readonly<Record<string, string>> = {};

/** Enough for every readable file, and less than the text that one of the others claims to hold. */
const memoryLimit = "256MB";

async function read(path: string, options: ScanOptions = {}): Promise<TableChecksum> {
  const stream = scanParquet(corpusPath(path), {
    memoryLimit,
    verifyChecksums: hasRightChecksums(path),
    ...options,
  });
  return await checksumOf(stream, await stream.schema());
}

async function expectValues(file: CorpusFile, options?: ScanOptions): Promise<void> {
  const { verdict, why } = compareChecksums(file, await read(file.path, options));
  expect({ why, verdict }).toEqual({ why: [], verdict: "same" });
}

async function refusal(path: string, options?: ScanOptions): Promise<unknown> {
  try {
    const { rows } = await read(path, options);
    return `read ${rows} rows`;
  } catch (error) {
    return error;
  }
}

const readable = corpusFiles.filter(({ expect, path }) => expect === "read" && !(path in REFUSED));
const refused = corpusFiles.filter(({ expect, path }) => expect === "error" || path in REFUSED);
const either = corpusFiles.filter(({ expect }) => expect === "either");

test.skipIf(corpus === null)("the corpus is there, whole", () => {
  expect([readable.length, refused.length, either.length]).toEqual([72, 18, 6]);
});

for (const file of readable) {
  const { path, rows } = file;
  // A row at a time costs a round trip each: where there are many rows, batches are larger, and odd.
  const sizes = rows <= 2_000 ? [1, 3, rows + 1] : [101, 4_999, rows + 1];
  test(`${path} has the values of the manifest`, async () => {
    if (path in OTHER_FORM) {
      expect((await read(path)).rows).toBe(rows);
      return;
    }
    await expectValues(file);
    await expectValues(file, { io: "read" });
    await expectValues(file, { dictionary: true });
    await expectValues(file, { strings: "preserve", zeroCopy: false });
    for (const batchSize of sizes) await expectValues(file, { batchSize });
  });
}

for (const { path, pyarrow_cannot } of refused) {
  test(`${path} is refused with a typed error`, async () => {
    for (const options of [{}, { io: "read" }, { batchSize: 1 }] as const) {
      const error = await refusal(path, options);
      expect(error).toBeInstanceOf(SpillwayError);
      const { code, message } = error as SpillwayError;
      expect((error as SpillwayError).path).toBe(corpusPath(path));
      expect(message).not.toBe("");
      expect(["INTERNAL", "MEMORY_LIMIT"]).not.toContain(code);
      if (pyarrow_cannot === "encrypted") expect(code).toBe("ENCRYPTED_FILE");
    }
  });
}

for (const { path } of either) {
  test(`${path} is read, or refused with a typed error`, async () => {
    for (const options of [{}, { io: "read" }, { batchSize: 1 }] as const) {
      const outcome = await refusal(path, options);
      if (typeof outcome !== "string") expect(outcome).toBeInstanceOf(SpillwayError);
    }
  });
}
