import type { Fault, Outcome, Trial } from "../fault.ts";
import { type Format, type Storage, storages } from "../numbered_files.ts";
import type { Random } from "../random.ts";
import { scanWhileChanged } from "../scan_while_changed.ts";

type Formats = readonly [Format, ...Format[]];

const MANY = 12;

/** Parquet files that are changed while they are scanned. */
export const changedParquet: Fault = {
  name: "Parquet files cut off, grown, overwritten, replaced or deleted while they are scanned",
  times: 200,
  testTimes: 8,
  try: (trial) => changed(trial, ["parquet"]),
};

/** Many Parquet files, of which one is changed while they are scanned. */
export const changedAmongMany: Fault = {
  name: "One of many Parquet files changed likewise",
  times: 80,
  testTimes: 4,
  try: (trial) => changed(trial, ["parquet"], MANY),
};

/** Arrow IPC files that are changed while they are scanned. */
export const changedArrow: Fault = {
  name: "Arrow IPC files changed likewise",
  times: 120,
  testTimes: 8,
  try: (trial) => changed(trial, ["arrow"]),
};

/** Files of text that are changed while they are scanned. */
export const changedText: Fault = {
  name: "CSV and NDJSON files changed likewise",
  times: 120,
  testTimes: 8,
  try: (trial) => changed(trial, ["csv", "ndjson"]),
};

function changed(trial: Trial, formats: Formats, files = 1): Promise<Outcome> {
  return scanWhileChanged(trial, storageOf(trial.random, formats), files);
}

function storageOf(random: Random, formats: Formats): Storage {
  const format = random.oneOf(formats);
  return { format, compression: random.oneOf(storages[format]) } as Storage;
}
