/**
 * NDJSON files for tests.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { type TempDirectory, tempDirectory } from "./harness.ts";

/** A row of {@linkcode sensorRows}. */
export interface SensorRow {
  readonly n: number;
  readonly sensor: string | null;
  readonly celsius: number;
  readonly place: { readonly room: string; readonly floor: number };
  readonly tags: readonly string[];
}

const rooms = ["attic", "cellar", "kitchen ü", 'hall "A"', "läb\n2"];

/** Rows of every kind of value, numbered from `start` on. */
export function sensorRows(end: number, start = 0): SensorRow[] {
  return Array.from({ length: end - start }, (_, index) => {
    const n = start + index;
    const room = rooms[n % rooms.length]!;
    return {
      n,
      sensor: n % 7 === 0 ? null : `s${n % 13}`,
      celsius: (n % 400) / 8 - 10.5,
      place: { room, floor: n % 3 },
      tags: rooms.slice(0, n % 4),
    };
  });
}

/** Rows as NDJSON. */
export function ndjsonText(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

/** A folder with files of these texts, by their names: `.gz` and `.zst` are compressed. */
export function textFiles(files: Readonly<Record<string, string | Uint8Array>>): TempDirectory {
  const directory = tempDirectory();
  for (const [name, text] of Object.entries(files)) {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    const stored = name.endsWith(".gz")
      ? gzipSync(bytes)
      : name.endsWith(".zst")
      ? zstdCompressSync(bytes)
      : bytes;
    writeFileSync(directory.file(name), stored);
  }
  return directory;
}
