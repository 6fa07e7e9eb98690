//! Files that are opened before anything is read stay closed once nobody waits for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};
use spillway::error::{ErrorCode, SpillwayError};
use spillway::files::dataset::Dataset;
use spillway::files::file_log::FileLog;
use spillway::options::ScanOptions;
use spillway::stop_check::StopCheck;

const FILES: usize = 200;

/// Options for files with one row each.
fn options(folder: &tempfile::TempDir, more: &Value) -> ScanOptions {
    let write = |file: usize| {
        let path = folder.path().join(format!("{file}.parquet"));
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values([file as i64]));
        let batch = RecordBatch::try_from_iter([("number", numbers)]).expect("batch");
        let out = std::fs::File::create(&path).expect("file");
        let mut writer = ArrowWriter::try_new(out, batch.schema(), None).expect("writer");
        writer.write(&batch).expect("write");
        writer.close().expect("close");
        json!({ "path": path.to_string_lossy() })
    };
    let mut options = json!({ "files": (0..FILES).map(write).collect::<Vec<_>>() });
    if let (Some(all), Value::Object(more)) = (options.as_object_mut(), more) {
        all.extend(more.clone());
    }
    ScanOptions::from_json(options.to_string().as_bytes()).expect("options")
}

/// Opens and plans all files, with a check that lets so many be opened; the error, and the files left out as broken.
fn stopped_after(options: ScanOptions, most: usize) -> (Option<SpillwayError>, u64) {
    let asked = AtomicUsize::new(0);
    let stopped = || asked.fetch_add(1, Ordering::Relaxed) >= most;
    let stop = StopCheck::new(&stopped);
    let log = FileLog::default();
    let planned =
        Dataset::open(options, 1 << 20, &log, stop).and_then(|(dataset, opened)| dataset.plan_all(&opened, &log, stop));
    (planned.err(), log.totals().skipped)
}

#[test]
fn what_opens_all_files_stops_between_one_and_the_next() {
    let folder = tempfile::tempdir().expect("temporary directory");
    for more in [
        json!({}),
        json!({ "schema": "union" }),
        json!({ "schema": "union", "skipBrokenFiles": true }),
        json!({ "rowIndex": "row" }),
        json!({ "concurrency": 3, "skipBrokenFiles": true }),
    ] {
        let options = options(&folder, &more);
        for most in [0, 1, 2, 70, FILES - 1] {
            let (error, skipped) = stopped_after(options.clone(), most);
            assert_eq!(error.map(|error| error.code()), Some(ErrorCode::InvalidHandle), "{more} after {most}");
            assert_eq!(skipped, 0, "a file that was not opened is not broken: {more} after {most}");
        }
        assert_eq!(stopped_after(options, usize::MAX).0.map(|error| error.code()), None, "{more}");
    }
}
