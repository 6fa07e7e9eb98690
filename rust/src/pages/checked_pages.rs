//! Pages of byte arrays, checked before parquet decodes them where it would not: those of the delta encodings, and plain
//! ones that are not read as views.
//!
//! A page of these says once more how many values it has. parquet makes room for as many before it reads one, so that
//! 20 bytes can end the process. And each value of `DELTA_BYTE_ARRAY` may begin with the whole of the one before, so
//! that a page of a megabyte can hold a terabyte of text.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::data_type::Int32Type;
use parquet::encodings::decoding::{Decoder, DeltaBitPackDecoder};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;

use crate::levels::element_levels::ElementLevels;
use crate::levels::level_check::LevelCheck;
use crate::levels::sibling_shapes::LeafShape;
use crate::limits::{Limit, ReadLimits};

/// The pages of a column chunk; those of nested columns have their levels checked too.
pub(crate) struct CheckedPages {
    pages: Box<dyn PageReader>,
    /// The most that repetition and definition levels can be.
    levels: [i16; 2],
    level_check: LevelCheck,
    /// What the levels are compared with.
    shape: Option<LeafShape>,
    limits: ReadLimits,
    met: Arc<AtomicBool>,
    /// Whether plain values are looked at, by the reader that goes beyond the page's end where it skips one.
    checks_plain: bool,
}

impl CheckedPages {
    /// The pages of a chunk of a column, whose lists have elements from these levels on; `met` becomes true with the first
    /// of such an encoding. Without `as_views`, pages of plain byte arrays are checked too.
    pub(crate) fn new(
        pages: Box<dyn PageReader>,
        column: &ColumnDescriptor,
        elements: &ElementLevels,
        limits: ReadLimits,
        met: &Arc<AtomicBool>,
        as_views: bool,
    ) -> Self {
        let checks_plain = !as_views && column.physical_type() == Type::BYTE_ARRAY;
        let levels = [column.max_rep_level(), column.max_def_level()];
        let level_check = LevelCheck::new(column, elements);
        Self { pages, levels, level_check, shape: None, limits, met: Arc::clone(met), checks_plain }
    }

    /// The same with others' pages to compare with.
    pub(crate) fn with_shape(self, shape: Option<LeafShape>) -> Self {
        Self { shape, ..self }
    }

    /// Compares a page's levels with those of other columns, or the end of the pages with that of theirs.
    fn compare(&mut self, page: Option<&Page>) -> Result<()> {
        let Some(shape) = &self.shape else { return Ok(()) };
        match page {
            None => shape.end(),
            Some(Page::DictionaryPage { .. }) => Ok(()),
            // As parquet ends rows: with the page, or where the next one tells.
            Some(page) => shape.take(page, self.levels[0] == 0 || self.pages.at_record_boundary()?),
        }
    }

    /// Where the page's values begin; `None` where its levels are none, of which parquet tells.
    fn start_of_values(&self, page: &Page) -> Option<usize> {
        match page {
            Page::DictionaryPage { .. } => None,
            Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } => {
                (*def_levels_byte_len as usize).checked_add(*rep_levels_byte_len as usize)
            }
            Page::DataPage { .. } => self.levels.iter().filter(|most| **most > 0).try_fold(0, |start: usize, _| {
                let length = page.buffer().get(start..)?.first_chunk()?;
                start.checked_add(4)?.checked_add(u32::from_le_bytes(*length) as usize)
            }),
        }
    }

    fn check(&self, page: &Page) -> Result<()> {
        let Some(start) = self.start_of_values(page) else { return Ok(()) };
        if start > page.buffer().len() {
            return Err(ParquetError::General("a page's levels are longer than the page".into()));
        }
        let bytes = page.buffer().slice(start..);
        let most = page.num_values() as usize;
        if page.encoding() == Encoding::PLAIN {
            return check_plain(&bytes, most);
        }
        if bytes.is_empty() {
            return Ok(());
        }
        let lengths = counted(bytes.clone(), most)?;
        if page.encoding() == Encoding::DELTA_BYTE_ARRAY {
            check_bytes(&bytes, lengths, most, self.limits)?;
        }
        Ok(())
    }
}

/// Checks that values, each with its length in front, end within the page: parquet's reader of offsets passes over one
/// that does not, and then makes room for what is left, a negative number.
fn check_plain(bytes: &[u8], most: usize) -> Result<()> {
    let mut rest = bytes;
    for _ in 0..most {
        let Some((length, after)) = rest.split_first_chunk() else { return Ok(()) };
        let after = after.get(u32::from_le_bytes(*length) as usize..);
        rest = after.ok_or_else(|| ParquetError::General("a value is longer than its page".into()))?;
    }
    Ok(())
}

/// A decoder of numbers, of which there are no more than the page has values.
fn counted(bytes: Bytes, most: usize) -> Result<DeltaBitPackDecoder<Int32Type>> {
    let mut decoder = DeltaBitPackDecoder::new();
    decoder.set_data(bytes, most)?;
    if decoder.values_left() > most {
        let message = format!("a page of {most} values has lengths of {}", decoder.values_left());
        return Err(ParquetError::General(message));
    }
    Ok(decoder)
}

/// Checks what values come to whose prefixes have these lengths: those of their suffixes follow.
fn check_bytes(
    bytes: &Bytes,
    mut prefixes: DeltaBitPackDecoder<Int32Type>,
    most: usize,
    limits: ReadLimits,
) -> Result<()> {
    let prefix_bytes = sum(&mut prefixes)?;
    let rest = prefixes.get_offset();
    if rest > bytes.len() {
        return Err(ParquetError::General("a page ends within the lengths of its prefixes".into()));
    }
    let all = prefix_bytes + sum(&mut counted(bytes.slice(rest..), most)?)?;
    let checked = limits.check(Limit::PageBytes, all, || "what a page of prefixes and suffixes comes to".into());
    checked.map_err(|error| ParquetError::External(Box::new(error)))
}

fn sum(lengths: &mut DeltaBitPackDecoder<Int32Type>) -> Result<u64> {
    let mut part = [0; 512];
    let mut all = 0;
    while lengths.values_left() > 0 {
        let count = lengths.get(&mut part)?;
        for length in &part[..count] {
            let length = u64::try_from(*length);
            all += length.map_err(|_| ParquetError::General("a length is negative".into()))?;
        }
    }
    Ok(all)
}

impl PageReader for CheckedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        if let Some(page) = &page {
            self.level_check.check(page)?;
        }
        self.compare(page.as_ref())?;
        match page.as_ref().map(|page| (page, page.encoding())) {
            Some((page, Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY)) => {
                self.met.store(true, Ordering::Relaxed);
                self.check(page)?;
            }
            Some((page, Encoding::PLAIN)) if self.checks_plain => self.check(page)?,
            _ => {}
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.level_check.skip();
        let Some(shape) = &self.shape else { return self.pages.skip_next_page() };
        let page = self.pages.peek_next_page()?;
        self.pages.skip_next_page()?;
        match page {
            None | Some(PageMetadata { is_dict: true, .. }) => Ok(()),
            Some(PageMetadata { num_rows, num_levels, .. }) => {
                shape.skip(num_rows.or(num_levels.filter(|_| self.levels[0] == 0)).map(|rows| rows as u64))
            }
        }
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

impl Iterator for CheckedPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::encodings::encoding::{DeltaBitPackEncoder, Encoder};
    use parquet::schema::types::{ColumnDescPtr, ColumnPath, Type as SchemaType};

    use super::*;
    use crate::error::{ErrorCode, SpillwayError};

    fn column() -> ColumnDescPtr {
        let leaf = SchemaType::primitive_type_builder("c", Type::BYTE_ARRAY);
        let leaf = Arc::new(leaf.with_repetition(parquet::basic::Repetition::REQUIRED).build().expect("leaf"));
        Arc::new(ColumnDescriptor::new(leaf, 0, 0, ColumnPath::from("c")))
    }

    struct One(Option<Page>);

    impl Iterator for One {
        type Item = Result<Page>;

        fn next(&mut self) -> Option<Self::Item> {
            self.get_next_page().transpose()
        }
    }

    impl PageReader for One {
        fn get_next_page(&mut self) -> Result<Option<Page>> {
            Ok(self.0.take())
        }

        fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
            Ok(None)
        }

        fn skip_next_page(&mut self) -> Result<()> {
            Ok(())
        }
    }

    fn lengths(values: &[i32]) -> Vec<u8> {
        let mut encoder = DeltaBitPackEncoder::<Int32Type>::new();
        encoder.put(values).expect("put");
        encoder.flush_buffer().expect("flush").to_vec()
    }

    /// What becomes of a page whose prefixes and suffixes have these lengths.
    fn checked(prefixes: &[i32], suffixes: &[i32], num_values: u32) -> Result<Option<Page>> {
        let buf = Bytes::from([lengths(prefixes), lengths(suffixes)].concat());
        let (encoding, level) = (Encoding::DELTA_BYTE_ARRAY, Encoding::RLE);
        let page = Page::DataPage {
            buf,
            num_values,
            encoding,
            def_level_encoding: level,
            rep_level_encoding: level,
            statistics: None,
        };
        let pages = Box::new(One(Some(page)));
        let (elements, met) = (ElementLevels::default(), Arc::default());
        CheckedPages::new(pages, &column(), &elements, ReadLimits::default(), &met, false).get_next_page()
    }

    #[test]
    fn values_that_each_begin_with_the_one_before_are_bounded() {
        let growing: Vec<i32> = (0..30_000).collect();
        let ones = vec![1; growing.len()];
        assert!(checked(&growing[..20_000], &ones[..20_000], 20_000).expect("200 MB").is_some());
        let error = SpillwayError::from_parquet(&checked(&growing, &ones, 30_000).expect_err("450 MB"));
        assert_eq!(error.code(), ErrorCode::LimitExceeded);
    }

    #[test]
    fn lengths_are_no_more_than_values_and_none_is_negative() {
        assert!(checked(&[0, 1], &[1, 1], 2).expect("right").is_some());
        for (prefixes, suffixes, values) in [(&[0, 1][..], &[1, 1][..], 1), (&[0], &[1, 1], 1), (&[0, -1], &[1, 1], 2)]
        {
            assert!(checked(prefixes, suffixes, values).is_err(), "{prefixes:?} and {suffixes:?} of {values}");
        }
    }
}
