//! The rows of a segment: of one file, or of several small ones, one after the other.

use std::ops::Range;
use std::sync::Arc;

use crate::files::opened::Opened;
use crate::plan::ScanPlan;
use crate::predict::ColumnPredictor;

/// The files of a segment, whose rows are numbered through from 0.
#[derive(Clone)]
pub struct SegmentFiles(Vec<FileRows>);

/// Rows of one file.
#[derive(Clone)]
pub struct FileRows {
    /// The file.
    pub opened: Arc<Opened>,
    /// Their numbers in the segment.
    pub rows: Range<u64>,
    /// The first one's number in the file's row space.
    pub first: u64,
}

impl FileRows {
    /// Rows of the segment in the file's row space.
    #[must_use]
    pub fn in_file(&self, rows: Range<u64>) -> Range<u64> {
        let place = |row: u64| row.clamp(self.rows.start, self.rows.end) - self.rows.start + self.first;
        place(rows.start)..place(rows.end)
    }
}

impl SegmentFiles {
    /// Rows of one file, in its row space.
    #[must_use]
    pub fn one(opened: &Arc<Opened>, rows: Range<u64>) -> Self {
        let count = rows.end - rows.start;
        Self(vec![FileRows { opened: Arc::clone(opened), rows: 0..count, first: rows.start }])
    }

    /// Adds the rows of another file behind the others.
    pub fn push(&mut self, opened: &Arc<Opened>, rows: Range<u64>) {
        let start = self.rows();
        let rows_here = start..start + (rows.end - rows.start);
        self.0.push(FileRows { opened: Arc::clone(opened), rows: rows_here, first: rows.start });
    }

    /// The first file.
    #[must_use]
    pub fn first(&self) -> &Arc<Opened> {
        &self.0[0].opened
    }

    /// Number of files.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is one at least")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All files, in order; at least one.
    pub fn iter(&self) -> impl Iterator<Item = &FileRows> {
        self.0.iter()
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.0.last().map_or(0, |last| last.rows.end)
    }

    /// Decoded bytes of a row, as estimated for all of its files' rows.
    #[must_use]
    pub fn row_bytes(&self) -> u64 {
        let sum =
            |of: fn(&ScanPlan) -> u64| self.0.iter().map(|file| of(&file.opened.plan)).fold(0, u64::saturating_add);
        sum(|plan| plan.estimated_bytes) / sum(|plan| plan.rows).max(1) + 1
    }

    /// The files that hold some of the segment's rows, and which of these rows each holds.
    pub fn within(&self, rows: Range<u64>) -> impl Iterator<Item = (&FileRows, Range<u64>)> {
        self.0.iter().filter_map(move |file| {
            let part = rows.start.max(file.rows.start)..rows.end.min(file.rows.end);
            (!part.is_empty()).then_some((file, part))
        })
    }
}

/// Predicts what a column's next rows will take, through all files of a segment.
pub struct SegmentPredictor {
    files: Vec<(FileRows, ColumnPredictor)>,
}

impl SegmentPredictor {
    /// A predictor of the column with this index.
    #[must_use]
    pub fn new(files: &SegmentFiles, column: usize) -> Self {
        let predictor = |file: &FileRows| {
            let Opened { file: source, space, columns, .. } = file.opened.as_ref();
            (file.clone(), ColumnPredictor::new(source, space, &columns[column].root.leaves))
        };
        Self { files: files.iter().map(predictor).collect() }
    }

    /// Decoded bytes of some of the segment's rows. The start never goes back.
    pub fn predict(&mut self, rows: Range<u64>) -> u64 {
        let mut bytes = 0_u64;
        for (file, predictor) in &mut self.files {
            let part = file.in_file(rows.clone());
            if !part.is_empty() {
                bytes = bytes.saturating_add(predictor.predict(part));
            }
        }
        bytes
    }

    /// Learns what a chunk really took; of small files there is too little to learn from.
    pub fn observe(&mut self, predicted: u64, actual: u64) {
        if let [(_, predictor)] = self.files.as_mut_slice() {
            predictor.observe(predicted, actual);
        }
    }
}
