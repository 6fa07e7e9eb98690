//! What writers get wrong in metadata, or leave out: pruning then keeps what it cannot tell of.

#[path = "support/naive.rs"]
mod naive;

use std::sync::Arc;

use arrow_array::builder::{Int64Builder, ListBuilder};
use arrow_array::{
    ArrayRef, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray, StructArray, UInt32Array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use parquet::basic::{ColumnOrder, SortOrder};
use parquet::data_type::ByteArray;
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, LevelHistogram, ParquetMetaData, ParquetMetaDataBuilder, RowGroupMetaData,
};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::statistics::Statistics;
use spillway::expression::bound::{Bound, ColumnRef, CompareOp, TextOp};
use spillway::file::ParquetFile;
use spillway::prune::{PruneOptions, RowGroupVerdict, SkipReason, prune};
use spillway::source::IoMode;

struct Written {
    _folder: tempfile::TempDir,
    file: ParquetFile,
    batch: RecordBatch,
}

fn write_with(column: ArrayRef, properties: WriterProperties) -> Written {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("traps.parquet");
    let batch = RecordBatch::try_from_iter_with_nullable([("c", column, true)]).expect("batch");
    let out = std::fs::File::create(&path).expect("create");
    let mut writer = ArrowWriter::try_new(out, batch.schema(), Some(properties)).expect("writer");
    writer.write(&batch).expect("write");
    writer.close().expect("close");
    let file = ParquetFile::open(path.to_str().expect("UTF-8"), IoMode::Read).expect("open");
    Written { _folder: folder, file, batch }
}

/// A file with statistics of chunks and nothing else to prune by.
fn write(column: ArrayRef) -> Written {
    let properties = WriterProperties::builder()
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_dictionary_enabled(false)
        .set_write_page_header_statistics(false);
    write_with(column, properties.build())
}

impl Written {
    /// The same file with another idea of its first chunk.
    fn with_chunk(self, change: impl FnOnce(ColumnChunkMetaData) -> ColumnChunkMetaData) -> Self {
        self.with_row_group(|row_group| {
            let mut builder = row_group.into_builder();
            let mut chunks = builder.take_columns();
            let first = change(chunks.remove(0));
            chunks.insert(0, first);
            builder.set_column_metadata(chunks).build().expect("row group")
        })
    }

    fn with_statistics(self, statistics: Statistics) -> Self {
        self.with_chunk(|chunk| chunk.into_builder().set_statistics(statistics).build().expect("chunk"))
    }

    /// Without the histogram of definition levels, which tells of nulls too.
    fn without_levels(self) -> Self {
        self.with_chunk(|chunk| chunk.into_builder().set_definition_level_histogram(None).build().expect("chunk"))
    }

    fn with_row_group(mut self, change: impl FnOnce(RowGroupMetaData) -> RowGroupMetaData) -> Self {
        let mut builder = self.file.metadata.as_ref().clone().into_builder();
        let mut row_groups = builder.take_row_groups();
        let first = change(row_groups.remove(0));
        row_groups.insert(0, first);
        self.file.metadata = Arc::new(builder.set_row_groups(row_groups).build());
        self
    }

    fn with_order(mut self, order: Option<ColumnOrder>) -> Self {
        let old = self.file.metadata.file_metadata();
        let schema = old.schema_descr_ptr();
        let file = FileMetaData::new(old.version(), old.num_rows(), None, None, schema, order.map(|order| vec![order]));
        let row_groups = self.file.metadata.row_groups().to_vec();
        self.file.metadata =
            Arc::new(ParquetMetaDataBuilder::new(file).set_row_groups(row_groups).build()) as Arc<ParquetMetaData>;
        self
    }

    fn column(&self) -> ColumnRef {
        let data_type = self.batch.schema().field(0).data_type().clone();
        match data_type {
            DataType::Struct(fields) => {
                ColumnRef { root: 0, fields: vec![0], name: "c.x".into(), data_type: fields[0].data_type().clone() }
            }
            data_type => ColumnRef { root: 0, fields: Vec::new(), name: "c".into(), data_type },
        }
    }

    fn verdict(self, predicate: impl FnOnce(Bound) -> Bound) -> RowGroupVerdict {
        self.verdict_with(PruneOptions::default(), predicate)
    }

    fn verdict_with(self, options: PruneOptions, predicate: impl FnOnce(Bound) -> Bound) -> RowGroupVerdict {
        let predicate = predicate(Bound::Column(self.column()));
        let file = Arc::new(self.file);
        let schema = self.batch.schema();
        prune(&file, &predicate, &schema, &[0], &options, &naive::evaluate).expect("prune").remove(0)
    }
}

fn is(op: CompareOp, value: ArrayRef) -> impl FnOnce(Bound) -> Bound {
    move |column| Bound::Compare { op, left: Box::new(column), right: Box::new(Bound::Literal(value)) }
}

fn is_null(column: Bound) -> Bound {
    Bound::IsNull(Box::new(column))
}

fn is_not_null(column: Bound) -> Bound {
    Bound::Not(Box::new(is_null(column)))
}

fn skipped(verdict: &RowGroupVerdict) -> bool {
    verdict.skipped_by.is_some()
}

fn int(value: i32) -> ArrayRef {
    Arc::new(Int32Array::from(vec![value]))
}

fn ints() -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(10..20))
}

fn text(value: &str) -> ArrayRef {
    Arc::new(StringArray::from(vec![value]))
}

fn texts() -> ArrayRef {
    Arc::new(StringArray::from_iter_values(["berry", "cherry", "date"]))
}

fn int_statistics(min: i32, max: i32, nulls: Option<u64>, deprecated: bool) -> Statistics {
    Statistics::int32(Some(min), Some(max), None, nulls, deprecated)
}

fn text_statistics(min: &str, max: &str, deprecated: bool) -> Statistics {
    Statistics::byte_array(Some(min.into()), Some(max.into()), None, Some(0), deprecated)
}

#[test]
fn missing_statistics_tell_nothing() {
    let bare = || write(ints()).with_chunk(|chunk| chunk.into_builder().clear_statistics().build().expect("chunk"));
    assert!(skipped(&write(ints()).verdict(is(CompareOp::Gt, int(50)))));
    assert!(!skipped(&bare().verdict(is(CompareOp::Gt, int(50)))));
    assert!(!skipped(&bare().verdict(is_null)));
    assert!(!bare().verdict(is_not_null).all_match);
}

#[test]
fn a_missing_count_of_nulls_is_unknown_and_one_is_used() {
    let counted = |nulls| write(ints()).with_statistics(int_statistics(10, 19, nulls, false)).without_levels();
    assert!(!skipped(&counted(None).verdict(is_null)));
    assert!(!counted(None).verdict(is(CompareOp::Lt, int(50))).all_match);
    assert!(skipped(&counted(Some(0)).verdict(is_null)));
    assert!(counted(Some(0)).verdict(is(CompareOp::Lt, int(50))).all_match);
    let all = counted(Some(10)).verdict(is_not_null);
    assert_eq!((skipped(&all), all.because.as_deref()), (true, Some("c is null in all rows")));
    assert!(!counted(Some(4)).verdict(is_not_null).all_match);
    // More nulls than rows is a lie.
    assert!(!skipped(&counted(Some(11)).verdict(is_not_null)));
}

#[test]
fn truncated_bounds_are_bounds() {
    let properties = || {
        let builder = WriterProperties::builder().set_statistics_truncate_length(Some(1)).set_dictionary_enabled(false);
        builder.set_column_index_truncate_length(Some(1)).build()
    };
    // Stored as "b" to "e".
    let written = || write_with(texts(), properties());
    assert!(skipped(&written().verdict(is(CompareOp::Eq, text("apple")))));
    assert!(skipped(&written().verdict(is(CompareOp::Gt, text("e")))));
    assert!(!skipped(&written().verdict(is(CompareOp::Eq, text("date")))));
    assert!(!skipped(&written().verdict(is(CompareOp::Lt, text("berry")))));
    assert!(written().verdict(is(CompareOp::Ge, text("b"))).all_match);
    assert!(!written().verdict(is(CompareOp::Ge, text("bd"))).all_match);
    assert_eq!(written().verdict(is(CompareOp::Gt, text("e"))).because.as_deref(), Some("c is at most 'e'"));
}

#[test]
fn deprecated_bounds_are_for_signed_numbers_only() {
    let verdict =
        write(ints()).with_statistics(int_statistics(10, 19, Some(0), true)).verdict(is(CompareOp::Gt, int(50)));
    assert!(skipped(&verdict));
    let verdict =
        write(texts()).with_statistics(text_statistics("berry", "date", true)).verdict(is(CompareOp::Gt, text("x")));
    assert!(!skipped(&verdict));
    let verdict =
        write(texts()).with_statistics(text_statistics("berry", "date", false)).verdict(is(CompareOp::Gt, text("x")));
    assert!(skipped(&verdict));
    let unsigned = |deprecated| {
        let column: ArrayRef = Arc::new(UInt32Array::from(vec![5, u32::MAX]));
        let statistics = int_statistics(5, -1, Some(0), deprecated);
        write(column).with_statistics(statistics).verdict(is(CompareOp::Lt, Arc::new(UInt32Array::from(vec![5]))))
    };
    assert!(skipped(&unsigned(false)) && !skipped(&unsigned(true)));
    let wide = |deprecated| {
        let decimals = Decimal128Array::from(vec![-1, 1]).with_precision_and_scale(30, 2).expect("decimal");
        let bytes = |value: i128| ByteArray::from(value.to_be_bytes()[3..].to_vec()).into();
        let statistics = Statistics::fixed_len_byte_array(Some(bytes(-1)), Some(bytes(1)), None, Some(0), deprecated);
        let five = Decimal128Array::from(vec![5]).with_precision_and_scale(30, 2).expect("decimal");
        write(Arc::new(decimals)).with_statistics(statistics).verdict(is(CompareOp::Gt, Arc::new(five)))
    };
    assert!(skipped(&wide(false)) && !skipped(&wide(true)));
}

#[test]
fn an_order_that_is_not_declared_is_that_of_signed_numbers() {
    let gt_50 = || is(CompareOp::Gt, int(50));
    assert!(skipped(&write(ints()).with_order(None).verdict(gt_50())));
    assert!(!skipped(&write(texts()).with_order(None).verdict(is(CompareOp::Gt, text("x")))));
    let unknown = || Some(ColumnOrder::UNKNOWN);
    assert!(!skipped(&write(ints()).with_order(unknown()).verdict(gt_50())));
    let undefined = Some(ColumnOrder::TYPE_DEFINED_ORDER(SortOrder::UNDEFINED));
    assert!(!skipped(&write(ints()).with_order(undefined).verdict(gt_50())));
    // Nulls have no order.
    assert!(skipped(&write(ints()).with_order(unknown()).verdict(is_null)));
}

#[test]
fn bounds_that_contradict_each_other_are_none() {
    let verdict =
        write(ints()).with_statistics(int_statistics(19, 10, Some(0), false)).verdict(is(CompareOp::Gt, int(50)));
    assert!(!skipped(&verdict));
    let decimals = Decimal128Array::from(vec![1]).with_precision_and_scale(30, 2).expect("decimal");
    for bytes in [vec![], vec![0; 17]] {
        let bound = || Some(ByteArray::from(bytes.clone()).into());
        let statistics = Statistics::fixed_len_byte_array(bound(), bound(), None, Some(0), false);
        let five = Decimal128Array::from(vec![5]).with_precision_and_scale(30, 2).expect("decimal");
        let written = write(Arc::new(decimals.clone())).with_statistics(statistics);
        assert!(!skipped(&written.verdict(is(CompareOp::Gt, Arc::new(five)))));
    }
}

#[test]
fn nan_may_hide_in_every_column_of_floats() {
    let float = |value: f64| -> ArrayRef { Arc::new(Float64Array::from(vec![value])) };
    let written = |values: &[f64]| write(Arc::new(Float64Array::from(values.to_vec())));
    // Writers leave NaN out of the bounds, and it is greater than every number.
    assert!(!skipped(&written(&[1.0, f64::NAN]).verdict(is(CompareOp::Gt, float(50.0)))));
    assert!(!skipped(&written(&[1.0, 2.0]).verdict(is(CompareOp::Eq, float(f64::NAN)))));
    assert!(!written(&[1.0, f64::NAN]).verdict(is(CompareOp::Le, float(2.0))).all_match);
    assert!(skipped(&written(&[1.0, f64::NAN]).verdict(is(CompareOp::Lt, float(1.0)))));
    assert!(skipped(&written(&[1.0, f64::NAN]).verdict(is(CompareOp::Eq, float(2.0)))));
    assert!(written(&[1.0, f64::NAN]).verdict(is(CompareOp::Ge, float(1.0))).all_match);
    let bounds = |min, max| Statistics::double(Some(min), Some(max), None, Some(0), false);
    for statistics in [bounds(f64::NAN, 2.0), bounds(1.0, f64::NAN), bounds(f64::NAN, f64::NAN)] {
        assert!(!skipped(&written(&[1.0]).with_statistics(statistics).verdict(is(CompareOp::Lt, float(0.0)))));
    }
}

#[test]
fn both_zeros_are_one_number() {
    let zero = |value: f64| -> ArrayRef { Arc::new(Float64Array::from(vec![value])) };
    for (min, max) in [(0.0, 0.0), (-0.0, -0.0), (0.0, -0.0), (-0.0, 0.0)] {
        let written = || {
            let statistics = Statistics::double(Some(min), Some(max), None, Some(0), false);
            write(zero(-0.0)).with_statistics(statistics)
        };
        for literal in [0.0, -0.0] {
            assert!(!skipped(&written().verdict(is(CompareOp::Eq, zero(literal)))), "{min} {max} {literal}");
            assert!(written().verdict(is(CompareOp::Ge, zero(literal))).all_match);
            assert!(skipped(&written().verdict(is(CompareOp::Lt, zero(literal)))));
        }
    }
}

#[test]
fn a_row_group_without_rows_is_skipped() {
    let written =
        write(ints()).with_row_group(|row_group| row_group.into_builder().set_num_rows(0).build().expect("row group"));
    let verdict = written.verdict(is_not_null);
    assert_eq!((verdict.keep.len(), verdict.rows_skipped, verdict.all_match), (0, 0, false));
    assert_eq!(
        (verdict.skipped_by, verdict.because.as_deref()),
        (Some(SkipReason::Statistics), Some("it has no rows"))
    );
}

fn nested(outer_nulls: &[bool]) -> ArrayRef {
    let inner: ArrayRef = Arc::new(Int64Array::from_iter_values(0..outer_nulls.len() as i64));
    let valid = NullBuffer::from_iter(outer_nulls.iter().map(|null| !null));
    Arc::new(StructArray::new(vec![Field::new("x", DataType::Int64, true)].into(), vec![inner], Some(valid)))
}

#[test]
fn no_nulls_counted_in_an_optional_struct_needs_a_histogram_to_be_believed() {
    let statistics = |nulls| Statistics::int64(Some(0), Some(2), None, Some(nulls), false);
    let without = |nulls| write(nested(&[true, false, false])).with_statistics(statistics(nulls)).without_levels();
    // Some writers do not count those of the struct.
    assert!(!skipped(&without(0).verdict(is_null)));
    assert!(!without(0).verdict(is_not_null).all_match);
    assert!(skipped(&without(3).verdict(is_not_null)));
    let with = |levels: [i64; 3]| {
        let levels = LevelHistogram::from(levels.to_vec());
        write(nested(&[false; 3])).with_statistics(statistics(0)).with_chunk(|chunk| {
            chunk.into_builder().set_definition_level_histogram(Some(levels)).build().expect("chunk")
        })
    };
    assert!(skipped(&with([0, 0, 3]).verdict(is_null)));
    assert!(!skipped(&with([1, 0, 2]).verdict(is_null)));
    assert!(!skipped(&with([0, 0, 4]).verdict(is_null)));
    assert!(skipped(&with([3, 0, 0]).verdict(is_not_null)));
    assert!(skipped(&with([0, 0, 3]).verdict(is(CompareOp::Gt, Arc::new(Int64Array::from(vec![9]))))));
}

#[test]
fn lists_tell_nothing() {
    let mut lists = ListBuilder::new(Int64Builder::new());
    lists.append_value([Some(1), Some(2)]);
    lists.append_null();
    assert!(!skipped(&write(Arc::new(lists.finish())).verdict(is_null)));
}

/// 1000 ascending numbers in pages of 100, with everything to prune by.
fn indexed() -> Written {
    let properties = WriterProperties::builder()
        .set_data_page_row_count_limit(100)
        .set_write_batch_size(100)
        .set_bloom_filter_enabled(true);
    write_with(Arc::new(Int32Array::from_iter_values((0..1000).map(|row| row / 100 * 2))), properties.build())
}

fn only_pages() -> PruneOptions {
    PruneOptions { statistics: false, bloom_filters: false, dictionaries: false, page_index: true }
}

#[test]
fn pages_that_contradict_their_index_are_kept() {
    let eq_4 = || is(CompareOp::Eq, int(4));
    assert_eq!(indexed().verdict_with(only_pages(), eq_4()).keep, [200..300]);
    let lengths = |chunk: &ColumnChunkMetaData| {
        (chunk.column_index_length().expect("length"), chunk.offset_index_length().expect("length"))
    };
    let all = std::slice::from_ref(&(0..1000));
    for cut in [1, 10, 20] {
        let shorter = indexed().with_chunk(|chunk| {
            let length = lengths(&chunk).0 - cut;
            chunk.into_builder().set_column_index_length(Some(length)).build().expect("chunk")
        });
        assert_eq!(shorter.verdict_with(only_pages(), eq_4()).keep, all);
        let shorter = indexed().with_chunk(|chunk| {
            let length = lengths(&chunk).1 - cut;
            chunk.into_builder().set_offset_index_length(Some(length)).build().expect("chunk")
        });
        assert_eq!(shorter.verdict_with(only_pages(), eq_4()).keep, all);
    }
    let beyond = indexed()
        .with_chunk(|chunk| chunk.into_builder().set_column_index_offset(Some(1 << 40)).build().expect("chunk"));
    assert_eq!(beyond.verdict_with(only_pages(), eq_4()).keep, all);
    let negative = indexed().with_chunk(|chunk| {
        chunk.into_builder().set_offset_index_offset(Some(-1)).set_bloom_filter_offset(Some(-7)).build().expect("chunk")
    });
    assert_eq!(negative.verdict(eq_4()).keep, all);
}

#[test]
fn a_row_group_with_fewer_rows_than_its_pages_is_kept() {
    let written =
        indexed().with_row_group(|row_group| row_group.into_builder().set_num_rows(850).build().expect("row group"));
    assert_eq!(written.verdict_with(only_pages(), is(CompareOp::Eq, int(4))).keep, [0..850]);
}

#[test]
fn filters_of_a_wrong_length_are_not_read() {
    let filters = PruneOptions { statistics: true, bloom_filters: true, dictionaries: false, page_index: false };
    let of = |length: Option<i32>| {
        indexed().with_chunk(|chunk| chunk.into_builder().set_bloom_filter_length(length).build().expect("chunk"))
    };
    let right = indexed().file.metadata.row_group(0).column(0).bloom_filter_length().expect("length");
    let eq_5 = || is(CompareOp::Eq, int(5));
    assert_eq!(of(Some(right)).verdict_with(filters, eq_5()).skipped_by, Some(SkipReason::BloomFilter));
    assert_eq!(of(None).verdict_with(filters, eq_5()).skipped_by, Some(SkipReason::BloomFilter));
    for length in [-1, 0, 1, right - 1, right - 32, right + 32, i32::MAX] {
        assert_eq!(of(Some(length)).verdict_with(filters, eq_5()).skipped_by, None, "{length}");
    }
}

#[test]
fn dictionaries_are_believed_only_where_all_pages_are_codes() {
    let numbers =
        || -> ArrayRef { Arc::new(Int32Array::from_iter_values((0..20_000).map(|row| row * row % 7 % 3 * 2))) };
    let dictionaries = PruneOptions { statistics: false, bloom_filters: false, dictionaries: true, page_index: false };
    let written = || write_with(numbers(), WriterProperties::builder().build());
    let eq_1 = || is(CompareOp::Eq, int(1));
    assert_eq!(written().verdict_with(dictionaries, eq_1()).skipped_by, Some(SkipReason::Dictionary));
    assert_eq!(written().verdict_with(dictionaries, is(CompareOp::Eq, int(2))).skipped_by, None);
    // Without counts of pages by encoding, PLAIN may be that of pages too.
    let doubtful =
        written().with_chunk(|chunk| chunk.into_builder().clear_page_encoding_stats().build().expect("chunk"));
    assert_eq!(doubtful.verdict_with(dictionaries, eq_1()).skipped_by, None);
    // Distinct values beyond the limit go on as plain pages.
    let properties = WriterProperties::builder().set_dictionary_page_size_limit(64).set_write_batch_size(64);
    let mixed = write_with(Arc::new(Int32Array::from_iter_values(0..20_000)), properties.build());
    assert_eq!(mixed.verdict_with(dictionaries, is(CompareOp::Eq, int(15_000))).skipped_by, None);
}

#[test]
fn any_byte_of_the_metadata_may_be_wrong_without_a_failure() {
    let written = indexed();
    let whole = std::fs::read(&written.file.path).expect("read");
    let predicate = Bound::And(vec![
        is(CompareOp::Eq, int(5))(Bound::Column(written.column())),
        Bound::Not(Box::new(is(CompareOp::Eq, int(9))(Bound::Column(written.column())))),
    ]);
    let chunk = written.file.metadata.row_group(0).column(0).clone();
    let from = |offset: Option<i64>| offset.expect("offset") as usize;
    let mut places: Vec<usize> = (4..60).collect();
    places.extend(from(chunk.column_index_offset())..from(chunk.column_index_offset()) + 120);
    places.extend(from(chunk.offset_index_offset())..from(chunk.offset_index_offset()) + 120);
    places.extend(from(chunk.bloom_filter_offset())..from(chunk.bloom_filter_offset()) + 20);
    places.extend(whole.len() - 400..whole.len());
    for place in places {
        for value in [0x00, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[place] = value;
            std::fs::write(&written.file.path, &bytes).expect("write");
            let Ok(file) = ParquetFile::open(&written.file.path, IoMode::Read) else { continue };
            let file = Arc::new(file);
            let row_groups: Vec<usize> = (0..file.metadata.num_row_groups()).collect();
            for options in [PruneOptions::default(), only_pages()] {
                let schema = Arc::clone(&file.schema);
                let found = prune(&file, &predicate, &schema, &row_groups, &options, &naive::evaluate);
                for verdict in found.expect("never an error") {
                    let rows = file.metadata.row_group(verdict.row_group).num_rows() as u64;
                    assert!(verdict.keep.iter().all(|kept| kept.start < kept.end && kept.end <= rows), "{verdict:?}");
                }
            }
        }
    }
}

#[test]
fn texts_with_a_prefix_lie_together() {
    let of = |op, pattern: &str| {
        let pattern = pattern.to_owned();
        write(texts()).verdict(move |column| Bound::Text { op, value: Box::new(column), pattern })
    };
    for (op, pattern, is_skipped) in [
        (TextOp::StartsWith, "a", true),
        (TextOp::StartsWith, "bear", true),
        (TextOp::StartsWith, "berry", false),
        (TextOp::StartsWith, "dates", true),
        (TextOp::StartsWith, "c", false),
        (TextOp::Like, "e%", true),
        (TextOp::Like, "%e", false),
        (TextOp::Like, "date_", false),
        (TextOp::Like, "apple", true),
        (TextOp::Like, "a\\%%", true),
        (TextOp::Contains, "zzz", false),
    ] {
        assert_eq!(skipped(&of(op, pattern)), is_skipped, "{op:?} {pattern}");
    }
    assert!(of(TextOp::StartsWith, "").all_match && of(TextOp::Like, "%").all_match);
    let same: ArrayRef = Arc::new(StringArray::from(vec!["plan a", "plan b"]));
    let plan = |column| Bound::Text { op: TextOp::Like, value: Box::new(column), pattern: "plan%".into() };
    assert!(write(same).verdict(plan).all_match);
}
