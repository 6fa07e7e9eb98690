//! What a column's next rows will take when decoded, from the metadata of the pages that hold them.

use std::ops::Range;
use std::sync::Arc;

use crate::files::file::ParquetFile;
use crate::pages::page_cursor::PageCursor;
use crate::rows::row_space::RowSpace;

/// A prediction is never off by more, unless a few long strings of a dictionary make up the column.
const MAX_CORRECTION: f64 = 1024.0;
/// Chunks smaller than this say nothing about the next.
const LEAST_OBSERVED_BYTES: u64 = 16 << 10;

/// Walks one column's page headers ahead of its decoding.
pub struct ColumnPredictor {
    file: Arc<ParquetFile>,
    space: Arc<RowSpace>,
    leaves: Vec<usize>,
    /// Cursors of the row groups that were asked for last, ascending.
    cursors: Vec<(usize, Vec<PageCursor>)>,
    /// What the last chunk took, over what was predicted for it; never less than 1.
    correction: f64,
}

impl ColumnPredictor {
    /// A predictor of a column with these leaves.
    #[must_use]
    pub fn new(file: &Arc<ParquetFile>, space: &Arc<RowSpace>, leaves: &[usize]) -> Self {
        Self {
            file: Arc::clone(file),
            space: Arc::clone(space),
            leaves: leaves.to_vec(),
            cursors: Vec::new(),
            correction: 1.0,
        }
    }

    /// Decoded bytes of `rows` of the scan's row space. The start never goes back.
    pub fn predict(&mut self, rows: Range<u64>) -> u64 {
        let spans = self.space.spans(rows);
        if let Some(first) = spans.first() {
            // What lies before the first row is decoded and will not be asked for again.
            let done = self.cursors.iter().position(|(row_group, _)| *row_group == first.row_group).unwrap_or(0);
            self.cursors.drain(..done);
        }
        let mut bytes = 0_u64;
        for span in spans {
            for cursor in self.cursors_of(span.row_group) {
                bytes = cursor.predict_bytes(span.rows.clone()).saturating_add(bytes);
            }
        }
        (bytes as f64 * self.correction) as u64
    }

    /// Learns what a chunk really took. Pages tell all but one thing: how often each string of a dictionary is used.
    pub fn observe(&mut self, predicted: u64, actual: u64) {
        if actual < LEAST_OBSERVED_BYTES {
            return;
        }
        let uncorrected = predicted as f64 / self.correction;
        self.correction = (actual as f64 / uncorrected.max(1.0)).clamp(1.0, MAX_CORRECTION);
    }

    fn cursors_of(&mut self, row_group: usize) -> &mut [PageCursor] {
        let known = self.cursors.iter().position(|(index, _)| *index == row_group);
        let place = known.unwrap_or_else(|| {
            let open = |leaf: &usize| PageCursor::new(&self.file, row_group, *leaf);
            self.cursors.push((row_group, self.leaves.iter().map(open).collect()));
            self.cursors.len() - 1
        });
        &mut self.cursors[place].1
    }
}
