/**
 * How a measured process talks with the harness: one JSON argument in, one JSON line out.
 *
 * @module
 */

import process from "node:process";
import type { Fingerprint } from "./fingerprint.ts";

/** What a measured process does: scan for time or for sums, stop at the first batch, do nothing. */
export type ScanMode = "time" | "verify" | "first" | "base";

/** The one argument of a measured process. */
export interface ScanArguments extends ScanExtent {
  /** A file, or the pattern of many. */
  readonly path: string;
  readonly mode: ScanMode;
  /** Of our own scans only: a limit such as "64MB"; absent means the default. */
  readonly memoryLimit?: string;
  /** Of our own scans only: whether each batch is released after use. */
  readonly release?: boolean;
  /** Rows of a batch, where a size is fixed. */
  readonly batchRows?: number;
  /** Of our own scans only: the threads that decode; absent means the default. */
  readonly threads?: number;
  /** Of our own script for text only: what the file holds. */
  readonly format?: "csv" | "ndjson";
  /** Of rivals that can do a thing in several ways only: which of them. */
  readonly way?: string;
}

/** Which columns and rows of the files a scan gives, and how it is told the files. */
export interface ScanExtent {
  /** Absent means all. */
  readonly columns?: readonly string[];
  /** Only the rows of the folders that give this value to a column of theirs; absent means all. */
  readonly partition?: { readonly column: string; readonly value: number };
  /** Whether the scan is given an array of all paths, which is made before the clock starts. */
  readonly listed?: boolean;
}

/** The last line that a measured process prints. */
export interface ProcessReport {
  readonly rows: number;
  readonly seconds: number;
  readonly batches?: number;
  readonly fingerprint?: Fingerprint;
  /** Further numbers that a case asks for, by name. */
  readonly [extra: string]: unknown;
}

/** Reads a scan's argument, in Deno and in Bun. */
export function scanArguments(): ScanArguments {
  return jsonArgument();
}

/** Reads the argument, whichever the harness gives to this process. */
export function jsonArgument<Argument>(): Argument {
  return JSON.parse(process.argv[2] ?? "{}");
}

/** Prints the report. */
export function report(line: ProcessReport): void {
  console.log(JSON.stringify(line));
}
