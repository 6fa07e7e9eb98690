import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TableChecksum } from "./checksum.ts";
import { corpusDir } from "./harness.ts";

/** What the corpus' manifest says of one file. */
export interface CorpusFile extends TableChecksum {
  /** Relative to the corpus. */
  readonly path: string;
  /**
   * Whether the file must be read and give these rows and checksums, must be refused, or may be
   * either as long as nothing crashes or hangs.
   */
  readonly expect: "read" | "error" | "either";
  /** Why pyarrow refuses it, where it does. */
  readonly pyarrow_cannot?: string;
}

/** The corpus' folder, or `null` where it is absent. */
export const corpus: string | null = corpusDir();

/** The files of the corpus; none where it is absent. */
export const corpusFiles: readonly CorpusFile[] = corpus === null
  ? []
  : JSON.parse(readFileSync(join(corpus, "manifest.json"), "utf8")).files;

/** The path of a file of the corpus. */
export function corpusPath(relative: string): string {
  if (corpus === null) throw new Error("The corpus is absent");
  return join(corpus, relative);
}

/** Whether a file is read only if its checksums are right: not those that were damaged on purpose, of which the manifest says what readers give that don't verify. */
export function hasRightChecksums(relative: string): boolean {
  return !relative.includes("corrupt-checksum");
}
