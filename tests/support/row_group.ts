import { type ColumnStatistics, RowGroupStatistics } from "spillway";

/** A column as a footer describes it, as far as predicates look at it. */
export interface DescribedColumn {
  readonly type: string;
  readonly logicalType?: string;
  readonly numValues?: number;
  readonly statistics?: Partial<ColumnStatistics> | null;
}

/** The statistics of a row group that a footer describes. */
export function describedRowGroup(
  numRows: number,
  columns: Readonly<Record<string, DescribedColumn>>,
): RowGroupStatistics {
  return new RowGroupStatistics({
    index: 3,
    numRows,
    totalByteSize: 0,
    compressedSize: 0,
    firstRow: 0,
    sortingColumns: [],
    columns: Object.entries(columns).map(([path, column]) => ({
      path,
      physicalType: column.type,
      logicalType: column.logicalType ?? null,
      codec: "SNAPPY",
      encodings: [],
      numValues: column.numValues ?? numRows,
      compressedSize: 0,
      uncompressedSize: 0,
      dataPageOffset: 0,
      dictionaryPageOffset: null,
      hasOffsetIndex: false,
      hasColumnIndex: false,
      hasBloomFilter: false,
      statistics: column.statistics === null ? null : {
        nullCount: null,
        distinctCount: null,
        min: null,
        max: null,
        minIsExact: false,
        maxIsExact: false,
        minMaxDeprecated: false,
        ...column.statistics,
      },
    })),
  });
}
