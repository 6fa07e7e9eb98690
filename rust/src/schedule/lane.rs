//! One column's sequential decoder, resumable after any number of rows.
//!
//! A lane reads one column of a segment, page by page, so its memory does not depend on the row group's size. What can't
//! be written straight into the batch is decoded in quanta: arrays small enough to stay in the processor's cache until
//! they are gathered.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_schema::DataType;

use crate::batches::column::{Column, ColumnBuilder};
use crate::batches::dictionary::{DictionaryCodes, Interner};
use crate::batches::pool::BufferPool;
use crate::column_reader::ColumnReader;
use crate::error::{Result, SpillwayError};
use crate::files::file::ParquetFile;
use crate::files::opened::Opened;
use crate::files::segment_files::{FileRows, SegmentFiles};
use crate::pages::page_buffers::PageBuffers;

/// Most rows of a quantum: 64 KiB of 8-byte values, which fits into a second-level cache with room to spare.
pub(crate) const MAX_QUANTUM_ROWS: usize = 8192;
/// Most bytes of a quantum, as predicted from the pages' metadata.
const MAX_QUANTUM_BYTES: u64 = 2 << 20;

/// Sequential decoder of one column over the rows of a segment.
pub struct Lane {
    /// The type that batches show.
    shown: DataType,
    /// The files that are not yet read to their end; at least one.
    files: VecDeque<FileLane>,
    interner: Option<Arc<Interner>>,
    codes: DictionaryCodes,
}

/// A column of one of the files.
struct FileLane {
    file: Arc<ParquetFile>,
    reader: ColumnReader,
    /// Rows that are left.
    rows: u64,
}

impl Lane {
    /// A lane over the column with this index; nothing is read yet.
    #[must_use]
    pub fn new(files: &SegmentFiles, column: usize, interner: Option<Arc<Interner>>, pages: &Arc<PageBuffers>) -> Self {
        let shown = files.first().columns[column].field.data_type().clone();
        let lane = |file: &FileRows| {
            let Opened { file: source, space, columns, .. } = file.opened.as_ref();
            let rows = file.in_file(file.rows.clone());
            let left = rows.end - rows.start;
            let reader = ColumnReader::new(source, &columns[column], space, rows, pages);
            FileLane { file: Arc::clone(source), reader, rows: left }
        };
        Self { shown, files: files.iter().map(lane).collect(), interner, codes: DictionaryCodes::default() }
    }

    /// Decodes the next `rows` rows, which were predicted to take `predicted_bytes`.
    ///
    /// # Errors
    /// Whatever parquet says of a page, with the file, the row group and the column.
    pub fn decode(&mut self, rows: usize, predicted_bytes: u64, pool: &BufferPool) -> Result<Column> {
        let mut builder = ColumnBuilder::new(&self.shown, rows, pool, self.interner.as_ref());
        let quantum = quantum_rows((predicted_bytes / rows.max(1) as u64).max(1));
        let mut missing = rows;
        while missing > 0 {
            if self.files.len() > 1 && self.files[0].rows == 0 {
                self.files.pop_front();
                // Another file has other dictionaries.
                self.codes = DictionaryCodes::default();
            }
            let is_last = self.files.len() == 1;
            let file = &mut self.files[0];
            let here = if is_last { missing } else { missing.min(file.rows as usize) };
            let source = file.file.source.clone();
            let codes = &mut self.codes;
            source
                .guarded(|| file.fill(here, quantum, &mut builder, codes, pool))
                .map_err(|error| file.located(error))?;
            file.rows = file.rows.saturating_sub(here as u64);
            missing -= here;
        }
        builder.finish()
    }
}

impl FileLane {
    fn fill(
        &mut self,
        rows: usize,
        quantum: usize,
        builder: &mut ColumnBuilder,
        codes: &mut DictionaryCodes,
        pool: &BufferPool,
    ) -> Result<()> {
        if self.reader.append(rows, builder, pool)? {
            return Ok(());
        }
        let mut missing = rows;
        while missing > 0 {
            let array = self.reader.read_some(quantum.min(missing))?;
            missing -= array.len();
            builder.append(&array, codes, pool)?;
        }
        Ok(())
    }

    fn located(&self, error: SpillwayError) -> SpillwayError {
        let error = error.at_path(&self.file.path).at_column(&self.reader.column().root.name);
        match self.reader.row_group() {
            Some(row_group) => error.at_row_group(row_group),
            None => error,
        }
    }
}

/// The largest power of two of rows whose bytes stay within a quantum.
pub(crate) fn quantum_rows(row_bytes: u64) -> usize {
    let rows = (MAX_QUANTUM_BYTES / row_bytes).clamp(1, MAX_QUANTUM_ROWS as u64) as usize;
    1 << rows.ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quanta_shrink_with_the_rows() {
        assert_eq!(quantum_rows(1), 8192);
        assert_eq!(quantum_rows(8), 8192);
        assert_eq!(quantum_rows(1000), 2048);
        assert_eq!(quantum_rows(5 << 20), 1);
    }
}
