//! One column's sequential decoder, resumable after any number of rows.
//!
//! A lane reads one column of a segment, page by page, so its memory does not depend on the row group's size. It decodes
//! in quanta: arrays small enough to stay in the processor's cache until they are gathered into the batch.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::{Array, ArrayRef};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowGroups, RowSelection, RowSelector};
use parquet::column::page::{PageIterator, PageReader};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use crate::column::{Column, ColumnBuilder};
use crate::dictionary::{DictionaryCodes, Interner};
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::file::ParquetFile;
use crate::old_writers::{self, CountedPages};
use crate::page_reader::{PageBuffers, page_reader};
use crate::pool::BufferPool;
use crate::row_space::RowSpace;
use crate::schema::ScanColumn;
use crate::source::TrackedSource;

/// Most rows of a quantum: 64 KiB of 8-byte values, which fits into a second-level cache with room to spare.
const MAX_QUANTUM_ROWS: usize = 8192;
/// Most bytes of a quantum, as predicted from the pages' metadata.
const MAX_QUANTUM_BYTES: u64 = 2 << 20;
/// A quantum this many times smaller than it could be is worth a new reader.
const QUANTUM_SLACK: usize = 16;

/// Sequential decoder of one column over a range of the scan's rows.
pub struct Lane {
    file: Arc<ParquetFile>,
    column: ScanColumn,
    space: Arc<RowSpace>,
    interner: Option<Arc<Interner>>,
    pages: Arc<PageBuffers>,
    codes: DictionaryCodes,
    end: u64,
    /// The next row that the consumer of the lane gets.
    next_row: u64,
    reader: Option<OpenReader>,
}

/// A reader and what is left of its last quantum.
struct OpenReader {
    reader: ParquetRecordBatchReader,
    quantum: usize,
    rest: Option<ArrayRef>,
    /// The row group that it reads.
    row_group: Arc<AtomicUsize>,
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
            column: column.clone(),
            space: Arc::clone(space),
            interner,
            pages: Arc::clone(pages),
            codes: DictionaryCodes::default(),
            end: rows.end,
            next_row: rows.start,
            reader: None,
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
            let error = error.at_path(&self.file.path).at_column(&self.column.root.name);
            let reading = self.reader.as_ref().map(|open| open.row_group.load(Ordering::Relaxed));
            match reading.or_else(|| self.space.locate(self.next_row).map(|(row_group, _)| row_group)) {
                Some(row_group) => error.at_row_group(row_group),
                None => error,
            }
        })
    }

    fn fill(&mut self, rows: usize, predicted_bytes: u64, pool: &BufferPool) -> Result<Column> {
        let mut builder = ColumnBuilder::new(self.column.field.data_type(), rows, pool, self.interner.as_ref());
        self.fit_quantum(rows, predicted_bytes)?;
        let mut missing = rows;
        while missing > 0 {
            let array = self.next_array()?;
            let taken = array.len().min(missing);
            if taken < array.len() {
                builder.append(&array.slice(0, taken), &mut self.codes, pool)?;
                if let Some(open) = &mut self.reader {
                    open.rest = Some(array.slice(taken, array.len() - taken));
                }
            } else {
                builder.append(&array, &mut self.codes, pool)?;
            }
            missing -= taken;
            self.next_row += taken as u64;
        }
        builder.finish()
    }

    /// Reopens the reader when its quantum is too large for the pages ahead, or needlessly small.
    fn fit_quantum(&mut self, rows: usize, predicted_bytes: u64) -> Result<()> {
        let row_bytes = (predicted_bytes / rows.max(1) as u64).max(1);
        let fitting = quantum_rows(row_bytes);
        let fits = self
            .reader
            .as_ref()
            .is_some_and(|open| open.quantum <= fitting && open.quantum.saturating_mul(QUANTUM_SLACK) > fitting);
        if !fits {
            self.reader = Some(self.open(fitting)?);
        }
        Ok(())
    }

    fn next_array(&mut self) -> Result<ArrayRef> {
        let Some(open) = &mut self.reader else { return Err(self.ends_early()) };
        if let Some(rest) = open.rest.take() {
            return Ok(rest);
        }
        match open.reader.next() {
            Some(Ok(batch)) if batch.num_rows() > 0 => Ok(Arc::clone(batch.column(0))),
            Some(Err(error)) => Err(SpillwayError::from_arrow(&error)),
            Some(Ok(_)) | None => Err(self.ends_early()),
        }
    }

    fn open(&self, quantum: usize) -> Result<OpenReader> {
        let (row_groups, skip) = self.space.row_groups(self.next_row..self.end);
        let rows = self.end - self.next_row;
        let selection = RowSelection::from(vec![RowSelector::skip(skip as usize), RowSelector::select(rows as usize)]);
        let source = SegmentRowGroups::new(&self.file, row_groups, &self.pages);
        let selection = (skip > 0).then_some(selection);
        let reader =
            ParquetRecordBatchReader::try_new_with_row_groups(&self.column.levels, &source, quantum, selection)
                .map_err(|e| SpillwayError::from_parquet(&e))?;
        Ok(OpenReader { reader, quantum, rest: None, row_group: source.current })
    }

    fn ends_early(&self) -> SpillwayError {
        let message = format!(
            "Cannot read row {} of the scan: the column's pages end before the {} rows that the footer declares; \
             the file is corrupt and must be written again",
            self.next_row, self.end
        );
        SpillwayError::new(ErrorCode::CorruptFile, message)
    }
}

/// The largest power of two of rows whose bytes stay within a quantum.
fn quantum_rows(row_bytes: u64) -> usize {
    let rows = (MAX_QUANTUM_BYTES / row_bytes).clamp(1, MAX_QUANTUM_ROWS as u64) as usize;
    1 << rows.ilog2()
}

/// Some row groups of a file, as parquet's readers take them.
pub struct SegmentRowGroups {
    file: Arc<ParquetFile>,
    row_groups: Vec<usize>,
    pages: Arc<PageBuffers>,
    /// The row group that is being read.
    current: Arc<AtomicUsize>,
}

impl SegmentRowGroups {
    /// These row groups, in this order.
    #[must_use]
    pub fn new(file: &Arc<ParquetFile>, row_groups: Vec<usize>, pages: &Arc<PageBuffers>) -> Self {
        let current = Arc::new(AtomicUsize::new(row_groups.first().copied().unwrap_or(0)));
        Self { file: Arc::clone(file), row_groups, pages: Arc::clone(pages), current }
    }
}

impl RowGroups for SegmentRowGroups {
    fn num_rows(&self) -> usize {
        self.row_groups().map(|row_group| row_group.num_rows() as usize).sum()
    }

    fn column_chunks(&self, column: usize) -> parquet::errors::Result<Box<dyn PageIterator>> {
        Ok(Box::new(ColumnChunks {
            file: Arc::clone(&self.file),
            source: Arc::new(TrackedSource::new(self.file.source.clone())),
            column,
            row_groups: self.row_groups.clone().into_iter(),
            pages: Arc::clone(&self.pages),
            current: Arc::clone(&self.current),
        }))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.row_groups.iter().map(|index| self.file.metadata.row_group(*index)))
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.file.metadata
    }
}

/// The page readers of one column, row group after row group.
struct ColumnChunks {
    file: Arc<ParquetFile>,
    source: Arc<TrackedSource>,
    column: usize,
    row_groups: std::vec::IntoIter<usize>,
    pages: Arc<PageBuffers>,
    current: Arc<AtomicUsize>,
}

impl Iterator for ColumnChunks {
    type Item = parquet::errors::Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.row_groups.next()?;
        let row_group = self.file.metadata.row_group(index);
        let rows = row_group.num_rows() as usize;
        self.current.store(index, Ordering::Relaxed);
        let chunk = row_group.column(self.column);
        let pages = page_reader(&self.source, chunk, rows, &self.pages);
        if old_writers::understates_chunks(self.file.metadata.file_metadata().created_by()) {
            let values = chunk.num_values().max(0) as u64;
            return Some(pages.map(|pages| Box::new(CountedPages::new(pages, values)) as Box<dyn PageReader>));
        }
        Some(pages)
    }
}

impl PageIterator for ColumnChunks {}

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
