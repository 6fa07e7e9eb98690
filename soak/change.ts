import {
  appendFileSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";

/** What others do to a file that is being read. */
export const changeKinds = [
  "cut",
  "grow",
  "overwrite",
  "overwrite_unseen",
  "replace",
  "delete",
] as const;

/** One of {@linkcode changeKinds}. */
export type ChangeKind = (typeof changeKinds)[number];

/** A change, as data that a worker can be sent. */
export interface Change {
  readonly kind: ChangeKind;
  /** The file. */
  readonly path: string;
  /** A file of other bytes, as many as the file has, which takes its place or is written over it. */
  readonly other: string;
  /** Where the file is cut off. */
  readonly length: number;
}

/** Makes ready for a change, so that as little as can be is done when it is its time: returns what does it then. */
export function prepareChange({ kind, path, other, length }: Change): () => void {
  switch (kind) {
    case "cut":
      return () => truncateSync(path, length);
    case "grow":
      return () => appendFileSync(path, "more");
    case "overwrite":
    case "overwrite_unseen": {
      const bytes = readFileSync(other);
      const { atime, mtime } = statSync(path);
      return () => {
        writeFileSync(path, bytes, { flag: "r+" });
        // As if nothing had been written.
        if (kind === "overwrite_unseen") utimesSync(path, atime, mtime);
      };
    }
    case "replace":
      return () => renameSync(other, path);
    case "delete":
      return () => unlinkSync(path);
  }
}

/** Whether the bytes of a file that is open stay as they are, whatever its name leads to. */
export function keepsOpenFiles(kind: ChangeKind): boolean {
  return kind === "replace" || kind === "delete";
}
