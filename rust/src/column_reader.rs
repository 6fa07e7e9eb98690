//! Reads and skips the rows of one column, page by page, through any part of the scan's rows.
//!
//! A flat column is read by a reader that can be told at any row to read or to skip: pages of which no row is wanted are
//! neither decompressed nor decoded. Where a batch shows all of its rows, their values go straight there, if they can.
//! Nested columns go through parquet's record batch reader, whose rows must be chosen when it is made: few unwanted rows
//! are read and dropped, and for many it is made anew.

mod bytes;
mod codes;
mod column_pages;
mod fixed;
mod flat;
mod flat_reader;
mod nested;
#[cfg(test)]
mod test_files;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow_array::{Array, ArrayRef};
use arrow_buffer::BooleanBuffer;
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowSelection};

use self::flat::{ValueReader, flat_reader, is_flat, keeps_rows, writes, writing_reader};
use self::flat_reader::{FlatReader, PositionMap};
use self::nested::NestedReader;
use crate::batches::column::ColumnBuilder;
use crate::batches::pool::BufferPool;
use crate::batches::widening::widen;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::file::ParquetFile;
use crate::files::schema::ScanColumn;
use crate::pages::column_chunks::SegmentRowGroups;
use crate::pages::page_buffers::PageBuffers;
use crate::rows::chosen_rows::filtered;
use crate::rows::row_space::{RowSpace, Span};

/// A nested column's reader whose batches are this many times smaller than they could be is made anew.
const QUANTUM_SLACK: usize = 16;

/// Sequential reader of one column over a range of the scan's rows.
pub struct ColumnReader {
    file: Arc<ParquetFile>,
    column: ScanColumn,
    space: Arc<RowSpace>,
    pages: Arc<PageBuffers>,
    /// Whether kernels see what is read, and not only a batch shows it.
    for_kernels: bool,
    /// The next row to read or to skip, and the end.
    rows: Range<u64>,
    open: Open,
}

enum Open {
    Nothing,
    Flat(FlatReader<ValueReader>),
    Writing(WritingReader),
    Nested(NestedReader),
}

type WritingReader = FlatReader<Box<dyn WriteRecords>>;

/// A reader that needs no array for what a batch shows.
trait WriteRecords: Send {
    /// Appends the next rows to a batch's column, or those of them whose bit is set; tells how many it got through.
    fn write_records(
        &mut self,
        rows: usize,
        kept: Option<&BooleanBuffer>,
        to: &mut ColumnBuilder,
        pool: &BufferPool,
    ) -> parquet::errors::Result<usize>;

    /// Passes the next rows; tells how many there were.
    fn pass_records(&mut self, rows: usize) -> parquet::errors::Result<usize>;
}

impl ColumnReader {
    /// A reader of `rows` of the scan's row space; nothing is read yet.
    #[must_use]
    pub fn new(
        file: &Arc<ParquetFile>,
        column: &ScanColumn,
        space: &Arc<RowSpace>,
        rows: Range<u64>,
        pages: &Arc<PageBuffers>,
    ) -> Self {
        Self {
            file: Arc::clone(file),
            column: column.clone(),
            space: Arc::clone(space),
            pages: Arc::clone(pages),
            for_kernels: false,
            rows,
            open: Open::Nothing,
        }
    }

    /// The same for values that are given to kernels, as arrays.
    #[must_use]
    pub fn for_kernels(self) -> Self {
        Self { for_kernels: true, ..self }
    }

    /// The column that is read.
    #[must_use]
    pub fn column(&self) -> &ScanColumn {
        &self.column
    }

    /// The row group that is being read, or will be.
    #[must_use]
    pub fn row_group(&self) -> Option<usize> {
        match &self.open {
            Open::Flat(FlatReader { current, .. })
            | Open::Writing(FlatReader { current, .. })
            | Open::Nested(NestedReader { current, .. }) => Some(current.load(Ordering::Relaxed)),
            Open::Nothing => self.space.locate(self.rows.start).map(|(row_group, _)| row_group),
        }
    }

    /// Leaves out the next `rows` rows. Costs nothing until the next read.
    pub fn skip(&mut self, rows: u64) {
        let dropped = match &mut self.open {
            Open::Nested(nested) => nested.drop_rows(rows),
            Open::Nothing | Open::Flat(_) | Open::Writing(_) => true,
        };
        if !dropped {
            self.open = Open::Nothing;
        }
        self.rows.start += rows;
    }

    /// Appends the next `rows` rows to a batch's column, where their reader needs no arrays for that; `false` where it does.
    ///
    /// # Errors
    /// As [`ColumnReader::read`].
    pub fn append(&mut self, rows: usize, to: &mut ColumnBuilder, pool: &BufferPool) -> Result<bool> {
        self.write(rows, |flat, Span { row_group, rows, .. }, _| flat.write(row_group, rows, None, to, pool))
    }

    /// As [`ColumnReader::append`], but only those of the next rows whose bit is set: all are decoded or passed without a
    /// break.
    ///
    /// # Errors
    /// As [`ColumnReader::read`].
    pub fn append_kept(&mut self, mask: &BooleanBuffer, to: &mut ColumnBuilder, pool: &BufferPool) -> Result<bool> {
        self.write(mask.len(), |flat, Span { row_group, rows, .. }, before| {
            let kept = mask.slice(before, (rows.end - rows.start) as usize);
            flat.write(row_group, rows, Some(&kept), to, pool)
        })
    }

    /// As [`ColumnReader::append_kept`], run by run: the other rows are skipped.
    ///
    /// # Errors
    /// As [`ColumnReader::read`].
    pub fn append_runs(&mut self, mask: &BooleanBuffer, to: &mut ColumnBuilder, pool: &BufferPool) -> Result<bool> {
        self.write(mask.len(), |flat, Span { row_group, rows, .. }, before| {
            for (start, end) in mask.slice(before, (rows.end - rows.start) as usize).set_slices() {
                let run = rows.start + start as u64..rows.start + end as u64;
                if !flat.write(row_group, run, None, to, pool)? {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// Has the next rows appended, span by span, which come behind so many others; `false` where their reader gives arrays.
    fn write(
        &mut self,
        rows: usize,
        mut write: impl FnMut(&mut WritingReader, Span, usize) -> parquet::errors::Result<bool>,
    ) -> Result<bool> {
        // A nested column's reader is made for the rows that are read at once, which are fewer.
        if matches!(self.open, Open::Nothing) && is_flat(&self.file, &self.column) {
            self.prepare(rows)?;
        }
        let Open::Writing(flat) = &mut self.open else { return Ok(false) };
        let wanted = self.rows.start..self.rows.start + rows as u64;
        let mut before = 0;
        for span in self.space.spans(wanted.clone()) {
            let length = (span.rows.end - span.rows.start) as usize;
            if !write(flat, span, before).map_err(|e| SpillwayError::from_parquet(&e))? {
                return Err(self.ends_early());
            }
            before += length;
        }
        self.rows.start = wanted.end;
        Ok(true)
    }

    /// The next rows, `rows` at most and at least one: dictionary codes of two row groups are not mixed, since each has a
    /// dictionary of its own.
    ///
    /// # Errors
    /// As [`ColumnReader::read`].
    pub fn read_some(&mut self, rows: usize) -> Result<ArrayRef> {
        if !matches!(self.column.decoded, DataType::Dictionary(..)) {
            return self.read(rows);
        }
        let spans = self.space.spans(self.rows.start..self.rows.start + rows as u64);
        let row_group = spans.first().map(|span| span.row_group);
        let of_one = spans.iter().take_while(|span| Some(span.row_group) == row_group);
        let length: u64 = of_one.map(|span| span.rows.end - span.rows.start).sum();
        self.read((length as usize).clamp(1, rows))
    }

    /// The next `rows` rows.
    ///
    /// # Errors
    /// Whatever parquet says of a page; `CORRUPT_FILE` where the pages end early.
    pub fn read(&mut self, rows: usize) -> Result<ArrayRef> {
        let wanted = self.rows.start..self.rows.start + rows as u64;
        self.prepare(rows)?;
        let array = match &mut self.open {
            Open::Flat(flat) => {
                for span in self.space.spans(wanted.clone()) {
                    if !flat.read(span.row_group, span.rows, None).map_err(|e| SpillwayError::from_parquet(&e))? {
                        return Err(self.ends_early());
                    }
                }
                flat.take().map_err(|e| SpillwayError::from_parquet(&e))?
            }
            Open::Nested(nested) => match nested.read(rows)? {
                Some(array) => array,
                None => return Err(self.ends_early()),
            },
            Open::Nothing | Open::Writing(_) => {
                return Err(SpillwayError::internal("a column has no reader of arrays"));
            }
        };
        if array.len() != rows {
            return Err(self.ends_early());
        }
        self.rows.start = wanted.end;
        self.widened(array)
    }

    /// Those of the next rows whose bit is set; the others are skipped.
    ///
    /// # Errors
    /// As [`ColumnReader::read`].
    pub fn read_runs(&mut self, mask: &BooleanBuffer) -> Result<ArrayRef> {
        self.prepare(mask.len())?;
        let Open::Flat(flat) = &mut self.open else {
            let array = self.read(mask.len())?;
            return filtered(&array, mask).map_err(|e| SpillwayError::from_arrow(&e));
        };
        let mut before = 0;
        for Span { row_group, rows, .. } in self.space.spans(self.rows.start..self.rows.start + mask.len() as u64) {
            let length = (rows.end - rows.start) as usize;
            for (start, end) in mask.slice(before, length).set_slices() {
                let run = rows.start + start as u64..rows.start + end as u64;
                if !flat.read(row_group, run, None).map_err(|e| SpillwayError::from_parquet(&e))? {
                    return Err(self.ends_early());
                }
            }
            before += length;
        }
        self.kept(mask)
    }

    /// Those of the next rows whose bit is set, of a column that [keeps rows](ColumnReader::keeps_rows): all are decoded or
    /// passed without a break.
    ///
    /// # Errors
    /// As [`ColumnReader::read`].
    pub fn read_kept(&mut self, mask: &BooleanBuffer) -> Result<ArrayRef> {
        self.prepare(mask.len())?;
        let Open::Flat(flat) = &mut self.open else { return Err(self.ends_early()) };
        let mut before = 0;
        for Span { row_group, rows, .. } in self.space.spans(self.rows.start..self.rows.start + mask.len() as u64) {
            let kept = mask.slice(before, (rows.end - rows.start) as usize);
            if !flat.read(row_group, rows, Some(&kept)).map_err(|e| SpillwayError::from_parquet(&e))? {
                return Err(self.ends_early());
            }
            before += kept.len();
        }
        self.kept(mask)
    }

    /// What was read of the rows of a mask.
    fn kept(&mut self, mask: &BooleanBuffer) -> Result<ArrayRef> {
        let Open::Flat(flat) = &mut self.open else { return Err(self.ends_early()) };
        let array = flat.take().map_err(|e| SpillwayError::from_parquet(&e))?;
        if array.len() != mask.count_set_bits() {
            return Err(self.ends_early());
        }
        self.rows.start += mask.len() as u64;
        self.widened(array)
    }

    /// In the type that the scan shows, where the file has a narrower one; nothing is rounded or lost.
    fn widened(&self, array: ArrayRef) -> Result<ArrayRef> {
        let Some(wider) = &self.column.cast else { return Ok(array) };
        widen(&array, wider).map_err(|error| {
            let message =
                format!("Cannot show the values of type {} as {wider}: one has no counterpart", array.data_type());
            SpillwayError::new(ErrorCode::SchemaMismatch, message).with_cause(&error)
        })
    }

    /// Whether rows can be skipped at no more than the cost of skipping them.
    #[must_use]
    pub fn skips_cheaply(&self) -> bool {
        is_flat(&self.file, &self.column)
    }

    /// Whether some of the rows can be read without an array of all of them.
    #[must_use]
    pub fn keeps_rows(&self) -> bool {
        is_flat(&self.file, &self.column) && keeps_rows(&self.file, &self.column)
    }

    /// Whether its rows can be [appended](ColumnReader::append) to a batch's column.
    #[must_use]
    pub fn appends(&self) -> bool {
        is_flat(&self.file, &self.column) && writes(&self.file, &self.column)
    }

    fn prepare(&mut self, rows: usize) -> Result<()> {
        let fits = match &self.open {
            Open::Nothing => false,
            Open::Flat(_) | Open::Writing(_) => true,
            Open::Nested(nested) => nested.quantum <= rows && nested.quantum.saturating_mul(QUANTUM_SLACK) > rows,
        };
        // The rest of a nested reader's batch is lost with it: the new reader begins where the rest did.
        if !fits {
            self.open = self.opened(rows.max(1)).map_err(|e| SpillwayError::from_parquet(&e))?;
        }
        Ok(())
    }

    fn opened(&self, quantum: usize) -> parquet::errors::Result<Open> {
        let row_groups = self.space.row_groups(self.rows.clone());
        let positions = PositionMap::new(&self.file, &row_groups);
        let mut source = SegmentRowGroups::new(&self.file, row_groups, &self.pages);
        source.as_views = matches!(self.column.decoded, DataType::Utf8View | DataType::BinaryView);
        let source = if self.for_kernels { source.for_kernels() } else { source };
        let (current, failure) = (Arc::clone(&source.current), Arc::clone(&source.failure));
        if is_flat(&self.file, &self.column) {
            let delta_text = Arc::clone(&source.delta_text);
            if !self.for_kernels && writes(&self.file, &self.column) {
                let reader = writing_reader(&self.file, &self.column, &source)?;
                return Ok(Open::Writing(FlatReader { reader, row_groups: positions, at: 0, current, delta_text }));
            }
            let reader = flat_reader(&self.file, &self.column, &source)?;
            return Ok(Open::Flat(FlatReader { reader, row_groups: positions, at: 0, current, delta_text }));
        }
        let source = source.with_siblings(&self.column.root.leaves);
        let selection = RowSelection::from(positions.selectors(&self.space.spans(self.rows.clone())));
        let reader =
            ParquetRecordBatchReader::try_new_with_row_groups(&self.column.levels, &source, quantum, Some(selection))?;
        Ok(Open::Nested(NestedReader { reader, quantum, rest: None, current, failure }))
    }

    fn ends_early(&self) -> SpillwayError {
        let message = format!(
            "Cannot read row {} of the scan: the column's pages end before the {} rows that the footer declares; \
             the file is corrupt and must be written again",
            self.rows.start, self.rows.end
        );
        SpillwayError::new(ErrorCode::CorruptFile, message)
    }
}
