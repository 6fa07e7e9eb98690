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
export { scanParquet } from "./src/scan/scan_parquet.ts";
export type { ScanOptions, ScanPaths } from "./src/scan/scan_options.ts";
export type { ReadLimits } from "./src/scan/read_limits.ts";
export { scanCsv } from "./src/scan/scan_csv.ts";
export { decodeCsv } from "./src/scan/decode_csv.ts";
export type { CsvDecodeOptions, CsvOptions, CsvScanOptions } from "./src/scan/csv_options.ts";
export { scanNdjson } from "./src/scan/scan_ndjson.ts";
export { decodeNdjson } from "./src/scan/decode_ndjson.ts";
export type {
  NdjsonDecodeOptions,
  NdjsonOptions,
  NdjsonScanOptions,
} from "./src/scan/ndjson_options.ts";
export { scanArrow } from "./src/scan/scan_arrow.ts";
export { decodeArrow } from "./src/scan/decode_arrow.ts";
export type { ArrowDecodeOptions, ArrowScanOptions } from "./src/scan/arrow_options.ts";
export type {
  CompressedDecodeOptions,
  TextDecodeOptions,
  TextScanOptions,
} from "./src/scan/text_scan_options.ts";
export { TextDecoding } from "./src/scan/text_decoding.ts";
export type { WrittenBytes } from "./src/scan/pushed_input.ts";
export type { HiveType } from "./src/find/hive_types.ts";
export type { FileStats, SkippedFile } from "./src/scan/file_stats.ts";
export { type CollectOptions, RecordBatchStream } from "./src/streams/record_batch_stream.ts";
export type { ColumnValue } from "./src/batches/column_values.ts";
export { SpillwayBatch } from "./src/batches/spillway_batch.ts";
export type { PlainRow } from "./src/rows/plain_rows.ts";
export { ParallelStreamReader } from "./src/scan/parallel_stream_reader.ts";
export { AdaptiveStreamingReader } from "./src/scan/adaptive_streaming_reader.ts";
export { MmapParquetReader } from "./src/scan/mmap_parquet_reader.ts";

// What is done to the rows of a stream
export { where } from "./src/stages/where.ts";
export type { RowFilter, RowMask } from "./src/stages/row_filter.ts";
export { select } from "./src/stages/select.ts";
export { rename } from "./src/stages/rename.ts";
export { withColumns } from "./src/stages/with_columns.ts";
export { limit } from "./src/stages/limit.ts";
export { offset, skipRows } from "./src/stages/offset.ts";
export { BatchTransform } from "./src/stages/batch_transform.ts";
export type { PruneOptions } from "./src/scan/prune_options.ts";

// Bridges
export { concat } from "./src/streams/concat.ts";
export { fromRows, type FromRowsOptions, type RowSequence } from "./src/rows/from_rows.ts";
export { merge } from "./src/streams/merge.ts";
export { progress, type ProgressOptions, type StreamProgress } from "./src/scan/progress.ts";
export { rebatch } from "./src/stages/rebatch.ts";
export { streamToTable } from "./src/streams/stream_to_table.ts";
export { tableToStream } from "./src/streams/table_to_stream.ts";
export { toRows } from "./src/rows/to_rows.ts";
export { tap } from "./src/stages/tap.ts";

// Writing
export { writeParquet, type WriteParquetOptions } from "./src/write/write_parquet.ts";
export { encodeParquet, type EncodeParquetOptions } from "./src/write/encode_parquet.ts";
export type {
  ParquetCompression,
  ParquetEncoding,
  ParquetOptions,
  SortingColumn,
} from "./src/write/parquet_options.ts";
export { writeArrow, type WriteArrowOptions } from "./src/write/write_arrow.ts";
export { encodeArrow, type EncodeArrowOptions } from "./src/write/encode_arrow.ts";
export type { ArrowWriteOptions } from "./src/write/arrow_write_options.ts";
export { writeCsv, type WriteCsvOptions } from "./src/write/write_csv.ts";
export { encodeCsv, type EncodeCsvOptions } from "./src/write/encode_csv.ts";
export type { CsvWriteOptions } from "./src/write/csv_write_options.ts";
export { writeNdjson, type WriteNdjsonOptions } from "./src/write/write_ndjson.ts";
export { encodeNdjson, type EncodeNdjsonOptions } from "./src/write/encode_ndjson.ts";
export type { NdjsonWriteOptions } from "./src/write/ndjson_write_options.ts";
export type { FileCompression } from "./src/scan/file_compression.ts";
export type { TimeFormats } from "./src/rows/time_formats.ts";
export type { FileOptions } from "./src/write/file_options.ts";
export type { ByteOptions } from "./src/write/byte_options.ts";
export { FileSink } from "./src/write/file_sink.ts";
export { ByteTransform } from "./src/write/byte_transform.ts";
export { BatchWritable } from "./src/write/batch_writable.ts";
export type { WriteResult, WrittenFile } from "./src/write/write_result.ts";

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
export { selectRows } from "./src/stages/select_rows.ts";

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
} from "./src/scan/scan_plan.ts";
export type { Pace } from "./src/scan/progress_clock.ts";
export type { ScanProgress } from "./src/scan/scan_progress.ts";
export type {
  ConditionCounts,
  FilterCounts,
  FilterQuanta,
  PlannedPruning,
  ScanPruning,
  SparedPages,
  SparedRows,
} from "./src/scan/scan_pruning.ts";
export type { ScanCounters, ScanStats } from "./src/scan/scan_stats.ts";
export type {
  ColumnChunkMetadata,
  ColumnStatistics,
  FileMetadata,
  RowGroupMetadata,
} from "./src/scan/file_metadata.ts";

// The size of batches
export type {
  ChunkContext,
  ChunkDecision,
  ChunkEnd,
  ChunkSample,
  ChunkStrategy,
} from "./src/chunks/chunk_strategy.ts";
export {
  AdaptiveChunkStrategy,
  type AdaptiveChunkStrategyOptions,
} from "./src/chunks/adaptive_chunk_strategy.ts";
export { FixedChunkStrategy } from "./src/chunks/fixed_chunk_strategy.ts";

// Threads and memory
export { setDecodingThreads } from "./src/scan/decoding_threads.ts";
export { MemoryManager, type MemoryUsage } from "./src/memory/memory_manager.ts";
export { formatBytes, parseBytes } from "./src/memory/parse_bytes.ts";

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
