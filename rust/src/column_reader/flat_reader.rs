//! A reader of a flat column, and where it is among the rows of some row groups.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use arrow_array::ArrayRef;
use arrow_buffer::BooleanBuffer;
use parquet::arrow::arrow_reader::RowSelector;
use parquet::errors::Result;

use super::WriteRecords;
use super::flat::ValueReader;
use crate::batches::column::ColumnBuilder;
use crate::batches::pool::BufferPool;
use crate::files::file::ParquetFile;
use crate::pages::delta_text::check_texts;
use crate::rows::row_space::Span;

/// A reader of the pages of some row groups, and where it is.
pub(super) struct FlatReader<R> {
    pub(super) reader: R,
    pub(super) row_groups: PositionMap,
    /// Rows read or skipped, of those that `row_groups` numbers.
    pub(super) at: u64,
    pub(super) current: Arc<AtomicUsize>,
    /// Whether a page had texts that must be looked at.
    pub(super) delta_text: Arc<AtomicBool>,
}

/// Numbers the rows of some row groups through.
pub(super) struct PositionMap(Vec<(usize, u64)>);

impl<R> FlatReader<R> {
    /// Goes behind rows of a row group that lie at or after the reader's place; tells how many are to be passed before
    /// them, and how many they are.
    fn pass(&mut self, row_group: usize, rows: Range<u64>) -> [usize; 2] {
        let first = self.row_groups.position(row_group) + rows.start;
        let skip = first.saturating_sub(self.at);
        let count = rows.end - rows.start;
        self.at = first + count;
        [skip, count].map(|rows| rows as usize)
    }
}

impl FlatReader<Box<dyn WriteRecords>> {
    /// As [`FlatReader::read`], to a batch's column.
    pub(super) fn write(
        &mut self,
        row_group: usize,
        rows: Range<u64>,
        kept: Option<&BooleanBuffer>,
        to: &mut ColumnBuilder,
        pool: &BufferPool,
    ) -> Result<bool> {
        let [skip, count] = self.pass(row_group, rows);
        Ok((skip == 0 || self.reader.pass_records(skip)? == skip)
            && self.reader.write_records(count, kept, to, pool)? == count)
    }
}

impl FlatReader<ValueReader> {
    /// Reads rows of a row group that lie at or after the reader's place, or those of them that are kept, where the reader
    /// can; `false` where the pages end before.
    pub(super) fn read(&mut self, row_group: usize, rows: Range<u64>, kept: Option<&BooleanBuffer>) -> Result<bool> {
        let [skip, count] = self.pass(row_group, rows);
        if skip > 0 && self.reader.as_array_reader().skip_records(skip)? != skip {
            return Ok(false);
        }
        Ok(match (&mut self.reader, kept) {
            (ValueReader::Fixed(reader), Some(kept)) => reader.keep_records(kept)?,
            (reader, _) => reader.as_array_reader().read_records(count)?,
        } == count)
    }

    pub(super) fn take(&mut self) -> Result<ArrayRef> {
        let array = self.reader.as_array_reader().consume_batch()?;
        if self.delta_text.load(Ordering::Relaxed) {
            check_texts(&array)?;
        }
        Ok(array)
    }
}

impl PositionMap {
    pub(super) fn new(file: &ParquetFile, row_groups: &[usize]) -> Self {
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

    pub(super) fn selectors(&self, spans: &[Span]) -> Vec<RowSelector> {
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
