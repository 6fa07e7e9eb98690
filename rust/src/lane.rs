//! One column's sequential decoder, resumable after any number of rows.
//!
//! A lane reads one column of a segment, page by page, so its memory does not depend on the row group's size. It decodes
//! in quanta: arrays small enough to stay in the processor's cache until they are gathered into the batch.

use std::ops::Range;
use std::sync::Arc;

use crate::column::{Column, ColumnBuilder};
use crate::column_reader::ColumnReader;
use crate::dictionary::{DictionaryCodes, Interner};
use crate::error::{Result, SpillwayError};
use crate::file::ParquetFile;
use crate::page_reader::PageBuffers;
use crate::pool::BufferPool;
use crate::row_space::RowSpace;
use crate::schema::ScanColumn;

/// Most rows of a quantum: 64 KiB of 8-byte values, which fits into a second-level cache with room to spare.
pub(crate) const MAX_QUANTUM_ROWS: usize = 8192;
/// Most bytes of a quantum, as predicted from the pages' metadata.
const MAX_QUANTUM_BYTES: u64 = 2 << 20;

/// Sequential decoder of one column over a range of the scan's rows.
pub struct Lane {
    file: Arc<ParquetFile>,
    reader: ColumnReader,
    interner: Option<Arc<Interner>>,
    codes: DictionaryCodes,
}

impl Lane {
    /// A lane over `rows` of the scan's row space; nothing is read yet.
    #[must_use]
    pub fn new(
        file: &Arc<ParquetFile>,
        column: &ScanColumn,
        space: &Arc<RowSpace>,
        rows: Range<u64>,
        interner: Option<Arc<Interner>>,
        pages: &Arc<PageBuffers>,
    ) -> Self {
        Self {
            file: Arc::clone(file),
            reader: ColumnReader::new(file, column, space, rows, pages),
            interner,
            codes: DictionaryCodes::default(),
        }
    }

    /// Decodes the next `rows` rows, which were predicted to take `predicted_bytes`.
    ///
    /// # Errors
    /// Whatever parquet says of a page, with the file, the row group and the column.
    pub fn decode(&mut self, rows: usize, predicted_bytes: u64, pool: &BufferPool) -> Result<Column> {
        let decoded = self.fill(rows, predicted_bytes, pool);
        // Whatever came of bytes that were changed meanwhile is of no worth, a failure as little as values.
        let unchanged = self.file.source.check_unchanged().map_err(|e| SpillwayError::from_parquet(&e));
        unchanged.and(decoded).map_err(|error| {
            let error = error.at_path(&self.file.path).at_column(&self.reader.column().root.name);
            match self.reader.row_group() {
                Some(row_group) => error.at_row_group(row_group),
                None => error,
            }
        })
    }

    fn fill(&mut self, rows: usize, predicted_bytes: u64, pool: &BufferPool) -> Result<Column> {
        let shown = self.reader.column().field.data_type();
        let mut builder = ColumnBuilder::new(shown, rows, pool, self.interner.as_ref());
        let quantum = quantum_rows((predicted_bytes / rows.max(1) as u64).max(1));
        let mut missing = rows;
        while missing > 0 {
            let array = self.reader.read_some(quantum.min(missing))?;
            missing -= array.len();
            builder.append(&array, &mut self.codes, pool)?;
        }
        builder.finish()
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
