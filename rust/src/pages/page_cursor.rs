//! What a column's pages will take when they are decoded, page by page and only as far as asked.
//!
//! A prediction from the pages ahead, unlike one from the last batch, sees long values coming after short ones. Whether
//! the file is as it was is not asked for each header, which took a fiftieth of a full scan: nothing is given by a
//! prediction, and what is decoded by it is checked.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::page_index::offset_index::OffsetIndexMetaData;

use crate::files::file::ParquetFile;
pub use crate::pages::decoded_size::chunk_decoded_bytes;
use crate::pages::decoded_size::{DecodedSize, is_dictionary};
use crate::pages::page_header::{HEADER_GUESS, MAX_HEADER, PageHeader, PageKind, read_page_header};

/// A data page as its header tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFacts {
    /// Its first row within the row group.
    pub first_row: u64,
    /// Rows; estimated for nested columns in pages of version 1.
    pub rows: u64,
    /// Values, nulls included.
    pub values: u64,
    /// Bytes in the file, without the header.
    pub compressed_bytes: u64,
    /// Bytes after decompression.
    pub uncompressed_bytes: u64,
    /// Bytes as an Arrow array, estimated.
    pub decoded_bytes: u64,
    /// Whether its values are codes of the chunk's dictionary.
    pub dictionary_encoded: bool,
}

/// Walks the page headers of one column chunk, no further than it is asked for.
///
/// It reads headers only, from the map or by small reads. What cannot be read, because a header is corrupt or the pages
/// end early, is taken to be like the chunk's mean.
#[derive(Debug)]
pub struct PageCursor {
    file: Arc<ParquetFile>,
    row_group: usize,
    leaf: usize,
    size: DecodedSize,
    /// Pages that were walked and may be asked for again.
    pages: VecDeque<PageFacts>,
    walk: Walk,
}

#[derive(Debug, Clone, Copy)]
enum Walk {
    /// No header was read.
    Unopened,
    /// At a header.
    At { offset: u64, end: u64, row: u64, page: usize },
    /// There is nothing more to walk.
    Ended,
}

impl PageCursor {
    /// A cursor before the first page; nothing is read.
    #[must_use]
    pub fn new(file: &Arc<ParquetFile>, row_group: usize, leaf: usize) -> Self {
        let size = DecodedSize::new(file.metadata.row_group(row_group).column(leaf));
        Self { file: Arc::clone(file), row_group, leaf, size, pages: VecDeque::new(), walk: Walk::Unopened }
    }

    /// Decoded bytes of `rows` of the row group. The start must not go back: pages before it are forgotten. No header is
    /// read where none tells more: each that is takes a page fault, and a disk's time if the file is not in memory.
    pub fn predict_bytes(&mut self, rows: Range<u64>) -> u64 {
        if let Some(bytes) = self.size.of_rows(rows.end.saturating_sub(rows.start)) {
            return bytes;
        }
        self.forget_before(rows.start);
        while self.pages.back().is_none_or(|page| page.end() < rows.end) && self.step(rows.start) {
            self.forget_before(rows.start);
        }
        let mut bytes = 0_u64;
        let mut known = 0;
        for page in &self.pages {
            let overlap = page.end().min(rows.end).saturating_sub(page.first_row.max(rows.start));
            known += overlap;
            bytes = bytes.saturating_add(part(page.decoded_bytes, overlap, page.rows));
        }
        let unknown = (rows.end.saturating_sub(rows.start)).saturating_sub(known);
        let chunk = part(chunk_decoded_bytes(self.chunk()), unknown, self.row_group_rows());
        bytes.saturating_add(if unknown > 0 { chunk } else { 0 })
    }

    /// The next data page that was not walked yet; `None` at the end, or where a header cannot be read.
    pub fn next_page(&mut self) -> Option<PageFacts> {
        self.pages.clear();
        while self.step(0) {
            if let Some(page) = self.pages.back() {
                return Some(page.clone());
            }
        }
        None
    }

    fn forget_before(&mut self, row: u64) {
        while self.pages.front().is_some_and(|page| page.end() <= row) {
            self.pages.pop_front();
        }
    }

    /// Reads one header. With an offset index that is there already, the walk begins at the page of `first_row`.
    fn step(&mut self, first_row: u64) -> bool {
        self.walk = match self.walk {
            Walk::Unopened => self.open(first_row),
            Walk::At { offset, end, row, page } => self.walk_page(offset, end, row, page),
            Walk::Ended => return false,
        }
        .unwrap_or(Walk::Ended);
        true
    }

    fn open(&mut self, first_row: u64) -> Option<Walk> {
        let chunk = self.chunk();
        let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
        let start = u64::try_from(start).ok()?;
        let end = start.checked_add(u64::try_from(chunk.compressed_size()).ok()?)?;
        let locations = self.index().map_or(&[][..], |index| index.page_locations());
        let page = locations.partition_point(|page| page.first_row_index.max(0) as u64 <= first_row).saturating_sub(1);
        let Some(location) = locations.get(page).filter(|_| page > 0) else {
            return Some(Walk::At { offset: start, end, row: 0, page: 0 });
        };
        let offset = u64::try_from(location.offset).ok().filter(|offset| (start..end).contains(offset))?;
        let row = location.first_row_index.max(0) as u64;
        if let Some((header, _)) =
            self.header(start, end).filter(|(header, _)| matches!(header.kind, PageKind::Dictionary { .. }))
        {
            self.size.set_dictionary(&header);
        }
        Some(Walk::At { offset, end, row, page })
    }

    fn walk_page(&mut self, offset: u64, end: u64, row: u64, page: usize) -> Option<Walk> {
        if row >= self.row_group_rows() {
            return None;
        }
        let (header, length) = self.header(offset, end)?;
        let next = offset.checked_add(length as u64)?.checked_add(header.compressed_bytes)?;
        match header.kind {
            PageKind::Other => return Some(Walk::At { offset: next, end, row, page }),
            PageKind::Dictionary { .. } => {
                self.size.set_dictionary(&header);
                return Some(Walk::At { offset: next, end, row, page });
            }
            PageKind::DataV1 { .. } | PageKind::DataV2 { .. } => {}
        }
        let rows = self.rows_of(&header, page, row)?;
        self.pages.push_back(PageFacts {
            first_row: row,
            rows,
            values: header.values,
            compressed_bytes: header.compressed_bytes,
            uncompressed_bytes: header.uncompressed_bytes,
            decoded_bytes: self.size.of_page(&header, rows, self.string_bytes(page)),
            dictionary_encoded: is_dictionary(header.encoding),
        });
        Some(Walk::At { offset: next, end, row: row + rows, page: page + 1 })
    }

    /// Rows of a page. Pages of version 1 do not tell where lists are: by the offset index where it is there, else by the
    /// chunk's mean number of values a row. `None` when the row group has fewer.
    fn rows_of(&self, header: &PageHeader, page: usize, row: u64) -> Option<u64> {
        let left = self.row_group_rows() - row;
        let chunk = self.chunk();
        let rows = match header.kind {
            PageKind::DataV2 { rows, .. } => rows,
            _ if chunk.column_descr().max_rep_level() == 0 => header.values,
            _ => {
                let next = self.index().and_then(|index| index.page_locations().get(page + 1));
                let next = next.and_then(|next| u64::try_from(next.first_row_index).ok());
                let mean = || part(self.row_group_rows(), header.values, chunk.num_values().max(0) as u64).min(left);
                next.and_then(|next| next.checked_sub(row)).unwrap_or_else(mean)
            }
        };
        (rows <= left).then_some(rows)
    }

    /// What a page's strings take, where the offset index tells.
    fn string_bytes(&self, page: usize) -> Option<u64> {
        u64::try_from(*self.index()?.unencoded_byte_array_data_bytes()?.get(page)?).ok()
    }

    fn header(&self, offset: u64, end: u64) -> Option<(PageHeader, usize)> {
        let available = end.checked_sub(offset).filter(|available| *available > 0)?;
        let mut length = HEADER_GUESS;
        loop {
            let at_most = length.min(usize::try_from(available).unwrap_or(usize::MAX));
            let bytes = self.file.source.peek_at(offset, at_most).ok()?;
            if let Some(found) = read_page_header(&bytes) {
                return Some(found);
            }
            if bytes.len() < length || length >= MAX_HEADER {
                return None;
            }
            length *= 16;
        }
    }

    /// The chunk's offset index, if the file's was loaded.
    fn index(&self) -> Option<&OffsetIndexMetaData> {
        self.file.loaded_offset_index()?.page_index()?.offset_index(self.row_group, self.leaf)
    }

    fn chunk(&self) -> &ColumnChunkMetaData {
        self.file.metadata.row_group(self.row_group).column(self.leaf)
    }

    fn row_group_rows(&self) -> u64 {
        self.file.metadata.row_group(self.row_group).num_rows().max(0) as u64
    }
}

impl PageFacts {
    fn end(&self) -> u64 {
        self.first_row + self.rows
    }
}

/// The part of `whole` that falls to `some` of `all`.
fn part(whole: u64, some: u64, all: u64) -> u64 {
    u64::try_from((u128::from(whole) * u128::from(some)).div_ceil(u128::from(all.max(1)))).unwrap_or(u64::MAX)
}
