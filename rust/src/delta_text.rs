//! Texts of the delta encodings, of which parquet does not check every one.
//!
//! Its reader of views validates the bytes of many texts at once: a character that is cut in two by a wrong length is
//! sound in the whole, and neither half is text. What is valid as a whole and begins no text within a character is valid
//! text by text.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};

/// Pages of a column, of which it is noted whether one had such an encoding.
pub(crate) struct NotedPages {
    pages: Box<dyn PageReader>,
    met: Arc<AtomicBool>,
}

impl NotedPages {
    /// These pages; `met` becomes true with the first of such an encoding.
    pub(crate) fn new(pages: Box<dyn PageReader>, met: &Arc<AtomicBool>) -> Self {
        Self { pages, met: Arc::clone(met) }
    }
}

impl PageReader for NotedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        let encoding = page.as_ref().map(Page::encoding);
        if matches!(encoding, Some(Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY)) {
            self.met.store(true, Ordering::Relaxed);
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

impl Iterator for NotedPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// Checks that no text begins within a character. Arrays of other types pass.
///
/// # Errors
/// An error of parquet's for the first text that does.
pub(crate) fn check_texts(array: &ArrayRef) -> Result<()> {
    if array.data_type() != &DataType::Utf8View {
        return Ok(());
    }
    // As bytes: a text that is not valid may not be looked at as one.
    let bytes = array.as_string_view().clone().to_binary_view();
    let is_within = |first: &u8| first & 0b1100_0000 == 0b1000_0000;
    match bytes.iter().position(|text| text.and_then(<[u8]>::first).is_some_and(is_within)) {
        None => Ok(()),
        Some(at) => Err(ParquetError::General(format!("text {at} of {} begins within a character", array.len()))),
    }
}
