//! Pages of a column chunk, decompressed into buffers that are filled again and again.
//!
//! parquet's own reader allocates and clears a fresh buffer for each page, which costs a tenth of a full scan in page
//! faults and `memset`. Here the pages are taken compressed, from parquet's reader over the same chunk declared as
//! uncompressed, and Snappy, the format's usual codec, writes into memory that the lane has used before. Chunks of other
//! codecs, whose own work outweighs this, go through parquet's reader unchanged.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;

use crate::source::TrackedSource;

/// Buffers that a lane keeps: the page being read, and those that views of the last quanta still show.
const KEPT_BUFFERS: usize = 2;

/// A lane's page buffers. They never shrink, so what is written into them needs no clearing.
#[derive(Debug, Default)]
pub struct PageBuffers {
    free: Mutex<Vec<Vec<u8>>>,
}

impl PageBuffers {
    /// A buffer of at least `length` initialised bytes.
    fn take(self: &Arc<Self>, length: usize) -> PageBuffer {
        let mut bytes = crate::lock(&self.free).pop().unwrap_or_default();
        if bytes.len() < length {
            // Grown in one step and not copied: nothing of the old content is needed.
            bytes.clear();
            bytes.resize(length, 0);
        }
        PageBuffer { bytes, length, home: Arc::clone(self) }
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
        let mut free = crate::lock(&self.home.free);
        if free.len() < KEPT_BUFFERS {
            free.push(std::mem::take(&mut self.bytes));
        }
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

    #[test]
    fn a_page_buffer_goes_home_with_its_last_view() {
        let buffers = Arc::new(PageBuffers::default());
        let page = Bytes::from_owner(buffers.take(1000));
        let view = page.slice(10..20);
        drop(page);
        assert_eq!(crate::lock(&buffers.free).len(), 0);
        drop(view);
        assert_eq!(crate::lock(&buffers.free).len(), 1);
        assert_eq!(buffers.take(500).as_ref().len(), 500);
    }

    #[test]
    fn only_a_few_buffers_are_kept() {
        let buffers = Arc::new(PageBuffers::default());
        let many: Vec<PageBuffer> = (0..10).map(|_| buffers.take(10)).collect();
        drop(many);
        assert_eq!(crate::lock(&buffers.free).len(), KEPT_BUFFERS);
    }
}
