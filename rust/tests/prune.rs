//! Pruning against a naive evaluation: nothing that matches is ever skipped, and nothing is called a match that is none.

#[path = "support/naive.rs"]
mod naive;
#[path = "support/samples.rs"]
mod samples;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use samples::{ROW_GROUP_ROWS, ROWS, Random, column, columns, decoded, predicate, properties};
use spillway::error::Result;
use spillway::expression::bound::{Bound, ColumnRef, CompareOp, TextOp};
use spillway::files::file::ParquetFile;
use spillway::prune::{PruneOptions, RowGroupVerdict, SkipReason, prune};
use spillway::source::IoMode;

#[expect(clippy::unnecessary_wraps, reason = "an evaluation may fail")]
fn evaluate(predicate: &Bound, batch: &RecordBatch) -> Result<BooleanArray> {
    Ok(naive::evaluate(predicate, batch))
}

struct Written {
    _folder: tempfile::TempDir,
    file: Arc<ParquetFile>,
}

fn write(batch: &RecordBatch, properties: WriterProperties) -> Written {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("prune.parquet");
    let out = std::fs::File::create(&path).expect("create");
    let mut writer = ArrowWriter::try_new(out, batch.schema(), Some(properties)).expect("writer");
    writer.write(batch).expect("write");
    writer.close().expect("close");
    let file = Arc::new(ParquetFile::open(path.to_str().expect("UTF-8"), IoMode::Read).expect("open"));
    Written { _folder: folder, file }
}

fn verdicts(
    file: &Arc<ParquetFile>,
    predicate: &Bound,
    batch: &RecordBatch,
    options: PruneOptions,
) -> Vec<RowGroupVerdict> {
    let row_groups: Vec<usize> = (0..file.metadata.num_row_groups()).collect();
    prune(file, predicate, &batch.schema(), &row_groups, &options, &evaluate).expect("prune")
}

/// Checks that verdicts are true of the rows, and consistent.
fn check(verdicts: &[RowGroupVerdict], predicate: &Bound, batch: &RecordBatch) {
    let results = naive::evaluate(predicate, batch);
    let passes = |row: usize| results.is_valid(row) && results.value(row);
    for verdict in verdicts {
        let start = verdict.row_group * ROW_GROUP_ROWS;
        let rows = ROW_GROUP_ROWS.min(batch.num_rows() - start);
        let kept: HashSet<u64> = verdict.keep.iter().cloned().flatten().collect();
        for row in 0..rows {
            let passes = passes(start + row);
            let what = || format!("row {row} of {verdict:?} for {predicate:?}");
            if kept.contains(&(row as u64)) {
                assert!(passes || !verdict.all_match, "a match that is none: {}", what());
            } else {
                assert!(!passes, "a match that is skipped: {}", what());
            }
        }
        assert!(verdict.keep.windows(2).all(|pair| pair[0].end < pair[1].start), "{verdict:?}");
        assert_eq!(verdict.rows_skipped as usize, rows - kept.len());
        assert_eq!(verdict.keep.is_empty(), verdict.skipped_by.is_some());
        assert!(!verdict.all_match || !verdict.keep.is_empty());
        assert!(verdict.pages_skipped <= verdict.pages);
    }
}

#[test]
fn no_match_is_skipped_and_what_is_called_a_match_is_one() {
    let mut random = Random(0x5eed_1234_5678);
    let mut reasons = BTreeMap::<String, usize>::new();
    for round in 0..40 {
        let batch = columns(&mut random, ROWS - random_tail(round), round % 3 > 0, &[3, 9]);
        let pool = decoded(&columns(&mut random, ROWS * 2, true, &[2, 3, 4, 5, 6, 9]));
        let written = write(&batch, properties(&mut random));
        let batch = decoded(&batch);
        for _ in 0..60 {
            let predicate = predicate(&mut random, &pool, 2);
            let on = |random: &mut Random| !random.one_in(4);
            let options = PruneOptions {
                statistics: on(&mut random),
                bloom_filters: on(&mut random),
                dictionaries: on(&mut random),
                page_index: on(&mut random),
            };
            let verdicts = verdicts(&written.file, &predicate, &batch, options);
            check(&verdicts, &predicate, &batch);
            for verdict in verdicts {
                if verdict.skipped_by.is_some() {
                    *reasons.entry(format!("{:?}", verdict.skipped_by)).or_default() += 1;
                } else if verdict.all_match {
                    *reasons.entry("all match".into()).or_default() += 1;
                } else if verdict.rows_skipped > 0 {
                    *reasons.entry("some pages".into()).or_default() += 1;
                }
            }
        }
    }
    // Else the test would pass on a pruning that never does anything.
    for reason in
        ["Some(Statistics)", "Some(BloomFilter)", "Some(Dictionary)", "Some(PageIndex)", "all match", "some pages"]
    {
        assert!(reasons.get(reason).is_some_and(|count| *count > 20), "{reason} in {reasons:?}");
    }
}

/// Rows that the last row group lacks.
fn random_tail(round: usize) -> usize {
    round * 7 % ROW_GROUP_ROWS
}

fn compare(column: &ColumnRef, op: CompareOp, value: ArrayRef) -> Bound {
    Bound::Compare { op, left: Box::new(Bound::Column(column.clone())), right: Box::new(Bound::Literal(value)) }
}

/// One Int64 column of ascending numbers with ten pages a row group.
fn ascending() -> (RecordBatch, WriterProperties) {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values((0..ROWS as i64).map(|row| row * 2)));
    let batch = RecordBatch::try_from_iter_with_nullable([("n", numbers, true)]).expect("batch");
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(10)
        .set_write_batch_size(10)
        .set_dictionary_enabled(false);
    (batch, properties.build())
}

fn int64(value: i64) -> ArrayRef {
    Arc::new(Int64Array::from(vec![value]))
}

#[test]
fn sorted_numbers_are_found_by_row_group_and_page() {
    let (batch, properties) = ascending();
    let written = write(&batch, properties);
    let n = column(&batch, "n");
    let between = Bound::And(vec![compare(&n, CompareOp::Ge, int64(250)), compare(&n, CompareOp::Lt, int64(270))]);
    let found = verdicts(&written.file, &between, &batch, PruneOptions::default());
    check(&found, &between, &batch);
    assert_eq!(found[1].keep, std::slice::from_ref(&(20..40)));
    assert_eq!((found[1].pages, found[1].pages_skipped, found[1].rows_skipped, found[1].all_match), (10, 8, 80, false));
    assert_eq!(found[0].because.as_deref(), Some("n is at most 198"));
    assert_eq!(found[2].because.as_deref(), Some("n is at least 400"));
    assert_eq!(found[5].skipped_by, Some(SkipReason::Statistics));
    let all = compare(&n, CompareOp::Lt, int64(400));
    let found = verdicts(&written.file, &all, &batch, PruneOptions::default());
    assert_eq!(found.iter().map(|v| v.all_match).collect::<Vec<_>>(), [true, true, false, false, false, false]);
}

#[test]
fn nothing_is_read_where_statistics_decide() {
    let (batch, properties) = ascending();
    let properties = properties.into_builder().set_bloom_filter_enabled(true).build();
    let written = write(&batch, properties);
    let n = column(&batch, "n");
    let before = written.file.source.bytes_read();
    verdicts(&written.file, &compare(&n, CompareOp::Eq, int64(5000)), &batch, PruneOptions::default());
    verdicts(&written.file, &compare(&n, CompareOp::Ge, int64(0)), &batch, PruneOptions::default());
    assert_eq!(written.file.source.bytes_read(), before);
    // A range asks no filter.
    verdicts(
        &written.file,
        &compare(&n, CompareOp::Ge, int64(5)),
        &batch,
        PruneOptions { dictionaries: false, page_index: false, ..PruneOptions::default() },
    );
    assert_eq!(written.file.source.bytes_read(), before);
    let odd = verdicts(&written.file, &compare(&n, CompareOp::Eq, int64(301)), &batch, PruneOptions::default());
    assert_eq!(odd[1].skipped_by, Some(SkipReason::BloomFilter));
    assert_eq!(odd[1].because.as_deref(), Some("the bloom filter of n has no value that is asked for"));
    assert!(written.file.source.bytes_read() > before);
}

#[test]
fn a_dictionary_answers_what_no_range_can() {
    let texts: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..ROWS).map(|row| ["AIR", "MAIL", "SHIP"][row % 3])));
    let batch = RecordBatch::try_from_iter_with_nullable([("mode", texts, true)]).expect("batch");
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(ROW_GROUP_ROWS)).build();
    let written = write(&batch, properties);
    let text = |op, pattern: &str| {
        let mode = column(&batch, "mode");
        Bound::Text { op, value: Box::new(Bound::Column(mode)), pattern: pattern.into() }
    };
    // The chunk is small: its dictionary is most of it.
    let small = verdicts(
        &written.file,
        &text(TextOp::Contains, "X"),
        &batch,
        PruneOptions { bloom_filters: false, page_index: false, ..PruneOptions::default() },
    );
    assert_eq!(small[0].skipped_by, None);
    let long: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..60_000).map(|row| ["AIR", "MAIL", "SHIP"][row * row % 7 % 3])));
    let batch = RecordBatch::try_from_iter_with_nullable([("mode", long, true)]).expect("batch");
    let written = write(&batch, WriterProperties::builder().build());
    let found = verdicts(&written.file, &text(TextOp::Contains, "X"), &batch, PruneOptions::default());
    assert_eq!((found[0].skipped_by, found[0].rows_skipped), (Some(SkipReason::Dictionary), 60_000));
    assert_eq!(found[0].because.as_deref(), Some("none of the 3 distinct values of mode matches"));
    let found = verdicts(&written.file, &text(TextOp::Contains, "I"), &batch, PruneOptions::default());
    assert!(found[0].all_match);
    let both = Bound::And(vec![text(TextOp::Contains, "I"), text(TextOp::EndsWith, "P")]);
    let found = verdicts(&written.file, &both, &batch, PruneOptions::default());
    assert_eq!((found[0].all_match, found[0].skipped_by), (false, None));
}

#[test]
fn verdicts_print_as_camel_case() {
    let (batch, properties) = ascending();
    let written = write(&batch, properties);
    let found = verdicts(
        &written.file,
        &compare(&column(&batch, "n"), CompareOp::Gt, int64(1100)),
        &batch,
        PruneOptions::default(),
    );
    let json = serde_json::to_value(&found[0]).expect("JSON");
    assert_eq!(json["skippedBy"], "statistics");
    assert_eq!(json["because"], "n is at most 198");
    assert_eq!(json["rowsSkipped"], 100);
}

#[test]
fn a_row_group_that_is_not_there_is_an_error() {
    let (batch, properties) = ascending();
    let written = write(&batch, properties);
    let predicate = compare(&column(&batch, "n"), CompareOp::Gt, int64(1));
    let result = prune(&written.file, &predicate, &batch.schema(), &[6], &PruneOptions::default(), &evaluate);
    assert_eq!(result.expect_err("six row groups").code(), spillway::error::ErrorCode::InvalidArgument);
}
