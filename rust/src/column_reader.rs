//! Reads and skips the rows of one column, page by page, through any part of the scan's rows.
//!
//! A flat column is read by parquet's own array reader, which can be told at any row to read or to skip: pages of which
//! no row is wanted are neither decompressed nor decoded. Nested columns go through parquet's record batch reader, whose
//! rows must be chosen when it is made: few unwanted rows are read and dropped, and for many it is made anew.

mod fixed;
mod flat;
mod nested;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use arrow_array::{Array, ArrayRef};
use arrow_buffer::BooleanBuffer;
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowSelection, RowSelector};

use self::flat::{ValueReader, flat_reader, is_flat, keeps_rows};
use self::nested::NestedReader;
use crate::chosen_rows::filtered;
use crate::column_chunks::SegmentRowGroups;
use crate::delta_text::check_texts;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::file::ParquetFile;
use crate::page_buffers::PageBuffers;
use crate::row_space::{RowSpace, Span};
use crate::schema::ScanColumn;
use crate::widening::widen;

/// A nested column's reader whose batches are this many times smaller than they could be is made anew.
const QUANTUM_SLACK: usize = 16;

/// Sequential reader of one column over a range of the scan's rows.
pub struct ColumnReader {
    file: Arc<ParquetFile>,
    column: ScanColumn,
    space: Arc<RowSpace>,
    pages: Arc<PageBuffers>,
    /// Whether kernels see what is read.
    for_kernels: bool,
    /// The next row to read or to skip, and the end.
    rows: Range<u64>,
    open: Open,
}

enum Open {
    Nothing,
    Flat(FlatReader),
    Nested(NestedReader),
}

/// A reader of the pages of some row groups, and where it is.
struct FlatReader {
    reader: ValueReader,
    row_groups: PositionMap,
    /// Rows read or skipped, of those that `row_groups` numbers.
    at: u64,
    current: Arc<AtomicUsize>,
    /// Whether a page had texts that must be looked at.
    delta_text: Arc<AtomicBool>,
}

/// Numbers the rows of some row groups through.
struct PositionMap(Vec<(usize, u64)>);

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

    /// The same for values that are given to kernels, and not only copied.
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
            Open::Flat(FlatReader { current, .. }) | Open::Nested(NestedReader { current, .. }) => {
                Some(current.load(Ordering::Relaxed))
            }
            Open::Nothing => self.space.locate(self.rows.start).map(|(row_group, _)| row_group),
        }
    }

    /// Leaves out the next `rows` rows. Costs nothing until the next read.
    pub fn skip(&mut self, rows: u64) {
        let dropped = match &mut self.open {
            Open::Nested(nested) => nested.drop_rows(rows),
            Open::Nothing | Open::Flat(_) => true,
        };
        if !dropped {
            self.open = Open::Nothing;
        }
        self.rows.start += rows;
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
            Open::Nothing => return Err(self.ends_early()),
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

    fn prepare(&mut self, rows: usize) -> Result<()> {
        let fits = match &self.open {
            Open::Nothing => false,
            Open::Flat(_) => true,
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
            let reader = flat_reader(&self.file, &self.column, &source)?;
            let delta_text = Arc::clone(&source.delta_text);
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

impl FlatReader {
    /// Reads rows of a row group that lie at or after the reader's place, or those of them that are kept, where the reader
    /// can; `false` where the pages end before.
    fn read(
        &mut self,
        row_group: usize,
        rows: Range<u64>,
        kept: Option<&BooleanBuffer>,
    ) -> parquet::errors::Result<bool> {
        let first = self.row_groups.position(row_group) + rows.start;
        let skip = first.saturating_sub(self.at) as usize;
        let count = (rows.end - rows.start) as usize;
        self.at = first + count as u64;
        let skipped = if skip > 0 { self.reader.as_array_reader().skip_records(skip)? } else { 0 };
        if skipped != skip {
            return Ok(false);
        }
        Ok(match (&mut self.reader, kept) {
            (ValueReader::Fixed(reader), Some(kept)) => reader.keep_records(kept)?,
            (reader, _) => reader.as_array_reader().read_records(count)?,
        } == count)
    }

    fn take(&mut self) -> parquet::errors::Result<ArrayRef> {
        let array = self.reader.as_array_reader().consume_batch()?;
        if self.delta_text.load(Ordering::Relaxed) {
            check_texts(&array)?;
        }
        Ok(array)
    }
}

impl PositionMap {
    fn new(file: &ParquetFile, row_groups: &[usize]) -> Self {
        let mut first = 0;
        let place = |index: &usize| {
            let position = first;
            first += file.metadata.row_group(*index).num_rows().max(0) as u64;
            (*index, position)
        };
        Self(row_groups.iter().map(place).collect())
    }

    fn position(&self, row_group: usize) -> u64 {
        self.0.iter().find(|(index, _)| *index == row_group).map_or(0, |(_, first)| *first)
    }

    fn selectors(&self, spans: &[Span]) -> Vec<RowSelector> {
        let mut at = 0;
        let mut selectors = Vec::with_capacity(2 * spans.len());
        for span in spans {
            let first = self.position(span.row_group) + span.rows.start;
            if first > at {
                selectors.push(RowSelector::skip((first - at) as usize));
            }
            selectors.push(RowSelector::select((span.rows.end - span.rows.start) as usize));
            at = first + (span.rows.end - span.rows.start);
        }
        selectors
    }
}
