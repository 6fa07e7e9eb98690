//! A file's bytes for a scan, which lets go of what it has read.

use bytes::Bytes;
use parquet::file::reader::{ChunkReader, Length};

use super::{IoMode, Source, SourceReader};

/// A source for a scan: what was mapped is let go again as the scan reads on.
///
/// It does not ask for each page whether the file has changed, which took a twentieth of a full scan: lanes ask once a
/// chunk, before they hand it on.
///
/// Each time the scans of a file have read another 16 MiB, the whole map is let go. What is still in use comes
/// back from the system's file cache by one fault a page being decoded, which costs less than to track what is not: a
/// fault at a chunk's edge may map a megabyte of its neighbour (Linux maps large folios whole), so that releasing only
/// what each reader has passed leaves pages behind.
#[derive(Debug)]
pub struct TrackedSource {
    source: Source,
    /// Whether its bytes are copied from the map.
    copies: bool,
}

impl TrackedSource {
    /// A source that lets go.
    #[must_use]
    pub fn new(source: Source) -> Self {
        Self { source, copies: false }
    }

    /// The same whose bytes stay as they are when the file is changed.
    #[must_use]
    pub fn copying(source: Source) -> Self {
        Self { copies: true, ..Self::new(source) }
    }

    /// Up to `at_most` bytes from `start` on: the head of a page, which is not counted as scanned.
    pub(crate) fn peek(&self, start: u64, at_most: usize) -> parquet::errors::Result<Bytes> {
        self.source.peek_at(start, at_most)
    }
}

impl Length for TrackedSource {
    fn len(&self) -> u64 {
        self.source.len()
    }
}

impl ChunkReader for TrackedSource {
    type T = SourceReader;

    fn get_read(&self, start: u64) -> parquet::errors::Result<SourceReader> {
        self.source.read_from(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let bytes = self.source.bytes_at(start, length)?;
        let is_mapped = self.source.io() == IoMode::Mmap;
        let bytes = if self.copies && is_mapped { Bytes::copy_from_slice(&bytes) } else { bytes };
        self.source.scanned(length as u64);
        Ok(bytes)
    }
}
