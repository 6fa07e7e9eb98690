//! Goes from header to header of a column chunk's pages.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::Result;
use parquet::file::reader::ChunkReader;

use crate::levels::level_runs::{LevelRuns, Run};
use crate::levels::level_window::{low_bits, word_at};
use crate::pages::chunk_place::NamedChunk;
use crate::pages::page_header::{HEADER_GUESS, MAX_HEADER, PageHeader, PageKind, read_page_header};
use crate::source::TrackedSource;

/// Headers that are kept rather than read again: those of a chunk of some gigabytes.
const MOST_AHEAD: usize = 4096;

/// Bytes in which the first run of levels begins: its length and a level.
const FIRST_RUN: u64 = 8;

/// Where in the chunk it is, at a header or behind it.
pub(crate) struct PageWalk {
    source: Arc<TrackedSource>,
    /// The bits of a repetition level; none where each value is a row.
    level_width: u32,
    /// Of the next header or, once that was read, of its page's bytes.
    offset: u64,
    /// Bytes of the chunk from there on.
    remaining: u64,
    /// The next page's header, once it was read.
    header: Option<PageHeader>,
    /// Headers after that with their lengths, as far as they were read.
    ahead: VecDeque<(PageHeader, u64)>,
}

/// What headers declare, added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) values: u64,
    /// Not known where there is a page of version 1.
    pub(crate) rows: Option<u64>,
    /// Whether a page of version 2 begins within a row: the specification forbids it, but writers do it.
    pub(crate) splits_rows: bool,
}

impl Declared {
    /// The same with another page.
    pub(crate) fn and(self, header: &PageHeader) -> Self {
        let values = self.values + if header.is_data() { header.values } else { 0 };
        let rows = match header.kind {
            PageKind::DataV1 { .. } => None,
            PageKind::DataV2 { rows, .. } => self.rows.map(|before| before + rows),
            PageKind::Dictionary { .. } | PageKind::Other => self.rows,
        };
        Self { values, rows, ..self }
    }
}

impl PageWalk {
    /// Before the first page of a chunk.
    pub(crate) fn new(source: &Arc<TrackedSource>, offset: u64, length: u64, level_width: u32) -> Self {
        let source = Arc::clone(source);
        Self { source, level_width, offset, remaining: length, header: None, ahead: VecDeque::new() }
    }

    /// Whether all pages were passed.
    pub(crate) fn is_at_end(&self) -> bool {
        self.remaining == 0
    }

    /// The next page's header, if it was read before.
    pub(crate) fn known(&self) -> Option<PageHeader> {
        self.header
    }

    /// Reads the next page's header.
    pub(crate) fn read(&mut self, chunk: &NamedChunk, page: usize) -> Result<PageHeader> {
        let (header, length) = match self.ahead.pop_front() {
            Some(known) => known,
            None => self.read_at(self.offset, self.remaining, chunk, page)?,
        };
        self.offset += length;
        self.remaining -= length;
        check_fits(&header, self.remaining, chunk, page)?;
        self.header = Some(header);
        Ok(header)
    }

    /// The bytes of the page whose header was read.
    pub(crate) fn bytes(&self, header: &PageHeader) -> Result<Bytes> {
        self.source.get_bytes(self.offset, header.compressed_bytes as usize)
    }

    /// Goes on behind the page whose header was read.
    pub(crate) fn pass(&mut self, header: &PageHeader) {
        self.offset += header.compressed_bytes;
        self.remaining -= header.compressed_bytes;
        self.header = None;
    }

    /// What all pages declare: those `before`, that of `next`, whose header was read, and those behind it. Ends early where
    /// there are `enough` values.
    pub(crate) fn add_up(
        &mut self,
        next: &PageHeader,
        before: Declared,
        enough: Option<u64>,
        chunk: &NamedChunk,
        page: usize,
    ) -> Result<Declared> {
        let (mut header, mut offset, mut remaining) = (*next, self.offset, self.remaining);
        let mut all = before;
        loop {
            check_fits(&header, remaining, chunk, page)?;
            all = all.and(&header);
            all.splits_rows |= !self.begins_with_row(&header, offset)?;
            offset += header.compressed_bytes;
            remaining -= header.compressed_bytes;
            if remaining == 0 || enough.is_some_and(|enough| all.values >= enough) {
                return Ok(all);
            }
            let (following, length) = self.read_at(offset, remaining, chunk, page)?;
            if self.ahead.len() < MOST_AHEAD {
                self.ahead.push_back((following, length));
            }
            offset += length;
            remaining -= length;
            header = following;
        }
    }

    /// The header of the page behind those that were passed, if there is one.
    pub(crate) fn peek(&self) -> Option<PageHeader> {
        let bytes = self.source.peek(self.offset, HEADER_GUESS.min(self.remaining as usize)).ok()?;
        read_page_header(&bytes).map(|(header, _)| header)
    }

    /// Whether a page whose bytes are at `offset` begins with a row, as far as that can be told without decompressing it.
    fn begins_with_row(&self, header: &PageHeader, offset: u64) -> Result<bool> {
        let PageKind::DataV2 { repetition_bytes, .. } = header.kind else { return Ok(true) };
        if self.level_width == 0 {
            return Ok(true);
        }
        let most = repetition_bytes.min(header.compressed_bytes).min(FIRST_RUN);
        let levels = self.source.peek(offset, most as usize)?;
        // Levels that end early are found when they are read.
        let first = LevelRuns::new(&levels, self.level_width, 1).flatten().find(|run| run.count() > 0);
        Ok(first.is_none_or(|run| match run {
            Run::Repeated { level, .. } => level == 0,
            Run::Packed { bytes, .. } => word_at(bytes, 0) & low_bits(self.level_width as usize) == 0,
        }))
    }

    fn read_at(&self, offset: u64, remaining: u64, chunk: &NamedChunk, page: usize) -> Result<(PageHeader, u64)> {
        let mut length = HEADER_GUESS;
        loop {
            let at_most = length.min(usize::try_from(remaining).unwrap_or(usize::MAX));
            let bytes = self.source.peek(offset, at_most)?;
            if let Some((header, length)) = read_page_header(&bytes) {
                return Ok((header, length as u64));
            }
            if bytes.len() < length || length >= MAX_HEADER {
                return Err(chunk.corrupt(&chunk.name(), &format!("its page {page} or a later one has no header")));
            }
            length *= 16;
        }
    }
}

fn check_fits(header: &PageHeader, remaining: u64, chunk: &NamedChunk, page: usize) -> Result<()> {
    if header.compressed_bytes <= remaining {
        return Ok(());
    }
    let why = format!(
        "its page {page} or a later one declares {} bytes, and the column chunk ends before",
        header.compressed_bytes
    );
    Err(chunk.corrupt(&chunk.name(), &why))
}
