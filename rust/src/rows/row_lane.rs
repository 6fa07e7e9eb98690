//! The decoder of a scan with a predicate: all columns of a segment, of one file after the other, in chunks of the rows
//! that pass.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::batches::column::{Column, ColumnBuilder};
use crate::batches::dictionary::{DictionaryCodes, Interner};
use crate::batches::pool::BufferPool;
use crate::error::{Result, caught};
use crate::files::segment_files::{FileRows, SegmentFiles};
use crate::pages::page_buffers::PageBuffers;
use crate::rows::filter_stats::FilterStats;
use crate::rows::row_plan::Output;
use crate::rows::row_reader::{Passed, RowReader};
use crate::rows::row_values::{Mask, Values};

/// Sequential decoder of all columns over the rows of a segment.
pub struct RowLane {
    /// The files that are not yet read to their end; at least one.
    files: VecDeque<RowReader>,
    interners: Vec<Arc<Interner>>,
    codes: Vec<DictionaryCodes>,
    /// Rows that passed and had no place in the last chunk: the outputs' arrays.
    rest: Option<Passed>,
}

/// A chunk ends when less than this part of its bytes is left: what would fill it would take more reads than it is worth.
const LEAST_PART: u64 = 16;

/// What a chunk may take.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// Rows to give at most; no more than a quantum over, unless `exact`.
    pub rows: u64,
    /// Whether `rows` must not be passed.
    pub exact: bool,
    /// Bytes to give, about.
    pub bytes: u64,
    /// A single row must not be larger.
    pub share_bytes: u64,
}

/// Columns of a chunk, and how many rows of the scan's row space they were chosen from.
#[derive(Debug)]
pub struct Decoded {
    /// The columns.
    pub columns: Vec<Column>,
    /// Their rows.
    pub rows: u64,
    /// How many of them are of each file that has some, by its index; none where no rows are tested.
    pub rows_of_files: Vec<(usize, u64)>,
    /// Rows read, passed or not.
    pub rows_read: u64,
    /// Whether the lane has nothing more to give, as far as it knows that before it is asked.
    pub last: bool,
}

impl RowLane {
    /// A lane over all files of a segment, which are planned to be read row by row; nothing is read yet. It may be asked
    /// for an exact number of rows only where `exact`.
    #[must_use]
    pub fn new(
        files: &SegmentFiles,
        interners: &[Arc<Interner>],
        pages: &Arc<PageBuffers>,
        stats: &Arc<FilterStats>,
        exact: bool,
    ) -> Self {
        // What passed of a quantum is cut then: arrays can be.
        let reader = |rows: &FileRows| Some(RowReader::new(rows, rows.opened.row_plan.as_ref()?, pages, stats, !exact));
        let files: VecDeque<RowReader> = files.iter().filter_map(reader).collect();
        let outputs = files.front().map_or(0, |file| file.outputs_of_batch().len());
        let codes = (0..outputs).map(|_| DictionaryCodes::default()).collect();
        Self { files, interners: interners.to_vec(), codes, rest: None }
    }

    /// Decodes the next chunk: until it has the rows or the bytes asked for, or the lane's rows end.
    ///
    /// # Errors
    /// Whatever parquet says of a page, with the file, the row group and the column; `MEMORY_LIMIT` for a row that is
    /// larger than the stream's share.
    pub fn decode(&mut self, ask: Ask, pool: &BufferPool) -> Result<Decoded> {
        let before = self.rows_left();
        let mut builders: Vec<ColumnBuilder> = Vec::new();
        let filled = caught(|| self.fill(ask, pool, &mut builders));
        let rows_of_files = match self.files.front() {
            Some(file) => file.checked(filled)?,
            None => filled?,
        };
        if builders.is_empty() {
            builders = self.builders(0, pool);
        }
        Ok(Decoded {
            columns: builders.into_iter().map(ColumnBuilder::finish).collect::<Result<Vec<Column>>>()?,
            rows: rows_of_files.iter().map(|(_, rows)| rows).sum(),
            rows_of_files,
            rows_read: before - self.rows_left(),
            last: self.rest.is_none() && self.rows_left() == 0,
        })
    }

    /// Appends rows that pass, and counts those of each file.
    fn fill(&mut self, ask: Ask, pool: &BufferPool, builders: &mut Vec<ColumnBuilder>) -> Result<Vec<(usize, u64)>> {
        let mut rows_of_files: Vec<(usize, u64)> = Vec::new();
        let (mut rows, mut bytes) = (0_u64, 0);
        // Nobody wants the chunk of a scan that was cancelled.
        while rows < ask.rows && !pool.is_closed() {
            let Some(bytes_left) = ask.bytes.checked_sub(bytes).filter(|left| *left > ask.bytes / LEAST_PART) else {
                break;
            };
            let Some(file) = self.files.front_mut() else { break };
            let index = file.index;
            let passed = match self.rest.take() {
                Some(rest) => rest,
                None if file.rows_left() > 0 => file.next_quantum(bytes_left, ask.share_bytes)?,
                None if self.files.len() == 1 => break,
                None => {
                    self.next_file()?;
                    continue;
                }
            };
            if passed.mask.passed == 0 {
                continue;
            }
            let passed = if ask.exact { self.cut(passed, (ask.rows - rows) as usize)? } else { passed };
            if builders.is_empty() {
                *builders = self.builders(self.expected_rows(ask, &passed), pool);
            }
            let Some(file) = self.files.front_mut() else { break };
            let outputs = builders.iter_mut().zip(&passed.values).zip(&mut self.codes);
            for (output, ((builder, values), codes)) in outputs.enumerate() {
                match (values, passed.mask.filter()) {
                    (None, _) => file.append(output, &passed.mask, builder, pool)?,
                    (Some(Values::All(array)), Some(filter)) => builder.append_kept(array, filter, codes, pool)?,
                    (Some(Values::All(array)), None) | (Some(Values::Passed(array)), _) => {
                        builder.append(array, codes, pool)?;
                    }
                }
            }
            rows += passed.mask.passed as u64;
            bytes = builders.iter().map(|builder| builder.byte_len() as u64).sum();
            match rows_of_files.last_mut().filter(|(last, _)| *last == index) {
                Some((_, rows)) => *rows += passed.mask.passed as u64,
                None => rows_of_files.push((index, passed.mask.passed as u64)),
            }
        }
        Ok(rows_of_files)
    }

    /// Goes on to the next file.
    fn next_file(&mut self) -> Result<()> {
        let Some(before) = self.files.pop_front() else { return Ok(()) };
        before.checked(Ok(()))?;
        // Another file has other dictionaries.
        self.codes.fill_with(DictionaryCodes::default);
        Ok(())
    }

    fn rows_left(&self) -> u64 {
        self.files.iter().map(RowReader::rows_left).sum()
    }

    fn builders(&self, rows: usize, pool: &BufferPool) -> Vec<ColumnBuilder> {
        let builder = |output: &Output| {
            let interner = output.dictionary.and_then(|id| self.interners.get(id));
            ColumnBuilder::new(output.field.data_type(), rows, pool, interner)
        };
        self.files.front().map_or(&[][..], RowReader::outputs_of_batch).iter().map(builder).collect()
    }

    /// Rows that the chunk will have if as many pass of what comes; no more than its bytes have room for, since buffers of
    /// that size are taken at once.
    fn expected_rows(&self, ask: Ask, passed: &Passed) -> usize {
        let rows = passed.mask.passed as u64;
        let to_come = u128::from(self.rows_left()) * u128::from(rows) / (passed.read.max(1) as u128);
        let fitting = ask.bytes / self.files.front().map_or(1, |file| file.row_bytes().max(1));
        let most = ask.rows.saturating_add(rows).min(fitting).max(rows);
        rows.saturating_add(u64::try_from(to_come).unwrap_or(u64::MAX)).min(most) as usize
    }

    /// Keeps what is more than `rows` for the next chunk.
    fn cut(&mut self, passed: Passed, rows: usize) -> Result<Passed> {
        let count = passed.mask.passed;
        if count <= rows {
            return Ok(passed);
        }
        let Passed { read, mask, values } = passed;
        let arrays = values.into_iter().flatten().map(|values| values.passed(mask.filter()));
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        let part = |from: usize, length: usize| Passed {
            read: read * length / count,
            mask: Mask::new(length),
            values: arrays.iter().map(|array| Some(Values::Passed(array.slice(from, length)))).collect(),
        };
        self.rest = Some(part(rows, count - rows));
        Ok(part(0, rows))
    }
}
