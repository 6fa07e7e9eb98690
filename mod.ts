/**
 * Spillway streams Parquet files into Apache Arrow record batches on Deno and Bun, in bounded memory.
 *
 * @example
 * ```ts
 * import { scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * let warmest = -Infinity;
 * for await (using batch of scanParquet("tests/data/readings.parquet", { columns: ["celsius"] })) {
 *   for (const celsius of batch.getChild("celsius")!) warmest = Math.max(warmest, celsius);
 * }
 * expect(warmest).toBe(30);
 * ```
 *
 * @module
 */

// Reading
export { scanParquet } from "./src/scan_parquet.ts";
export type { ScanOptions, ScanPaths } from "./src/scan_options.ts";
export type { ReadLimits } from "./src/read_limits.ts";
export { scanCsv } from "./src/scan_csv.ts";
export { decodeCsv } from "./src/decode_csv.ts";
export type { CsvDecodeOptions, CsvOptions, CsvScanOptions } from "./src/csv_options.ts";
export { scanNdjson } from "./src/scan_ndjson.ts";
export { decodeNdjson } from "./src/decode_ndjson.ts";
export type {
  NdjsonDecodeOptions,
  NdjsonOptions,
  NdjsonScanOptions,
} from "./src/ndjson_options.ts";
export { scanArrow } from "./src/scan_arrow.ts";
export { decodeArrow } from "./src/decode_arrow.ts";
export type { ArrowDecodeOptions, ArrowScanOptions } from "./src/arrow_options.ts";
export type {
  CompressedDecodeOptions,
  TextDecodeOptions,
  TextScanOptions,
} from "./src/text_scan_options.ts";
export { TextDecoding } from "./src/text_decoding.ts";
export type { WrittenBytes } from "./src/pushed_input.ts";
export type { HiveType } from "./src/hive_types.ts";
export type { FileStats, SkippedFile } from "./src/file_stats.ts";
export { type CollectOptions, RecordBatchStream } from "./src/record_batch_stream.ts";
export type { ColumnValue } from "./src/column_values.ts";
export { SpillwayBatch } from "./src/spillway_batch.ts";
export type { PlainRow } from "./src/plain_rows.ts";
export { ParallelStreamReader } from "./src/parallel_stream_reader.ts";
export { AdaptiveStreamingReader } from "./src/adaptive_streaming_reader.ts";
export { MmapParquetReader } from "./src/mmap_parquet_reader.ts";

// What is done to the rows of a stream
export { where } from "./src/where.ts";
export type { RowFilter, RowMask } from "./src/row_filter.ts";
export { select } from "./src/select.ts";
export { rename } from "./src/rename.ts";
export { withColumns } from "./src/with_columns.ts";
export { limit } from "./src/limit.ts";
export { offset, skipRows } from "./src/offset.ts";
export { BatchTransform } from "./src/batch_transform.ts";
export type { PruneOptions } from "./src/prune_options.ts";

// Bridges
export { concat } from "./src/concat.ts";
export { fromRows, type FromRowsOptions, type RowSequence } from "./src/from_rows.ts";
export { merge } from "./src/merge.ts";
export { progress, type ProgressOptions, type StreamProgress } from "./src/progress.ts";
export { rebatch } from "./src/rebatch.ts";
export { streamToTable } from "./src/stream_to_table.ts";
export { tableToStream } from "./src/table_to_stream.ts";
export { toRows } from "./src/to_rows.ts";
export { tap } from "./src/tap.ts";

// Writing
export { writeParquet, type WriteParquetOptions } from "./src/write_parquet.ts";
export { encodeParquet, type EncodeParquetOptions } from "./src/encode_parquet.ts";
export type {
  ParquetCompression,
  ParquetEncoding,
  ParquetOptions,
  SortingColumn,
} from "./src/parquet_options.ts";
export { writeArrow, type WriteArrowOptions } from "./src/write_arrow.ts";
export { encodeArrow, type EncodeArrowOptions } from "./src/encode_arrow.ts";
export type { ArrowWriteOptions } from "./src/arrow_write_options.ts";
export { writeCsv, type WriteCsvOptions } from "./src/write_csv.ts";
export { encodeCsv, type EncodeCsvOptions } from "./src/encode_csv.ts";
export type { CsvWriteOptions } from "./src/csv_write_options.ts";
export { writeNdjson, type WriteNdjsonOptions } from "./src/write_ndjson.ts";
export { encodeNdjson, type EncodeNdjsonOptions } from "./src/encode_ndjson.ts";
export type { NdjsonWriteOptions } from "./src/ndjson_write_options.ts";
export type { FileCompression } from "./src/file_compression.ts";
export type { TimeFormats } from "./src/time_formats.ts";
export type { FileOptions } from "./src/file_options.ts";
export type { ByteOptions } from "./src/byte_options.ts";
export { FileSink } from "./src/file_sink.ts";
export { ByteTransform } from "./src/byte_transform.ts";
export { BatchWritable } from "./src/batch_writable.ts";
export type { WriteResult, WrittenFile } from "./src/write_result.ts";

// Predicates and computed columns
export { and, not, or } from "./src/expressions/logic.ts";
export { AndPredicate } from "./src/expressions/and_predicate.ts";
export type { CastType } from "./src/expressions/cast_type.ts";
export type { CastValue } from "./src/expressions/cast_value.ts";
export { coalesce } from "./src/expressions/coalesce.ts";
export { ColumnFilterPredicate } from "./src/expressions/column_filter_predicate.ts";
export { col } from "./src/expressions/col.ts";
export { Expression, type Predicate } from "./src/expressions/expression.ts";
export type {
  CallJson,
  CallName,
  ColumnJson,
  ExpressionJson,
  LiteralData,
  LiteralJson,
  TextualLiteralType,
} from "./src/expressions/expression_json.ts";
export { lit } from "./src/expressions/lit.ts";
export type {
  Literal,
  TemporalInstantLike,
  TemporalLike,
  TemporalPlainLike,
  Value,
  ValueOf,
} from "./src/expressions/literal.ts";
export type {
  ConstantOperand,
  ConstantOperands,
  NumberOperand,
  Operand,
} from "./src/expressions/operand.ts";
export type { PredicatePushdown } from "./src/expressions/predicate_pushdown.ts";
export { type ColumnBounds, RowGroupStatistics } from "./src/expressions/row_group_statistics.ts";
export type { StatisticsValue } from "./src/expressions/statistics_value.ts";
export { selectRows } from "./src/select_rows.ts";

// What is read, and how far it is
export {
  type PlannedFile,
  type PlannedLane,
  type PlannedRowGroup,
  type PlannedSegment,
  type PrunedRowGroup,
  type RowRange,
  ScanPlan,
  type ScanPlanData,
} from "./src/scan_plan.ts";
export type { Pace } from "./src/progress_clock.ts";
export type { ScanProgress } from "./src/scan_progress.ts";
export type {
  ConditionCounts,
  FilterCounts,
  FilterQuanta,
  PlannedPruning,
  ScanPruning,
  SparedPages,
  SparedRows,
} from "./src/scan_pruning.ts";
export type { ScanCounters, ScanStats } from "./src/scan_stats.ts";
export type {
  ColumnChunkMetadata,
  ColumnStatistics,
  FileMetadata,
  RowGroupMetadata,
} from "./src/file_metadata.ts";

// The size of batches
export type {
  ChunkContext,
  ChunkDecision,
  ChunkEnd,
  ChunkSample,
  ChunkStrategy,
} from "./src/chunk_strategy.ts";
export {
  AdaptiveChunkStrategy,
  type AdaptiveChunkStrategyOptions,
} from "./src/adaptive_chunk_strategy.ts";
export { FixedChunkStrategy } from "./src/fixed_chunk_strategy.ts";

// Threads and memory
export { setDecodingThreads } from "./src/decoding_threads.ts";
export { MemoryManager, type MemoryUsage } from "./src/memory_manager.ts";
export { formatBytes, parseBytes } from "./src/parse_bytes.ts";

// Errors
export {
  BatchReleasedError,
  CorruptFileError,
  EmptyFileError,
  EncryptedFileError,
  type ErrorCode,
  FileAccessError,
  FileChangedError,
  FileExistsError,
  FileNotFoundError,
  FileWriteError,
  InternalError,
  InvalidHandleError,
  LibraryNotFoundError,
  LibraryVersionError,
  LimitExceededError,
  MalformedDataError,
  MemoryLimitError,
  NotAFileError,
  NotParquetError,
  PartitionMismatchError,
  PermissionDeniedError,
  type SchemaMismatch,
  SchemaMismatchError,
  SpillwayError,
  type SpillwayErrorOptions,
  TruncatedFileError,
  UnknownColumnError,
  UnsortedDataError,
  UnsupportedFeatureError,
} from "./src/errors.ts";
