//! The plan of a scan of many files, as one.

use serde::Serialize;

use crate::files::opened::Opened;
use crate::plan::ScanPlan;

/// The plans of all files, joined.
#[derive(Debug, Serialize)]
pub struct DatasetPlan {
    #[serde(flatten)]
    plan: ScanPlan,
    files: Vec<PlannedFile>,
}

/// A file and what is read of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedFile {
    /// Its path.
    pub path: String,
    /// Rows that are read of it.
    pub rows: u64,
    /// Row groups of which something is read.
    pub row_groups: u64,
    /// Compressed bytes of the column chunks read.
    pub compressed_bytes: u64,
    /// Decoded bytes, estimated.
    pub estimated_bytes: u64,
    /// Why nothing of it is read.
    pub skipped: Option<String>,
}

impl PlannedFile {
    /// A file of which nothing is read.
    #[must_use]
    pub fn skipped(path: &str, why: &str) -> Self {
        let skipped = Some(why.to_owned());
        Self { path: path.to_owned(), rows: 0, row_groups: 0, compressed_bytes: 0, estimated_bytes: 0, skipped }
    }

    fn of(plan: &ScanPlan) -> Self {
        let mut read = 0;
        let mut why = None;
        for row_group in &plan.row_groups {
            match &row_group.skipped {
                None => read += 1,
                Some(reason) => _ = why.get_or_insert_with(|| reason.clone()),
            }
        }
        let empty = || why.unwrap_or_else(|| "it has no rows".to_owned());
        Self {
            path: plan.path.clone(),
            rows: plan.rows,
            row_groups: read,
            compressed_bytes: plan.compressed_bytes,
            estimated_bytes: plan.estimated_bytes,
            skipped: (read == 0).then(empty),
        }
    }
}

impl DatasetPlan {
    /// The plan of the first file.
    #[must_use]
    pub fn of(first: &Opened) -> Self {
        Self { files: vec![PlannedFile::of(&first.plan)], plan: first.plan.clone() }
    }

    /// The files, in order.
    #[must_use]
    pub fn files(&self) -> &[PlannedFile] {
        &self.files
    }

    /// The same without the first file's entry, which is another one's or none's.
    #[must_use]
    pub fn with_files(mut self, files: Vec<PlannedFile>) -> Self {
        self.files = files;
        self
    }

    /// Adds the next file.
    pub fn add(&mut self, opened: &Opened) {
        let other = &opened.plan;
        let plan = &mut self.plan;
        self.files.push(PlannedFile::of(other));
        let first_row = plan.row_range.end;
        for segment in &other.segments {
            let mut segment = segment.clone();
            segment.rows = segment.rows.start - other.row_range.start + first_row
                ..segment.rows.end - other.row_range.start + first_row;
            plan.segments.push(segment);
        }
        plan.row_range.end = first_row.saturating_add(other.rows);
        plan.rows = plan.rows.saturating_add(other.rows);
        plan.row_groups.extend(other.row_groups.iter().cloned());
        plan.active_segments = plan.active_segments.max(other.active_segments);
        plan.estimated_bytes = plan.estimated_bytes.saturating_add(other.estimated_bytes);
        plan.compressed_bytes = plan.compressed_bytes.saturating_add(other.compressed_bytes);
        for lane in &other.lanes {
            match plan.lanes.iter_mut().find(|known| known.column == lane.column) {
                Some(known) => {
                    known.compressed_bytes = known.compressed_bytes.saturating_add(lane.compressed_bytes);
                    known.estimated_bytes = known.estimated_bytes.saturating_add(lane.estimated_bytes);
                }
                None => plan.lanes.push(lane.clone()),
            }
        }
        if let (Some(sum), Some(pruning)) = (&mut plan.pruning, &other.pruning) {
            sum.add(pruning);
        }
    }

    /// Adds a file of which nothing is read.
    pub fn add_skipped(&mut self, path: &str, why: &str) {
        self.files.push(PlannedFile::skipped(path, why));
    }
}
