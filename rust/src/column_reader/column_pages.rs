//! The pages of a flat column, one after the other: what readers of its values have in common.

use arrow_buffer::bit_chunk_iterator::BitChunks;
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageIterator, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescPtr;

use crate::levels::level_cursor::LevelCursor;

/// Levels of one bit that are read at once: whole bytes, as many as a word has from within one on.
const LEVELS: u64 = 56;

/// The values of a page that are not read yet.
pub(super) trait PageValues: Sized {
    /// What codes stand for.
    type Dictionary;

    /// The plain values of a dictionary's page.
    fn dictionary(bytes: &Bytes, count: usize, column: &ColumnDescPtr) -> Result<Self::Dictionary>;

    /// Values in an encoding; as many as `most`.
    fn new(data: Bytes, encoding: Encoding, most: usize, column: &ColumnDescPtr) -> Result<Self>;

    /// Passes the next values.
    fn skip(&mut self, count: usize) -> Result<()>;
}

/// A column's pages, chunk after chunk.
pub(super) struct ColumnPages<V: PageValues> {
    pub(super) column: ColumnDescPtr,
    chunks: Box<dyn PageIterator>,
    pages: Option<Box<dyn PageReader>>,
    /// The chunk's, once it was read.
    dictionary: Option<V::Dictionary>,
    page: Option<OpenPage<V>>,
}

/// A page whose rows are read or skipped from the first on.
pub(super) struct OpenPage<V> {
    pub(super) rows: PageRows,
    pub(super) values: V,
}

/// The rows of a page that are left, and which of them have a value.
pub(super) struct PageRows {
    left: usize,
    /// Levels of one bit, of a column that may have nulls.
    levels: Option<LevelCursor>,
}

impl<V: PageValues> ColumnPages<V> {
    /// The pages of a column's chunks; none is taken yet.
    pub(super) fn new(chunks: Box<dyn PageIterator>, column: ColumnDescPtr) -> Self {
        Self { column, chunks, pages: None, dictionary: None, page: None }
    }

    /// Has the next rows read, page by page: so many of a page, which come behind so many before. Tells how many there
    /// were.
    pub(super) fn read(
        &mut self,
        rows: usize,
        mut read: impl FnMut(&mut OpenPage<V>, Option<&V::Dictionary>, usize, usize) -> Result<()>,
    ) -> Result<usize> {
        let mut done = 0;
        while done < rows {
            if let Some(page) = self.page.as_mut().filter(|page| page.rows.left > 0) {
                let count = page.rows.left.min(rows - done);
                read(page, self.dictionary.as_ref(), count, done)?;
                done += count;
            } else if !self.take_page()? {
                break;
            }
        }
        Ok(done)
    }

    /// Passes the next rows; tells how many there were.
    pub(super) fn skip(&mut self, rows: usize) -> Result<usize> {
        let mut left = rows;
        while left > 0 {
            if let Some(page) = self.page.as_mut().filter(|page| page.rows.left > 0) {
                let count = left.min(page.rows.left);
                page.skip(count)?;
                left -= count;
                continue;
            }
            let Some(pages) = self.pages()? else { break };
            let next = pages.peek_next_page()?.filter(|next| !next.is_dict);
            match next.and_then(|next| next.num_rows.or(next.num_levels)).filter(|count| *count <= left) {
                Some(count) => {
                    pages.skip_next_page()?;
                    left -= count;
                }
                None => {
                    self.take_page()?;
                }
            }
        }
        Ok(rows - left)
    }

    /// The pages of the chunk that is read, or of the next one; `None` behind the last.
    fn pages(&mut self) -> Result<Option<&mut Box<dyn PageReader>>> {
        if self.pages.is_none() {
            self.pages = self.chunks.next().transpose()?;
        }
        Ok(self.pages.as_mut())
    }

    /// Takes the next page, whether it has a dictionary or rows; `false` behind the last.
    fn take_page(&mut self) -> Result<bool> {
        // Its buffer is the warmest for the next one.
        self.page = None;
        let Some(pages) = self.pages()? else { return Ok(false) };
        match pages.get_next_page()? {
            None => (self.pages, self.dictionary) = (None, None),
            Some(Page::DictionaryPage { buf, num_values, encoding, .. }) => {
                self.set_dictionary(&buf, num_values as usize, encoding)?;
            }
            Some(page) => self.page = Some(OpenPage::new(&page, &self.column)?),
        }
        Ok(true)
    }

    fn set_dictionary(&mut self, bytes: &Bytes, count: usize, encoding: Encoding) -> Result<()> {
        if !matches!(encoding, Encoding::PLAIN | Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY) {
            return Err(ParquetError::NYI(format!("dictionaries of the encoding {encoding} are not supported")));
        }
        if self.dictionary.is_some() {
            return Err(ParquetError::General("a column chunk has more than one dictionary".into()));
        }
        self.dictionary = Some(V::dictionary(bytes, count, &self.column)?);
        Ok(())
    }
}

impl<V: PageValues> OpenPage<V> {
    /// A data page of a column, whose levels come first.
    fn new(page: &Page, column: &ColumnDescPtr) -> Result<Self> {
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
        Ok(Self { rows: PageRows { left: rows, levels }, values: V::new(data, page.encoding(), present, column)? })
    }

    fn skip(&mut self, rows: usize) -> Result<()> {
        let present = self.rows.take(rows, |_, _| ())?;
        // Nothing more is read of a page that is passed.
        if self.rows.left == 0 { Ok(()) } else { self.values.skip(present) }
    }
}

impl PageRows {
    /// Takes the next rows, of which there have to be as many, and appends which of them have a value, where rows may have
    /// none; tells how many have one.
    pub(super) fn take_validity(&mut self, rows: usize, to: &mut BooleanBufferBuilder) -> Result<usize> {
        self.take(rows, |count, bits| match bits {
            Levels::Same(is_valid) => to.append_n(count, is_valid),
            Levels::Word(word) => to.append_packed_range(0..count, &word.to_le_bytes()),
        })
    }

    /// As `take_validity`, but of the next rows only for those whose bit is set; tells which of the values are theirs.
    pub(super) fn take_kept(&mut self, rows: &BooleanBuffer, to: &mut BooleanBufferBuilder) -> Result<BooleanBuffer> {
        let before = to.len();
        let present = self.take_validity(rows.len(), to)?;
        if present == rows.len() {
            if self.levels.is_some() {
                to.truncate(before + rows.count_set_bits());
            }
            return Ok(rows.clone());
        }
        let (mut values, mut validity) = (BooleanBufferBuilder::new(present), BooleanBufferBuilder::new(rows.len()));
        let valid_words = BitChunks::new(to.as_slice(), before, rows.len());
        for (kept, valid) in rows.bit_chunks().iter_padded().zip(valid_words.iter_padded()) {
            let (mut of_values, mut of_rows) = (0_u64, 0_u64);
            let mut left = kept;
            for row in 0..kept.count_ones() {
                let bit = left & left.wrapping_neg();
                left ^= bit;
                if valid & bit != 0 {
                    of_values |= 1 << (valid & (bit - 1)).count_ones();
                    of_rows |= 1 << row;
                }
            }
            values.append_packed_range(0..valid.count_ones() as usize, &of_values.to_le_bytes());
            validity.append_packed_range(0..kept.count_ones() as usize, &of_rows.to_le_bytes());
        }
        to.truncate(before);
        to.append_buffer(&validity.finish());
        Ok(values.finish())
    }

    fn take(&mut self, rows: usize, mut take: impl FnMut(usize, Levels)) -> Result<usize> {
        self.left -= rows;
        let Some(levels) = &mut self.levels else { return Ok(rows) };
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
}

/// Definition levels of one bit that are read at once.
enum Levels {
    Same(bool),
    /// From the lowest bit on.
    Word(u64),
}
