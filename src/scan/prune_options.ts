/**
 * What a predicate may be decided by before anything is decoded.
 *
 * @module
 */

/** What a scan's predicate may be decided by, before anything is decoded; all by default. */
export interface PruneOptions {
  /** Minima, maxima and null counts of row groups. @default {true} */
  statistics?: boolean | undefined;
  /** Bloom filters. @default {true} */
  bloomFilters?: boolean | undefined;
  /** Dictionaries of column chunks. @default {true} */
  dictionaries?: boolean | undefined;
  /** Minima, maxima and null counts of pages. @default {true} */
  pageIndex?: boolean | undefined;
}
