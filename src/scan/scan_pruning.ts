/**
 * What a predicate spares a scan, in numbers.
 *
 * @module
 */

/** What one kind of metadata spares. */
export interface SparedRows {
  /** Row groups of which nothing is read. */
  rowGroups: number;
  /** Rows that aren't looked at. */
  rows: number;
  /** The compressed bytes of the columns read that fall to these rows. */
  compressedBytes: number;
}

/** What the page index spares, of row groups that are read in part too. */
export interface SparedPages extends SparedRows {
  /** Pages of the predicate's columns that hold no row that may pass. */
  pagesSkipped: number;
  /** Pages of the predicate's columns that were looked at in the index. */
  pages: number;
}

/** What all metadata spares: known once the file is open. */
export interface PlannedPruning {
  /** By minima, maxima and null counts of row groups. */
  statistics: SparedRows;
  /** By bloom filters. */
  bloomFilter: SparedRows;
  /** By dictionaries of column chunks. */
  dictionary: SparedRows;
  /** By minima, maxima and null counts of pages. */
  pageIndex: SparedPages;
  /** Row groups whose rows that are read all pass, so that none is tested. */
  rowGroupsKnown: number;
  /** Rows of these. */
  rowsKnown: number;
}

/** How columns were decoded of whose rows not all passed: counts of up to 8,192 rows of a column. */
export interface FilterQuanta {
  /** Those that weren't decoded at all. */
  skipped: number;
  /** Those of which only runs of rows were decoded. */
  runs: number;
  /** Those that were gone through whole, with only the values of rows that pass made of them. */
  kept: number;
  /** Those that were decoded whole, and filtered then. */
  whole: number;
}

/** What one of the conditions did that are joined by AND. */
export interface ConditionCounts {
  /** The condition. */
  text: string;
  /** Rows that it was tested on: those that passed the conditions before it. */
  rowsTested: number;
  /** Rows of these for which it is true. */
  rowsPassed: number;
  /**
   * Processor time over all threads, with that of decoding columns that no condition before it had
   * needed.
   */
  milliseconds: number;
}

/** What was tested so far. */
export interface FilterCounts {
  /** Rows that were tested. */
  rowsTested: number;
  /** Rows of these that passed. */
  rowsPassed: number;
  /** Values that weren't decoded, since their rows didn't pass. */
  valuesSkipped: number;
  /** How columns were decoded. */
  quanta: FilterQuanta;
  /** The conditions, in the order in which they are tested, which follows what they cost. */
  conditions: ConditionCounts[];
}

/** What a predicate spares a scan, and what it has done so far. */
export interface ScanPruning extends PlannedPruning {
  /** The rows that were tested. */
  filter: FilterCounts;
}

/** What a scan spares before it is known that it spares anything. */
export function nothingSpared(): PlannedPruning {
  const none: SparedRows = { rowGroups: 0, rows: 0, compressedBytes: 0 };
  return {
    statistics: none,
    bloomFilter: none,
    dictionary: none,
    pageIndex: { ...none, pagesSkipped: 0, pages: 0 },
    rowGroupsKnown: 0,
    rowsKnown: 0,
  };
}

/** The counts of a predicate that no row was tested by. */
export function nothingTested(): FilterCounts {
  return {
    rowsTested: 0,
    rowsPassed: 0,
    valuesSkipped: 0,
    quanta: { skipped: 0, runs: 0, kept: 0, whole: 0 },
    conditions: [],
  };
}
