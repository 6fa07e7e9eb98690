//! Schedules without workers: a test decides which lane finishes when.

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};

use super::*;
use crate::batches::pool::BufferPool;
use crate::memory::budget::Account;
use crate::options::ScanOptions;
use crate::stop_check::StopCheck;

const ROWS: u64 = 500;
const CHUNK_ROWS: u64 = 100;
/// A mebibyte of integers: as much as a segment has at least.
const ROW_GROUP_ROWS: usize = 131_072;

/// A schedule of chunks of 100 rows of two columns.
fn schedule() -> Schedule {
    schedule_of(&["a", "b"], ROWS, 1 << 20, &json!({ "fixedRows": CHUNK_ROWS }))
}

/// A schedule of these columns, in row groups of `ROW_GROUP_ROWS` rows.
fn schedule_of(columns: &[&str], rows: u64, memory: u64, options: &Value) -> Schedule {
    let directory = tempfile::tempdir().expect("temporary directory");
    let path = directory.path().join("numbers.parquet");
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows as i64));
    let batch = RecordBatch::try_from_iter(columns.iter().map(|name| (*name, ArrayRef::clone(&numbers))));
    let batch = batch.expect("batch");
    let file = std::fs::File::create(&path).expect("file");
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(ROW_GROUP_ROWS)).build();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("writer");
    writer.write(&batch).expect("write");
    writer.close().expect("close");
    let mut json = options.clone();
    json["path"] = path.to_string_lossy().into();
    let options = ScanOptions::from_json(json.to_string().as_bytes()).expect("options");
    let log = Arc::default();
    let (dataset, opened) = Dataset::open(options, memory, &log, StopCheck::never()).expect("open");
    let account = Account::new(Some(memory));
    let memory = Arc::new(StreamMemory::unpooled(account));
    Schedule::new(&Arc::new(dataset), &Arc::new(opened), &log, &memory, &Arc::default())
}

/// Takes the only work for a column from the heap; the other lane is kept in `waiting`.
fn work_of(schedule: &mut Schedule, column: usize, waiting: &mut Option<Work>) -> Work {
    if let Some(work) = waiting.take_if(|work| work.column == column) {
        return work;
    }
    let work = schedule.next_work().expect("work");
    if work.column == column {
        return work;
    }
    *waiting = Some(work);
    schedule.next_work().expect("work of the other column")
}

fn decode(schedule: &mut Schedule, mut work: Work) -> bool {
    let result = work.decode(&BufferPool::new(0));
    schedule.finish_work(work, result, Duration::ZERO)
}

#[test]
fn columns_that_lag_behind_a_failure_still_complete_the_chunks_before_it() {
    let mut schedule = schedule();
    assert_eq!(schedule.plan_ahead(CHUNK_ROWS), 2, "both lanes");
    let mut waiting = None;
    // Column b runs ahead and fails in the third chunk; column a has not begun.
    for _ in 0..2 {
        let work = work_of(&mut schedule, 1, &mut waiting);
        assert!(decode(&mut schedule, work), "ready for its next chunk");
    }
    let work = work_of(&mut schedule, 1, &mut waiting);
    assert_eq!(work.chunk, 2);
    let failure = Err(SpillwayError::internal("made up"));
    assert!(!schedule.finish_work(work, failure, Duration::ZERO), "nothing is left for a lane that failed");
    assert!(matches!(schedule.take(), Next::NotReady));
    let first = work_of(&mut schedule, 0, &mut waiting);
    assert!(decode(&mut schedule, first), "the second chunk is still wanted");
    let second = work_of(&mut schedule, 0, &mut waiting);
    assert_eq!(second.chunk, 1);
    assert!(!decode(&mut schedule, second), "the third chunk isn't wanted any more");
    for first_row in [0, CHUNK_ROWS] {
        let Next::Batch(batch) = schedule.take() else { panic!("a batch") };
        assert_eq!((batch.first_row_in_file, batch.rows), (first_row, CHUNK_ROWS));
    }
    // Behind the failure there are chunks that nobody decodes: a waiting consumer must not wait for them.
    assert!(schedule.is_ready());
    assert!(matches!(schedule.take(), Next::Failed(_)));
}

#[test]
fn behind_the_head_few_chunks_are_planned_until_their_size_has_settled() {
    let mut schedule = schedule_of(&["a"], 800_000, 1 << 30, &json!({}));
    schedule.plan_ahead(1000);
    let threads = schedule.active[0].plan().threads;
    let planned: Vec<usize> = schedule.active.iter().map(|segment| segment.chunks.len()).collect();
    assert!(planned.len() > 1 || threads == 1, "of one column, other workers find other segments");
    assert_eq!(planned[0], threads + 2);
    assert_eq!(planned[1..], vec![CHUNKS_BEHIND_HEAD; planned.len() - 1]);
    // As if so many batches had been given since.
    schedule.next_sequence += BATCHES_TO_SETTLE;
    schedule.plan_ahead(1000);
    assert!(schedule.active.iter().skip(1).all(|segment| segment.chunks.len() > CHUNKS_BEHIND_HEAD));
    let fixed = json!({ "fixedRows": 1000 });
    let mut schedule = schedule_of(&["a"], 800_000, 1 << 30, &fixed);
    schedule.plan_ahead(1000);
    assert!(schedule.active.iter().skip(1).all(|segment| segment.chunks.len() > CHUNKS_BEHIND_HEAD));
}

#[test]
fn segments_of_one_chunk_are_begun_with_no_further_ahead_than_chunks_are_planned() {
    // Segments are of several row groups, or of one where there are few: small ones.
    for (row_groups, are_small) in [(40, false), (8, true)] {
        let mut schedule = schedule_of(&["a"], row_groups * ROW_GROUP_ROWS as u64, 1 << 30, &json!({}));
        schedule.plan_ahead(u64::MAX);
        assert!(schedule.active.iter().all(|segment| segment.is_planned() && segment.chunks.len() == 1));
        let ahead = Schedule::chunks_ahead(&schedule.active[0]);
        // One worker reads the file as one segment, and very many workers may have no more than one each.
        let segments = schedule.active[0].plan().segments.len();
        if are_small {
            assert!(schedule.active.len() > ahead.min(segments - 1), "{} of {segments}", schedule.active.len());
        } else {
            assert_eq!(schedule.active.len(), ahead.min(segments));
        }
    }
}
