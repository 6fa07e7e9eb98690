//! Pages of a column chunk, each checked before anything of it is made or given.
//!
//! parquet's own reader makes room for whatever a header declares, and goes on with the next row group's rows where a
//! chunk has fewer than its footer says. Here a page may not be larger than the limits allow, has to have the bytes that
//! its checksum is of, and a chunk's pages have to have exactly the values and rows that the footer declares.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::ChunkReader;

use crate::error::{ErrorCode, SpillwayError};
use crate::file::ParquetFile;
use crate::limits::{Limit, ReadLimits};
use crate::old_writers::understates_chunks;
use crate::page_buffers::PageBuffers;
use crate::page_decompressor::PageDecompressor;
use crate::page_header::{HEADER_GUESS, MAX_HEADER, PageHeader, PageKind, read_page_header};
use crate::records::Records;
use crate::source::TrackedSource;

/// Numbers of encodings of levels.
const RLE: i64 = Encoding::RLE as i64;
/// The two levels of a value.
const LEVEL_BYTES: u64 = 4;
/// What a string of a list takes beside its bytes.
const VIEW_BYTES: u64 = 16;

/// Headers of later pages that are kept rather than read again: those of a chunk of some gigabytes.
const MOST_AHEAD: usize = 4096;

/// Which column chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkPlace {
    /// Index of the row group.
    pub row_group: usize,
    /// Index of the leaf column.
    pub column: usize,
}

/// What went wrong with a page, for those to whom parquet gives only its text.
pub type PageFailure = Arc<Mutex<Option<SpillwayError>>>;

/// The pages of one column chunk.
pub struct ChunkPages {
    source: Arc<TrackedSource>,
    decompressor: PageDecompressor,
    place: ChunkPlace,
    column: String,
    limits: ReadLimits,
    verify_checksums: bool,
    failure: PageFailure,
    /// Of the next header or, once that was read, of its page's bytes.
    offset: u64,
    remaining: u64,
    /// The next page's header, once it was read.
    header: Option<PageHeader>,
    /// Headers after that, as many as are kept, with their lengths.
    ahead: VecDeque<(PageHeader, u64)>,
    /// Whether the headers of all pages were added up.
    is_added_up: bool,
    /// Data pages so far.
    pages: usize,
    counts: Counts,
    value_bytes: u64,
    max_levels: (i16, i16),
    physical_type: Type,
    type_length: u64,
    /// Whether bytes that are no page may follow the last one.
    is_padded: bool,
}

/// What a chunk's pages have to come to.
struct Counts {
    declared_values: u64,
    declared_rows: u64,
    values: u64,
    records: Records,
}

impl ChunkPages {
    /// The pages of a chunk; nothing is read yet.
    ///
    /// # Errors
    /// An unsupported codec or an impossible place in the file.
    pub fn new(
        file: &ParquetFile,
        source: &Arc<TrackedSource>,
        place: ChunkPlace,
        buffers: &Arc<PageBuffers>,
    ) -> Result<Self> {
        let row_group = file.metadata.row_group(place.row_group);
        let chunk = row_group.column(place.column);
        let descriptor = chunk.column_descr();
        let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
        let natural = |number: i64| {
            u64::try_from(number).map_err(|_| ParquetError::General("a column chunk's place is negative".into()))
        };
        let type_length = u64::try_from(descriptor.type_length()).unwrap_or(0);
        let width = match descriptor.physical_type() {
            Type::BOOLEAN => 1,
            Type::INT32 | Type::FLOAT => 4,
            Type::INT64 | Type::DOUBLE => 8,
            Type::INT96 => 12,
            Type::BYTE_ARRAY => VIEW_BYTES,
            Type::FIXED_LEN_BYTE_ARRAY => type_length,
        };
        Ok(Self {
            source: Arc::clone(source),
            decompressor: PageDecompressor::new(chunk.compression(), buffers)?,
            place,
            column: descriptor.path().string(),
            limits: file.options.limits,
            verify_checksums: file.options.verify_checksums,
            failure: PageFailure::default(),
            offset: natural(start)?,
            remaining: natural(chunk.compressed_size())?,
            header: None,
            ahead: VecDeque::new(),
            is_added_up: false,
            pages: 0,
            counts: Counts {
                declared_values: natural(chunk.num_values())?,
                declared_rows: natural(row_group.num_rows())?,
                values: 0,
                records: Records::default(),
            },
            value_bytes: width + LEVEL_BYTES,
            max_levels: (descriptor.max_def_level(), descriptor.max_rep_level()),
            physical_type: descriptor.physical_type(),
            type_length,
            is_padded: understates_chunks(file.metadata.file_metadata().created_by()),
        })
    }

    /// The same, with a place for what goes wrong.
    #[must_use]
    pub fn with_failure(self, failure: &PageFailure) -> Self {
        Self { failure: Arc::clone(failure), ..self }
    }

    /// The header of the next page, which may be of any kind; `None` at the end of the chunk.
    fn peek_header(&mut self) -> Result<Option<PageHeader>> {
        let is_complete = self.counts.values == self.counts.declared_values;
        if self.remaining == 0 || (self.is_padded && is_complete) {
            self.check_whole()?;
            return Ok(None);
        }
        if let Some(header) = self.header {
            return Ok(Some(header));
        }
        let (header, length) = match self.ahead.pop_front() {
            Some(known) => known,
            None => self.read_header(self.offset, self.remaining)?,
        };
        self.offset += length;
        self.remaining -= length;
        self.check_fits(&header, self.remaining)?;
        // The first page's rows are the chunk's first; all others are where those before say.
        if self.pages > 0 && !self.is_added_up {
            self.add_up(&header)?;
        }
        let bytes = header.compressed_bytes.max(header.uncompressed_bytes);
        let checked = self.limits.check(Limit::PageBytes, bytes, || self.name(&header));
        checked.map_err(|error| self.failed(error))?;
        self.header = Some(header);
        Ok(Some(header))
    }

    /// Adds up what all headers declare, so that no page is given whose rows could stand beside others'.
    fn add_up(&mut self, next: &PageHeader) -> Result<()> {
        self.is_added_up = true;
        let (mut header, mut offset, mut remaining) = (*next, self.offset, self.remaining);
        let mut values = self.counts.values;
        loop {
            self.check_fits(&header, remaining)?;
            values += if header.is_data() { header.values } else { 0 };
            offset += header.compressed_bytes;
            remaining -= header.compressed_bytes;
            if remaining == 0 || (self.is_padded && values >= self.counts.declared_values) {
                break;
            }
            let (following, length) = self.read_header(offset, remaining)?;
            if self.ahead.len() < MOST_AHEAD {
                self.ahead.push_back((following, length));
            }
            offset += length;
            remaining -= length;
            header = following;
        }
        if values == self.counts.declared_values {
            return Ok(());
        }
        let message = format!(
            "Cannot read {}: the headers of its pages declare {values} values, and the footer {}; the file is corrupt, write it again or restore a good copy",
            self.chunk_name(),
            self.counts.declared_values,
        );
        Err(self.failed(SpillwayError::new(ErrorCode::CorruptFile, message)))
    }

    fn check_fits(&self, header: &PageHeader, remaining: u64) -> Result<()> {
        if header.compressed_bytes <= remaining {
            return Ok(());
        }
        let why = format!("it declares {} bytes, and its column chunk ends before", header.compressed_bytes);
        Err(self.corrupt(header, &why))
    }

    fn read_header(&self, offset: u64, remaining: u64) -> Result<(PageHeader, u64)> {
        let mut length = HEADER_GUESS;
        loop {
            let at_most = length.min(usize::try_from(remaining).unwrap_or(usize::MAX));
            let bytes = self.source.peek(offset, at_most)?;
            if let Some((header, length)) = read_page_header(&bytes) {
                return Ok((header, length as u64));
            }
            if bytes.len() < length || length >= MAX_HEADER {
                let message = format!(
                    "Cannot read {}: its page {} or a later one has no header; the file is corrupt, write it again or restore a good copy",
                    self.chunk_name(),
                    self.pages,
                );
                return Err(self.failed(SpillwayError::new(ErrorCode::CorruptFile, message)));
            }
            length *= 16;
        }
    }

    /// The next page's header and its bytes, which are what its checksum says.
    fn take_stored(&mut self, header: &PageHeader) -> Result<Bytes> {
        let length = header.compressed_bytes as usize;
        let stored = self.source.get_bytes(self.offset, length)?;
        if let Some(expected) = header.checksum.filter(|_| self.verify_checksums) {
            let found = crc32fast::hash(&stored);
            if found != expected {
                let message = format!(
                    "Cannot read {}: its checksum is {expected:08x} and its bytes have {found:08x}; the file was damaged, restore a good copy, or read what is there with `verifyChecksums: false`",
                    self.name(header)
                );
                return Err(self.failed(SpillwayError::new(ErrorCode::CorruptFile, message)));
            }
        }
        self.pass(header);
        Ok(stored)
    }

    /// Goes on behind the page.
    fn pass(&mut self, header: &PageHeader) {
        self.offset += header.compressed_bytes;
        self.remaining -= header.compressed_bytes;
        self.header = None;
    }

    fn decode(&mut self, header: &PageHeader) -> Result<Page> {
        let stored = self.take_stored(header)?;
        let is_plain = matches!(header.kind, PageKind::DataV2 { is_compressed: false, .. });
        let plain = header.level_bytes();
        if plain > header.compressed_bytes || plain > header.uncompressed_bytes {
            return Err(self.corrupt(header, "its levels are longer than the page"));
        }
        let buf = if is_plain {
            stored
        } else {
            let result = self.decompressor.decompress(stored, plain as usize, header.uncompressed_bytes as usize);
            result.map_err(|why| self.corrupt(header, &why))?
        };
        let Some(encoding) = encoding_of(header.encoding) else {
            return Err(self.corrupt(header, "it has an unknown encoding"));
        };
        let num_values = header.values as u32;
        Ok(match header.kind {
            PageKind::Dictionary { is_sorted } => {
                self.check_dictionary(header, buf.len() as u64)?;
                Page::DictionaryPage { buf, num_values, encoding, is_sorted }
            }
            PageKind::DataV1 { definition_encoding, repetition_encoding } => {
                let levels = encoding_of(definition_encoding).zip(encoding_of(repetition_encoding));
                let (def_level_encoding, rep_level_encoding) =
                    levels.ok_or_else(|| self.corrupt(header, "its levels have an unknown encoding"))?;
                self.count(header, &buf)?;
                Page::DataPage { buf, num_values, encoding, def_level_encoding, rep_level_encoding, statistics: None }
            }
            PageKind::DataV2 { rows, nulls, definition_bytes, repetition_bytes, is_compressed } => {
                self.count(header, &buf)?;
                Page::DataPageV2 {
                    buf,
                    num_values,
                    encoding,
                    num_nulls: nulls as u32,
                    num_rows: rows as u32,
                    def_levels_byte_len: definition_bytes as u32,
                    rep_levels_byte_len: repetition_bytes as u32,
                    is_compressed,
                    statistics: None,
                }
            }
            PageKind::Other => return Err(self.corrupt(header, "it is of no kind that has values")),
        })
    }

    /// Each entry of a dictionary takes some bytes, and parquet makes room for as many as are declared.
    fn check_dictionary(&self, header: &PageHeader, bytes: u64) -> Result<()> {
        let least = match self.physical_type {
            Type::BOOLEAN => 0,
            Type::INT32 | Type::FLOAT | Type::BYTE_ARRAY => 4,
            Type::INT64 | Type::DOUBLE => 8,
            Type::INT96 => 12,
            Type::FIXED_LEN_BYTE_ARRAY => self.type_length,
        };
        // Values without a byte are all the same.
        let most = bytes.checked_div(least).unwrap_or(1);
        if header.values <= most {
            return Ok(());
        }
        Err(self.corrupt(header, &format!("it declares {} values, and has bytes for {most}", header.values)))
    }

    /// Counts a data page's values and rows, before it is given. `page` is all of it, decompressed.
    fn count(&mut self, header: &PageHeader, page: &[u8]) -> Result<()> {
        let before = self.counts.records.count;
        if self.max_levels.1 > 0 {
            if self.take_records(header, page).is_none() {
                return Err(self.corrupt(header, "its repetition levels end early, or begin with no row"));
            }
            let row_bytes = self.counts.records.longest.saturating_mul(self.value_bytes);
            let checked = self.limits.check(Limit::RowBytes, row_bytes, || {
                format!("a row of {}: one of page {}", self.chunk_name(), self.pages)
            });
            checked.map_err(|error| self.failed(error))?;
        }
        if let PageKind::DataV2 { rows, .. } = header.kind {
            let found = if self.max_levels.1 > 0 { self.counts.records.count - before } else { header.values };
            if found != rows {
                return Err(self.corrupt(header, &format!("it declares {rows} rows and has {found}")));
            }
        }
        self.count_values(header)
    }

    fn count_values(&mut self, header: &PageHeader) -> Result<()> {
        self.counts.values += header.values;
        if self.max_levels.1 == 0 {
            self.counts.records.count = self.counts.values;
        }
        let Counts { declared_values, declared_rows, values, records } = &self.counts;
        if values > declared_values || records.count > *declared_rows {
            return Err(self.miscounted());
        }
        self.pages += 1;
        if values == declared_values {
            self.check_whole()?;
            self.check_last()?;
        }
        Ok(())
    }

    /// Counts the rows of a nested column's page; `None` where its levels are none.
    fn take_records(&mut self, header: &PageHeader, page: &[u8]) -> Option<()> {
        let width = i16::BITS - self.max_levels.1.leading_zeros();
        let records = &mut self.counts.records;
        match header.kind {
            PageKind::DataV1 { repetition_encoding: RLE, .. } => {
                let (length, rest) = page.split_first_chunk::<4>()?;
                let levels = rest.get(..u32::from_le_bytes(*length) as usize)?;
                records.take_hybrid(levels, width, header.values)
            }
            PageKind::DataV1 { .. } => records.take_packed(page, width, header.values),
            PageKind::DataV2 { repetition_bytes, .. } => {
                records.take_hybrid(page.get(..repetition_bytes as usize)?, width, header.values)
            }
            _ => None,
        }
    }

    /// At the end of the pages: they have what the footer declares.
    fn check_whole(&self) -> Result<()> {
        let Counts { declared_values, declared_rows, values, records } = &self.counts;
        if values == declared_values && records.count == *declared_rows { Ok(()) } else { Err(self.miscounted()) }
    }

    /// Behind the last value there may be no page that has more.
    fn check_last(&mut self) -> Result<()> {
        if self.is_padded || self.remaining == 0 {
            return Ok(());
        }
        let next = self.source.peek(self.offset, HEADER_GUESS.min(self.remaining as usize))?;
        match read_page_header(&next) {
            Some((header, _)) if header.is_data() && header.values > 0 => {
                self.counts.values += header.values;
                Err(self.miscounted())
            }
            _ => Ok(()),
        }
    }

    fn miscounted(&self) -> ParquetError {
        let Counts { declared_values, declared_rows, values, records } = &self.counts;
        let message = format!(
            "Cannot read {}: its pages have {} rows of {values} values, and the footer declares {declared_rows} rows of {declared_values}; the file is corrupt, write it again or restore a good copy",
            self.chunk_name(),
            records.count,
        );
        self.failed(SpillwayError::new(ErrorCode::CorruptFile, message))
    }

    fn corrupt(&self, header: &PageHeader, why: &str) -> ParquetError {
        let message = format!(
            "Cannot read {}: {why}; the file is corrupt, write it again or restore a good copy",
            self.name(header)
        );
        self.failed(SpillwayError::new(ErrorCode::CorruptFile, message))
    }

    fn failed(&self, error: SpillwayError) -> ParquetError {
        let error = error.at_row_group(self.place.row_group).at_column(&self.column);
        *crate::lock(&self.failure) = Some(error.clone());
        ParquetError::External(Box::new(error))
    }

    fn name(&self, header: &PageHeader) -> String {
        match header.kind {
            PageKind::Dictionary { .. } => format!("the dictionary page of {}", self.chunk_name()),
            _ => format!("page {} of {}", self.pages, self.chunk_name()),
        }
    }

    fn chunk_name(&self) -> String {
        format!("column '{}' of row group {}", self.column, self.place.row_group)
    }
}

impl PageReader for ChunkPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        while let Some(header) = self.peek_header()? {
            if header.kind != PageKind::Other {
                return self.decode(&header).map(Some);
            }
            self.pass(&header);
        }
        Ok(None)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        while let Some(header) = self.peek_header()? {
            let (num_rows, num_levels, is_dict) = match header.kind {
                PageKind::Dictionary { .. } => (None, None, true),
                PageKind::DataV1 { .. } => (None, Some(header.values as usize), false),
                PageKind::DataV2 { rows, .. } => (Some(rows as usize), Some(header.values as usize), false),
                PageKind::Other => {
                    self.pass(&header);
                    continue;
                }
            };
            return Ok(Some(PageMetadata { num_rows, num_levels, is_dict }));
        }
        Ok(None)
    }

    fn skip_next_page(&mut self) -> Result<()> {
        let Some(header) = self.peek_header()? else { return Ok(()) };
        self.pass(&header);
        if !header.is_data() {
            return Ok(());
        }
        if let PageKind::DataV2 { rows, .. } = header.kind {
            self.counts.records.skip(rows);
        }
        self.count_values(&header)
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        // The specification has pages of version 2 begin with a row.
        Ok(self.peek_next_page()?.is_none_or(|page| page.num_rows.is_some()))
    }
}

impl Iterator for ChunkPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// The encoding of a number in a header.
fn encoding_of(number: i64) -> Option<Encoding> {
    #[expect(deprecated, reason = "old files have it")]
    Some(match number {
        0 => Encoding::PLAIN,
        2 => Encoding::PLAIN_DICTIONARY,
        3 => Encoding::RLE,
        4 => Encoding::BIT_PACKED,
        5 => Encoding::DELTA_BINARY_PACKED,
        6 => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        7 => Encoding::DELTA_BYTE_ARRAY,
        8 => Encoding::RLE_DICTIONARY,
        9 => Encoding::BYTE_STREAM_SPLIT,
        _ => return None,
    })
}
