/**
 * What a process has at one moment, as a leak soak writes it down.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { descriptors, type Held, heldNow, maps, threads } from "../held.ts";

/** One line of the soak's table. */
export interface Sample extends Readonly<Record<SeriesName, number>> {
  /** Since the start. */
  readonly seconds: number;
  /** Operations that had ended by then. */
  readonly operations: number;
  /** Whether all streams had ended and garbage had been collected: only then must all be back. */
  readonly atRest: boolean;
}

/** What is looked at, with what the charts say of it. */
export const series = {
  anonymousBytes: "Anonymous memory (RssAnon)",
  fileBytes: "Pages of files (RssFile)",
  heapBytes: "JavaScript's heap",
  streamBytes: "Bytes that streams hold",
  descriptors: "Descriptors, all",
  ourDescriptors: "Descriptors of data files",
  maps: "Maps, all",
  ourMaps: "Maps of data files",
  threads: "Threads, all",
  ourThreads: "Threads of the library",
} as const;

/** The name of what is looked at. */
export type SeriesName = keyof typeof series;

/** The names of all that is looked at, in the order of the charts. */
export const seriesNames = Object.keys(series) as SeriesName[];

/** What is told to {@linkcode takeSample}. */
export interface SampleOptions extends Pick<Sample, "seconds" | "operations"> {
  /** The folders of the data files. */
  readonly folders: readonly string[];
  /** What was held at rest, where this is such a moment. */
  readonly rest?: Held;
}

/** Looks at this process. */
export function takeSample({ seconds, operations, folders, rest }: SampleOptions): Sample {
  const status = readFileSync("/proc/self/status", "utf8");
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024;
  const held = rest ?? heldNow(folders);
  const names = threads();
  return {
    seconds,
    operations,
    atRest: rest !== undefined,
    anonymousBytes: bytes("RssAnon"),
    fileBytes: bytes("RssFile"),
    heapBytes: process.memoryUsage().heapUsed,
    streamBytes: held.streamBytes,
    descriptors: descriptors().length,
    ourDescriptors: held.descriptors,
    maps: maps().length,
    ourMaps: held.maps,
    threads: names.length,
    ourThreads: names.filter((name) => name.startsWith("spillway")).length,
  };
}
