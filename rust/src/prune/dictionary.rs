//! The dictionary of a column chunk: the only values that it has, where all of its data pages are codes.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef};
use arrow_schema::{Field, Fields};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowGroups};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};

use super::leaf::Leaf;
use super::lone_chunk::{COLUMN, lone_chunk};
use crate::files::file::ParquetFile;
use crate::pages::chunk_pages::ChunkPages;
use crate::pages::chunk_place::ChunkPlace;
use crate::pages::page_buffers::PageBuffers;
use crate::pages::page_header::{PageKind, read_page_header};
use crate::source::TrackedSource;

/// A dictionary of more bytes than this, uncompressed, is not read.
const MAX_BYTES: u64 = 1 << 20;
/// A dictionary that is more than this part of its chunk is not read: it costs about as much as the chunk.
const LARGEST_PART: u64 = 4;
/// A header is looked for in so many bytes; that of a dictionary page has no statistics.
const HEADER_BYTES: usize = 512;

/// Whether all data pages of a chunk are codes of its dictionary, for certain.
pub(super) fn is_complete(chunk: &ColumnChunkMetaData) -> bool {
    let is_dictionary = |encoding: Encoding| matches!(encoding, Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY);
    if let Some(mask) = chunk.page_encoding_stats_mask() {
        let mut encodings = mask.encodings().peekable();
        return encodings.peek().is_some() && encodings.all(is_dictionary);
    }
    // Of these, only codes can be those of values: levels have the others. PLAIN may be the dictionary's or a page's.
    #[expect(deprecated, reason = "old files have it")]
    let is_levels = |encoding: Encoding| matches!(encoding, Encoding::RLE | Encoding::BIT_PACKED);
    let mut values = chunk.encodings().filter(|encoding| !is_levels(*encoding)).peekable();
    values.peek().is_some() && values.all(is_dictionary)
}

/// The distinct values of a chunk, and perhaps some that it does not have; `None` where its dictionary is missing, too
/// large, or cannot be read.
pub(super) fn values(file: &ParquetFile, leaf: &Leaf, row_group_index: usize) -> Option<ArrayRef> {
    let row_group = file.metadata.row_group(row_group_index);
    let chunk = row_group.column(leaf.index);
    if !is_complete(chunk) {
        return None;
    }
    let start = u64::try_from(chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset())).ok()?;
    let (header, _) = read_page_header(&file.source.peek(start, HEADER_BYTES).ok()?)?;
    let part = header.compressed_bytes.checked_mul(LARGEST_PART)?;
    if !matches!(header.kind, PageKind::Dictionary { .. })
        || header.uncompressed_bytes > MAX_BYTES
        || part > u64::try_from(chunk.compressed_size()).ok()?
    {
        return None;
    }
    let source = Arc::new(TrackedSource::new(file.source.clone()));
    let place = ChunkPlace { row_group: row_group_index, column: leaf.index };
    let page = ChunkPages::new(file, &source, place, &Arc::<PageBuffers>::default()).ok()?.get_next_page().ok()??;
    let Page::DictionaryPage { buf, num_values, encoding, .. } = page else { return None };
    // Old writers call the dictionary's own encoding that of its codes.
    let is_plain = matches!(encoding, Encoding::PLAIN | Encoding::PLAIN_DICTIONARY);
    // Each value takes a byte at least, but for those that are empty and fixed.
    (is_plain && num_values as usize <= buf.len()).then(|| decode(leaf, chunk, buf, num_values))?
}

/// Decodes the values as if they were the only page of a required column.
fn decode(leaf: &Leaf, chunk: &ColumnChunkMetaData, values: Bytes, count: u32) -> Option<ArrayRef> {
    let metadata = lone_chunk(chunk.column_descr(), count as usize, |builder| builder).ok()?;
    let schema = metadata.file_metadata().schema_descr();
    let hint = Fields::from(vec![Field::new(COLUMN, leaf.wanted.clone(), false)]);
    let levels = parquet_to_arrow_field_levels(schema, ProjectionMask::all(), Some(&hint)).ok()?;
    let page = Page::DataPage {
        buf: values,
        num_values: count,
        encoding: Encoding::PLAIN,
        def_level_encoding: Encoding::RLE,
        rep_level_encoding: Encoding::RLE,
        statistics: None,
    };
    let source = OnePage { metadata, page: page.clone() };
    let mut reader =
        ParquetRecordBatchReader::try_new_with_row_groups(&levels, &source, (count as usize).max(1), None).ok()?;
    let decoded = match reader.next() {
        Some(batch) => Arc::clone(batch.ok()?.column(0)),
        None => arrow_array::new_empty_array(&leaf.wanted),
    };
    if decoded.len() != count as usize {
        return None;
    }
    if *decoded.data_type() == leaf.wanted { Some(decoded) } else { arrow_cast::cast(&decoded, &leaf.wanted).ok() }
}

/// A file of one page.
struct OnePage {
    metadata: ParquetMetaData,
    page: Page,
}

impl RowGroups for OnePage {
    fn num_rows(&self) -> usize {
        self.page.num_values() as usize
    }

    fn column_chunks(&self, _: usize) -> parquet::errors::Result<Box<dyn PageIterator>> {
        Ok(Box::new(OneChunk(Some(self.page.clone()))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.metadata.row_groups().iter())
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }
}

/// The one chunk, until it is taken.
struct OneChunk(Option<Page>);

impl Iterator for OneChunk {
    type Item = parquet::errors::Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(Ok(Box::new(OnePageReader(Some(self.0.take()?)))))
    }
}

impl PageIterator for OneChunk {}

/// The one page, until it is taken.
struct OnePageReader(Option<Page>);

impl PageReader for OnePageReader {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        Ok(self.0.take())
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        let count = self.0.as_ref().map(|page| page.num_values() as usize);
        Ok(count.map(|count| PageMetadata { num_rows: Some(count), num_levels: Some(count), is_dict: false }))
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        self.0 = None;
        Ok(())
    }
}

impl Iterator for OnePageReader {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}
