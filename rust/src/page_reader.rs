//! Pages of a column chunk, decompressed into buffers that are filled again and again.
//!
//! parquet's own reader allocates and clears a fresh buffer for each page, which costs a tenth of a full scan in page
//! faults and `memset`. Here the pages are taken compressed, from parquet's reader over the same chunk declared as
//! uncompressed, and Snappy, the format's usual codec, writes into memory that the scan has used before. Chunks of other
//! codecs, whose own work outweighs this, go through parquet's reader unchanged.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;

use crate::allocation;
use crate::source::TrackedSource;

/// Bytes of free buffers that a scan keeps: a page or two a column of a usual file.
const MAX_FREE_BYTES: usize = 16 << 20;
/// The smallest buffer.
const SMALLEST: usize = 16 << 10;

/// A scan's page buffers. They are never cleared: what is written into them was initialised once.
#[derive(Debug, Default)]
pub struct PageBuffers {
    free: Mutex<Free>,
}

#[derive(Debug, Default)]
struct Free {
    buffers: Vec<Vec<u8>>,
    bytes: usize,
}

impl PageBuffers {
    /// A buffer of at least `length` initialised bytes: the smallest free one that is large enough, or a new one.
    fn take(self: &Arc<Self>, length: usize) -> PageBuffer {
        let mut free = crate::lock(&self.free);
        let fitting = free.buffers.iter().enumerate().filter(|(_, buffer)| buffer.len() >= length);
        let best = fitting.min_by_key(|(_, buffer)| buffer.len()).map(|(index, _)| index);
        let reused = best.map(|index| free.buffers.swap_remove(index));
        free.bytes -= reused.as_ref().map_or(0, Vec::len);
        drop(free);
        let bytes = reused.unwrap_or_else(|| allocation::zeroed(length.next_power_of_two().max(SMALLEST)));
        PageBuffer { bytes, length, home: Arc::clone(self) }
    }

    fn give_back(&self, bytes: Vec<u8>) {
        let mut free = crate::lock(&self.free);
        if free.bytes + bytes.len() <= MAX_FREE_BYTES {
            free.bytes += bytes.len();
            free.buffers.push(bytes);
        }
    }
}

/// The bytes of one page; they go home when the last view of them is gone.
struct PageBuffer {
    bytes: Vec<u8>,
    length: usize,
    home: Arc<PageBuffers>,
}

impl AsRef<[u8]> for PageBuffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl Drop for PageBuffer {
    fn drop(&mut self) {
        self.home.give_back(std::mem::take(&mut self.bytes));
    }
}

/// The page reader of a column chunk of `rows` rows.
///
/// # Errors
/// Those of parquet's reader: an unsupported codec or an impossible place in the file.
pub fn page_reader(
    source: &Arc<TrackedSource>,
    chunk: &ColumnChunkMetaData,
    rows: usize,
    buffers: &Arc<PageBuffers>,
) -> Result<Box<dyn PageReader>> {
    if chunk.compression() != Compression::SNAPPY {
        return Ok(Box::new(SerializedPageReader::new(Arc::clone(source), chunk, rows, None)?));
    }
    let stored = chunk.clone().into_builder().set_compression(Compression::UNCOMPRESSED).build()?;
    Ok(Box::new(SnappyPages {
        pages: SerializedPageReader::new(Arc::clone(source), &stored, rows, None)?,
        decoder: snap::raw::Decoder::new(),
        buffers: Arc::clone(buffers),
        chunk_bytes: chunk.uncompressed_size().max(0) as usize,
    }))
}

struct SnappyPages {
    pages: SerializedPageReader<TrackedSource>,
    decoder: snap::raw::Decoder,
    buffers: Arc<PageBuffers>,
    /// Uncompressed bytes of the whole chunk: no page of it is larger.
    chunk_bytes: usize,
}

impl SnappyPages {
    /// The page's bytes: the first `plain` as they are stored, then what the rest decompresses to.
    fn decompress(&mut self, stored: &Bytes, plain: usize) -> Result<Bytes> {
        let error =
            |cause: &dyn std::fmt::Display| ParquetError::General(format!("cannot decompress a Snappy page: {cause}"));
        let compressed = stored.get(plain..).ok_or_else(|| error(&"its levels are longer than the page"))?;
        let length = match compressed {
            [] => 0,
            _ => snap::raw::decompress_len(compressed).map_err(|e| error(&e))?,
        };
        if length > self.chunk_bytes {
            return Err(error(&format!("it claims {length} bytes, more than its whole column chunk has")));
        }
        let mut buffer = self.buffers.take(plain + length);
        buffer.bytes[..plain].copy_from_slice(&stored[..plain]);
        if length > 0 {
            let target = &mut buffer.bytes[plain..plain + length];
            self.decoder.decompress(compressed, target).map_err(|e| error(&e))?;
        }
        Ok(Bytes::from_owner(buffer))
    }
}

impl PageReader for SnappyPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let Some(mut page) = self.pages.get_next_page()? else { return Ok(None) };
        match &mut page {
            Page::DataPage { buf, .. } | Page::DictionaryPage { buf, .. } => *buf = self.decompress(buf, 0)?,
            Page::DataPageV2 { buf, def_levels_byte_len, rep_levels_byte_len, is_compressed: true, .. } => {
                *buf = self.decompress(buf, *def_levels_byte_len as usize + *rep_levels_byte_len as usize)?;
            }
            Page::DataPageV2 { .. } => {}
        }
        Ok(Some(page))
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

impl Iterator for SnappyPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(buffers: &PageBuffers) -> usize {
        crate::lock(&buffers.free).buffers.len()
    }

    #[test]
    fn a_page_buffer_goes_home_with_its_last_view() {
        let buffers = Arc::new(PageBuffers::default());
        let page = Bytes::from_owner(buffers.take(1000));
        let view = page.slice(10..20);
        drop(page);
        assert_eq!(free(&buffers), 0);
        drop(view);
        assert_eq!(free(&buffers), 1);
        assert_eq!(buffers.take(500).as_ref().len(), 500);
    }

    #[test]
    fn the_smallest_buffer_that_fits_is_reused() {
        let buffers = Arc::new(PageBuffers::default());
        drop([buffers.take(1 << 20), buffers.take(1 << 16), buffers.take(1 << 18)]);
        assert_eq!(buffers.take(100_000).bytes.len(), 1 << 18);
        assert_eq!(buffers.take(2 << 20).bytes.len(), 2 << 20);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let buffers = Arc::new(PageBuffers::default());
        let many: Vec<PageBuffer> = (0..6).map(|_| buffers.take(4 << 20)).collect();
        drop(many);
        assert_eq!(free(&buffers), 4);
    }
}
