//! What can be told of a text scan: its counts, and what it is going to read.

use std::ops::Range;
use std::sync::atomic::Ordering;

use serde::Serialize;

use super::{Core, First, State};
use crate::batch_scan::Report;
use crate::options::FileRequest;
use crate::source::IoMode;
use crate::stats::ScanStats;
use crate::workers;

/// The plan of a text scan: what a scan of Parquet files tells, as far as it is known of a text before it is read.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TextPlan {
    path: String,
    io: IoMode,
    columns: Vec<String>,
    outputs: Vec<String>,
    tested: Vec<String>,
    row_range: Range<u64>,
    /// Only reading tells.
    rows: Option<u64>,
    row_groups: [(); 0],
    segments: [(); 0],
    active_segments: u64,
    lanes: Vec<Lane>,
    filter: Option<String>,
    pruning: Option<()>,
    compressed_bytes: u64,
    estimated_bytes: u64,
    memory_limit_bytes: u64,
    threads: usize,
    files: Vec<File>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Lane {
    column: String,
    given: bool,
    compressed_bytes: u64,
    estimated_bytes: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File {
    path: String,
    rows: Option<u64>,
    row_groups: u64,
    compressed_bytes: u64,
    estimated_bytes: u64,
    skipped: Option<&'static str>,
}

impl Core {
    pub(super) fn report(&self, what: Report) -> Option<serde_json::Result<Vec<u8>>> {
        match what {
            Report::Plan => Some(serde_json::to_vec(&self.plan(self.first.get()?))),
            Report::Decisions => Some(serde_json::to_vec(&self.progress.decisions())),
            Report::Files => Some(self.log.to_json(&self.options)),
            // A text says nothing of itself that a predicate could be pruned by.
            Report::File | Report::Pruning => None,
        }
    }

    fn plan(&self, first: &First) -> TextPlan {
        let names = |fields: &arrow_schema::Fields| fields.iter().map(|field| field.name().clone()).collect::<Vec<_>>();
        let columns: Vec<String> = first.shape.wanted.iter().map(|wanted| wanted.field.name().clone()).collect();
        let outputs = names(first.shape.schema().fields());
        let transform = first.shape.transform.as_ref();
        let conditions: Vec<&str> = transform.map(|transform| transform.conditions().collect()).unwrap_or_default();
        let lane = |column: &String| Lane {
            column: column.clone(),
            given: outputs.contains(column),
            compressed_bytes: 0,
            estimated_bytes: 0,
        };
        let files: Vec<File> = self.options.files.iter().map(planned_file).collect();
        let bytes = files.iter().map(|file| file.compressed_bytes).sum();
        TextPlan {
            path: self.options.files.get(first.sampled.first).map(|file| file.path.clone()).unwrap_or_default(),
            io: self.options.io,
            tested: transform.map(crate::transform::Transform::tested).unwrap_or_default(),
            row_range: 0..0,
            rows: None,
            row_groups: [],
            segments: [],
            active_segments: 0,
            lanes: columns.iter().map(lane).collect(),
            filter: (!conditions.is_empty()).then(|| conditions.join(" and ")),
            pruning: None,
            compressed_bytes: bytes,
            estimated_bytes: bytes,
            memory_limit_bytes: self.memory.account.share(),
            threads: workers::threads(),
            columns,
            outputs,
            files,
        }
    }

    pub(super) fn stats(&self) -> ScanStats {
        let counted = ScanStats::of(&self.counters, &self.progress, &self.memory.account, &self.log.totals());
        let (rows_total, is_all) = match &*crate::lock(&self.state) {
            State::Running(run) => run.rows_seen(),
            State::Ended => (counted.rows_planned, true),
            _ => (counted.rows_planned, false),
        };
        ScanStats {
            rows_total,
            rows_left: if is_all { 0.0 } else { f64::INFINITY },
            files: self.options.files.len() as u64,
            skipped_records: self.skipped_records.load(Ordering::Relaxed),
            nulled_values: self.nulled_values.load(Ordering::Relaxed),
            ..counted
        }
    }
}

fn planned_file(file: &FileRequest) -> File {
    let path = &file.path;
    let bytes = std::fs::metadata(path).map(|facts| facts.len());
    let skipped = bytes.is_err().then_some("it cannot be read");
    let bytes = bytes.unwrap_or(0);
    File { path: path.clone(), rows: None, row_groups: 0, compressed_bytes: bytes, estimated_bytes: bytes, skipped }
}
