//! A data page: levels of one bit, and values of those rows that have one.

use arrow_buffer::bit_iterator::BitIndexIterator;
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};
use parquet::column::page::Page;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescPtr;

use super::values::{Fixed, PageValues, keep_behind};
use crate::level_cursor::LevelCursor;

/// Levels of one bit that are read at once: whole bytes, as many as a word has from within one on.
const LEVELS: u64 = 56;

/// A page whose rows are read or skipped from the first on.
pub(super) struct OpenPage<T: Fixed> {
    rows: usize,
    /// Of a column that may have nulls.
    levels: Option<LevelCursor>,
    values: PageValues<T>,
}

/// Values with those of nulls, and which of them are none; no bits for a column without nulls.
#[derive(Debug)]
pub(super) struct Rows<T> {
    pub(super) values: Vec<T>,
    pub(super) validity: BooleanBufferBuilder,
    /// Values on their way to places between nulls.
    present: Vec<T>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { values: Vec::new(), validity: BooleanBufferBuilder::new(0), present: Vec::new() }
    }
}

impl<T: Fixed> OpenPage<T> {
    /// A data page of a column, whose levels come first.
    pub(super) fn new(page: &Page, column: &ColumnDescPtr) -> Result<Self> {
        let rows = page.num_values() as usize;
        let may_have_nulls = column.max_def_level() > 0;
        let bytes = page.buffer();
        let ends_early = || ParquetError::General("a page's levels are longer than the page".into());
        let (levels, start, present) = match page {
            Page::DataPageV2 { num_nulls, def_levels_byte_len, rep_levels_byte_len, .. } => {
                let present = rows.checked_sub(*num_nulls as usize);
                let present = present.ok_or_else(|| ParquetError::General("a page has more nulls than values".into()));
                let before = *rep_levels_byte_len as usize;
                (before, before.saturating_add(*def_levels_byte_len as usize), present?)
            }
            _ if may_have_nulls => {
                let length = bytes.first_chunk().ok_or_else(ends_early)?;
                (4, 4_usize.saturating_add(u32::from_le_bytes(*length) as usize), rows)
            }
            _ => (0, 0, rows),
        };
        if start > bytes.len() {
            return Err(ends_early());
        }
        let data = bytes.slice(start..);
        let levels = may_have_nulls.then(|| LevelCursor::new(bytes.slice(levels..start), 1, rows as u64));
        Ok(Self { rows, levels, values: PageValues::new(data, page.encoding(), present, column)? })
    }

    /// Rows that are left.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Reads the next rows, of which there have to be as many.
    pub(super) fn read(&mut self, rows: usize, dictionary: Option<&[T]>, to: &mut Rows<T>) -> Result<()> {
        self.rows -= rows;
        let Some(levels) = &mut self.levels else { return self.values.read(rows, dictionary, &mut to.values) };
        let before = to.validity.len();
        let present = take_levels(levels, rows, |count, bits| match bits {
            Levels::Same(is_valid) => to.validity.append_n(count, is_valid),
            Levels::Word(word) => to.validity.append_packed_range(0..count, &word.to_le_bytes()),
        })?;
        if present == rows {
            return self.values.read(rows, dictionary, &mut to.values);
        }
        to.present.clear();
        self.values.read(present, dictionary, &mut to.present)?;
        let start = to.values.len();
        to.values.resize(start + rows, T::default());
        let places = BitIndexIterator::new(to.validity.as_slice(), before, rows);
        for (place, value) in places.zip(&to.present) {
            to.values[start + place] = *value;
        }
        Ok(())
    }

    /// As `read`, but only those of the next rows whose bit is set.
    pub(super) fn keep(&mut self, rows: &BooleanBuffer, dictionary: Option<&[T]>, to: &mut Rows<T>) -> Result<()> {
        if self.levels.is_none() {
            self.rows -= rows.len();
            return self.values.keep(rows, dictionary, &mut to.values);
        }
        let (start, before) = (to.values.len(), to.validity.len());
        self.read(rows.len(), dictionary, to)?;
        keep_behind(&mut to.values, start, rows);
        let kept: Vec<bool> = rows.set_indices().map(|row| to.validity.get_bit(before + row)).collect();
        to.validity.truncate(before);
        to.validity.append_slice(&kept);
        Ok(())
    }

    /// Passes the next rows.
    pub(super) fn skip(&mut self, rows: usize) -> Result<()> {
        self.rows -= rows;
        // Nothing more is read of a page that is passed.
        if self.rows == 0 {
            return Ok(());
        }
        let present = match &mut self.levels {
            Some(levels) => take_levels(levels, rows, |_, _| ())?,
            None => rows,
        };
        self.values.skip(present)
    }
}

/// Definition levels of one bit that are read at once.
enum Levels {
    Same(bool),
    /// From the lowest bit on.
    Word(u64),
}

/// Takes the levels of so many rows, and tells how many of these have a value.
fn take_levels(levels: &mut LevelCursor, rows: usize, mut take: impl FnMut(usize, Levels)) -> Result<usize> {
    let mut left = rows as u64;
    let mut present = 0;
    while left > 0 {
        let alike = levels.seek().ok_or_else(|| {
            ParquetError::General(format!("a page's definition levels end {left} rows before it does"))
        })?;
        let count = if levels.is_same() {
            let count = alike.min(left);
            let is_valid = levels.first() > 0;
            present += if is_valid { count } else { 0 };
            take(count as usize, Levels::Same(is_valid));
            count
        } else {
            let count = alike.min(left).min(LEVELS);
            let word = levels.word(count);
            present += u64::from(word.count_ones());
            take(count as usize, Levels::Word(word));
            count
        };
        levels.pass(count);
        left -= count;
    }
    Ok(present as usize)
}
