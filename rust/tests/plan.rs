//! Plans are made from metadata alone: these tests decode nothing.

mod support;

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use parquet::file::properties::WriterProperties;
use spillway::error::ErrorCode;
use spillway::files::file::ParquetFile;
use spillway::files::projection::Projection;
use spillway::options::{FileWindow, ScanOptions};
use spillway::plan::{FilePart, PlanLimits, ScanPlan, plan_scan};
use spillway::source::IoMode;

use support::{TestFile, write_file};

const MIB: u64 = 1 << 20;

fn two_columns(rows: i64) -> RecordBatch {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
    let texts: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..rows).map(|row| format!("a rather long text {row:020}"))));
    RecordBatch::try_from_iter([("number", numbers), ("text", texts)]).expect("batch")
}

fn file_of(rows: i64, rows_per_group: usize) -> TestFile {
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(rows_per_group))
        .set_data_page_row_count_limit(1000)
        .set_write_batch_size(500)
        .build();
    write_file(&two_columns(rows), properties)
}

fn plan(file: &TestFile, mut options: serde_json::Value, limit: u64, threads: usize) -> Result<ScanPlan, ErrorCode> {
    options["path"] = file.path().into();
    let options = ScanOptions::from_json(options.to_string().as_bytes()).expect("options");
    let file = Arc::new(ParquetFile::open(options.first_path(), IoMode::Mmap).expect("open"));
    let projection = Projection::resolve(&file, options.columns.as_deref()).expect("projection");
    let window = FileWindow { offset: options.offset, limit: options.limit, first_row: 0 };
    let part = FilePart { row_groups: options.files[0].row_groups.as_deref(), window, by_rows: false };
    let limits = PlanLimits { memory_limit_bytes: limit, threads };
    let (plan, space) = plan_scan(&file, &projection, &options, part, limits, None).map_err(|error| error.code())?;
    assert_eq!(plan.rows, space.len());
    let covered: Vec<u64> = plan.segments.iter().flat_map(|segment| [segment.rows.start, segment.rows.end]).collect();
    if !space.is_empty() {
        assert_eq!((covered.first(), covered.last()), (Some(&space.rows().start), Some(&space.rows().end)));
    }
    assert!(
        covered[..].chunks(2).zip(covered[..].chunks(2).skip(1)).all(|(a, b)| a[1] == b[0]),
        "no gaps: {covered:?}"
    );
    Ok(plan)
}

#[test]
fn a_whole_file_is_one_segment_where_columns_keep_the_workers_busy() {
    let file = file_of(10_000, 1000);
    let plan = plan(&file, serde_json::json!({}), 64 * MIB, 1).expect("plan");
    assert_eq!((plan.rows, plan.active_segments, plan.segments.len()), (10_000, 1, 1));
    assert_eq!(plan.segments[0].row_groups, (0..10).collect::<Vec<_>>());
    assert!(
        plan.row_groups
            .iter()
            .all(|group| group.rows == (0..1000) && group.skipped.is_none() && group.estimated_bytes > 8000)
    );
    assert_eq!(plan.columns, ["number", "text"]);
    assert!(plan.lanes[1].estimated_bytes > plan.lanes[0].estimated_bytes);
}

#[test]
fn a_single_column_is_split_at_row_groups() {
    let file = file_of(400_000, 50_000);
    let plan = plan(&file, serde_json::json!({ "columns": ["text"] }), 16 * MIB, 4).expect("plan");
    assert_eq!(plan.active_segments, 4);
    assert!(plan.segments.len() >= 4, "{:?}", plan.segments);
}

#[test]
fn segments_that_end_with_row_groups_are_small_and_those_within_one_are_not() {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values((0..10_000_000).map(|row| row % 100)));
    let batch = RecordBatch::try_from_iter([("number", numbers)]).expect("batch");
    // 80 MB of numbers: 10 MB for each of eight segments, if they were even.
    for (row_group_rows, bytes) in [(100_000, 4 * MIB..5 * MIB), (10_000_000, 9 * MIB..11 * MIB)] {
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(row_group_rows)).build();
        let plan = plan(&write_file(&batch, properties), serde_json::json!({}), 256 * MIB, 2).expect("plan");
        let (_, whole) = plan.segments.split_last().expect("segments");
        assert!(!whole.is_empty());
        for segment in whole {
            let length = segment.rows.end - segment.rows.start;
            assert!(bytes.contains(&(8 * length)), "{length} rows of {row_group_rows} in each row group");
        }
    }
}

#[test]
fn one_huge_row_group_is_split_at_pages() {
    let file = file_of(400_000, 400_000);
    let plan = plan(&file, serde_json::json!({ "columns": ["number"] }), 8 * MIB, 2).expect("plan");
    assert_eq!(plan.active_segments, 2);
    assert!(plan.segments.len() > 1, "{:?}", plan.segments);
    assert!(plan.segments.iter().all(|segment| segment.rows.start % 500 == 0 && segment.row_groups == [0]));
}

#[test]
fn segments_end_where_batches_of_an_exact_size_end() {
    let file = file_of(400_000, 50_000);
    let plan = plan(&file, serde_json::json!({ "columns": ["number"], "fixedRows": 7000 }), 4 * MIB, 4).expect("plan");
    assert!(plan.segments.len() > 1);
    assert!(plan.segments.iter().all(|segment| segment.rows.start % 7000 == 0), "{:?}", plan.segments);
}

#[test]
fn what_is_not_read_is_skipped_with_the_reason() {
    let file = file_of(5000, 1000);
    let options = serde_json::json!({ "rowGroups": [1, 3], "offset": 1500, "limit": 100, "columns": ["number"] });
    let plan = plan(&file, options, 64 * MIB, 2).expect("plan");
    let skipped: Vec<Option<&str>> = plan.row_groups.iter().map(|group| group.skipped.as_deref()).collect();
    let unwanted = Some("not in rowGroups");
    assert_eq!(skipped, [unwanted, Some("outside offset and limit"), unwanted, None, unwanted]);
    assert_eq!((plan.rows, plan.row_groups[3].rows.clone()), (100, 500..600));
    assert_eq!(plan.row_groups[0].compressed_bytes, 0);
}

#[test]
fn row_groups_that_do_not_exist_or_come_twice_are_refused() {
    let file = file_of(5000, 1000);
    for row_groups in [vec![5], vec![0, 0]] {
        let refused = plan(&file, serde_json::json!({ "rowGroups": row_groups }), 64 * MIB, 2);
        assert_eq!(refused.map(|_| ()), Err(ErrorCode::InvalidArgument));
    }
}

#[test]
fn a_plan_is_plain_data() {
    let file = file_of(1000, 1000);
    let json = serde_json::to_value(plan(&file, serde_json::json!({}), 64 * MIB, 2).expect("plan")).expect("JSON");
    assert_eq!(json["rowRange"], serde_json::json!({ "start": 0, "end": 1000 }));
    assert_eq!(json["io"], "mmap");
    assert_eq!(json["rowGroups"][0]["skipped"], serde_json::Value::Null);
}
