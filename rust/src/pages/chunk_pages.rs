//! Pages of a column chunk, each checked before anything of it is made or given.
//!
//! parquet's own reader makes room for whatever a header declares, and goes on with the next row group where a chunk has
//! fewer rows than its footer says. Here a page is within the limits, has the bytes that its checksum is of, and a
//! chunk's pages have exactly the values and rows that the footer declares.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};

use crate::error::{ErrorCode, SpillwayError};
use crate::files::file::ParquetFile;
use crate::levels::level_window::LevelWindow;
use crate::levels::page_levels::check_encodings;
use crate::levels::records::Records;
use crate::limits::{Limit, ReadLimits};
use crate::pages::chunk_place::{ChunkPlace, NamedChunk, PageFailure};
use crate::pages::decoded_size::most_value_bytes;
use crate::pages::old_writers::understates_chunks;
use crate::pages::page_buffers::PageBuffers;
use crate::pages::page_decompressor::PageDecompressor;
use crate::pages::page_header::{PageHeader, PageKind, encoding_of};
use crate::pages::page_walk::{Declared, PageWalk};
use crate::source::TrackedSource;

/// The two levels of a value.
const LEVEL_BYTES: u64 = 4;

/// The pages of one column chunk.
pub struct ChunkPages {
    walk: PageWalk,
    chunk: NamedChunk,
    decompressor: PageDecompressor,
    limits: ReadLimits,
    verify_checksums: bool,
    counts: Counts,
    /// Data pages so far.
    pages: usize,
    /// What the headers of all pages declare, once it was added up.
    declared: Option<Declared>,
    /// What a value takes once it is decoded, about.
    value_bytes: u64,
    max_repetition: i16,
    max_definition: i16,
    /// Repetition levels that begin no row.
    above: LevelWindow,
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
        let level_width = i16::BITS - descriptor.max_rep_level().leading_zeros();
        Ok(Self {
            walk: PageWalk::new(source, natural(start)?, natural(chunk.compressed_size())?, level_width),
            chunk: NamedChunk::new(place, descriptor.path().string()),
            decompressor: PageDecompressor::new(chunk.compression(), buffers)?,
            limits: file.options.limits,
            verify_checksums: file.options.verify_checksums,
            counts: Counts {
                declared_values: natural(chunk.num_values())?,
                declared_rows: natural(row_group.num_rows())?,
                values: 0,
                records: Records::default(),
            },
            pages: 0,
            declared: None,
            value_bytes: most_value_bytes(descriptor) + LEVEL_BYTES,
            max_repetition: descriptor.max_rep_level(),
            max_definition: descriptor.max_def_level(),
            above: LevelWindow::new(1..=descriptor.max_rep_level().max(1), descriptor.max_rep_level()),
            physical_type: descriptor.physical_type(),
            type_length,
            is_padded: understates_chunks(file.metadata.file_metadata().created_by()),
        })
    }

    /// The same, with a place for what goes wrong.
    #[must_use]
    pub fn with_failure(mut self, failure: &PageFailure) -> Self {
        self.chunk.failure = Arc::clone(failure);
        self
    }

    /// The next page's header, which may be of any kind; `None` at the chunk's end.
    fn peek_header(&mut self) -> Result<Option<PageHeader>> {
        self.chunk.check()?;
        let is_complete = self.counts.values == self.counts.declared_values;
        if self.walk.is_at_end() || (self.is_padded && is_complete) {
            self.check_whole()?;
            return Ok(None);
        }
        if let Some(header) = self.walk.known() {
            return Ok(Some(header));
        }
        let header = self.walk.read(&self.chunk, self.pages)?;
        // The first page's rows are the chunk's first; all others are where those before say. And a page that declares
        // rows of lists may be skipped as it is, unless a row goes on in the next.
        let may_end_within_row = self.max_repetition > 0 && matches!(header.kind, PageKind::DataV2 { .. });
        if (self.pages > 0 || may_end_within_row) && self.declared.is_none() {
            self.add_up(&header)?;
        }
        let bytes = header.compressed_bytes.max(header.uncompressed_bytes);
        let checked = self.limits.check(Limit::PageBytes, bytes, || self.name(&header));
        checked.map_err(|error| self.chunk.failed(error))?;
        match header.kind {
            PageKind::DataV2 { rows, .. } if self.max_repetition == 0 && rows != header.values => {
                Err(self.corrupt(&header, &format!("it declares {rows} rows of {} values", header.values)))
            }
            _ => Ok(Some(header)),
        }
    }

    /// Adds up what all headers declare, so that no page is given whose rows could stand beside others'.
    fn add_up(&mut self, next: &PageHeader) -> Result<()> {
        let Counts { declared_values, declared_rows, values, .. } = self.counts;
        let before = Declared { values, rows: Some(self.counts.records.count), splits_rows: false };
        let enough = self.is_padded.then_some(declared_values);
        let declared = self.walk.add_up(next, before, enough, &self.chunk, self.pages)?;
        self.declared = Some(declared);
        let Declared { values, rows, .. } = declared;
        if values == declared_values && rows.is_none_or(|rows| rows == declared_rows) {
            return Ok(());
        }
        let rows = rows.map_or("rows".to_owned(), |rows| format!("{rows} rows"));
        let why = format!(
            "the headers of its pages declare {rows} of {values} values, and the footer declares {declared_rows} rows of {declared_values}"
        );
        Err(self.chunk.corrupt(&self.chunk.name(), &why))
    }

    /// Whether pages begin within rows, though their headers declare rows.
    fn splits_rows(&self) -> bool {
        self.declared.is_some_and(|declared| declared.splits_rows)
    }

    /// The next page's header and its bytes, which are what its checksum says.
    fn take_stored(&mut self, header: &PageHeader) -> Result<Bytes> {
        let stored = self.walk.bytes(header)?;
        if let Some(expected) = header.checksum.filter(|_| self.verify_checksums) {
            let found = crc32fast::hash(&stored);
            if found != expected {
                let message = format!(
                    "Cannot read {}: its checksum is {expected:08x} and its bytes have {found:08x}; the file was damaged, restore a good copy, or read what is there with `verifyChecksums: false`",
                    self.name(header)
                );
                return Err(self.chunk.failed(SpillwayError::new(ErrorCode::CorruptFile, message)));
            }
        }
        self.walk.pass(header);
        Ok(stored)
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
                let levels = [(repetition_encoding, self.max_repetition), (definition_encoding, self.max_definition)];
                check_encodings(levels).map_err(|why| why.of(&self.chunk, &self.name(header)))?;
                self.count(header, &buf)?;
                let (def_level_encoding, rep_level_encoding) = (Encoding::RLE, Encoding::RLE);
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
        if self.max_repetition > 0 {
            if self.take_records(header, page).is_none() {
                return Err(self.corrupt(header, "its repetition levels end early, or begin with no row"));
            }
            let row_bytes = self.counts.records.longest.saturating_mul(self.value_bytes);
            let checked = self.limits.check(Limit::RowBytes, row_bytes, || {
                format!("a row of {}, one of page {}", self.chunk.name(), self.pages)
            });
            checked.map_err(|error| self.chunk.failed(error))?;
        }
        if let PageKind::DataV2 { rows, .. } = header.kind {
            let found = if self.max_repetition > 0 { self.counts.records.count - before } else { header.values };
            if found != rows {
                return Err(self.corrupt(header, &format!("it declares {rows} rows and has {found}")));
            }
        }
        self.count_values(header)
    }

    fn count_values(&mut self, header: &PageHeader) -> Result<()> {
        self.counts.values += header.values;
        if self.max_repetition == 0 {
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
        let records = &mut self.counts.records;
        match header.kind {
            PageKind::DataV1 { .. } => {
                let (length, rest) = page.split_first_chunk::<4>()?;
                let levels = rest.get(..u32::from_le_bytes(*length) as usize)?;
                records.take_hybrid(levels, &self.above, header.values)
            }
            PageKind::DataV2 { repetition_bytes, .. } => {
                records.take_hybrid(page.get(..repetition_bytes as usize)?, &self.above, header.values)
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
        if self.is_padded || self.walk.is_at_end() {
            return Ok(());
        }
        match self.walk.peek() {
            Some(header) if header.is_data() && header.values > 0 => {
                self.counts.values += header.values;
                Err(self.miscounted())
            }
            _ => Ok(()),
        }
    }

    fn miscounted(&self) -> ParquetError {
        let Counts { declared_values, declared_rows, values, records } = &self.counts;
        let why = format!(
            "its pages have {} rows of {values} values, and the footer declares {declared_rows} rows of {declared_values}",
            records.count
        );
        self.chunk.corrupt(&self.chunk.name(), &why)
    }

    fn corrupt(&self, header: &PageHeader, why: &str) -> ParquetError {
        self.chunk.corrupt(&self.name(header), why)
    }

    fn name(&self, header: &PageHeader) -> String {
        self.chunk.page_name(header, self.pages)
    }
}

impl PageReader for ChunkPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        while let Some(header) = self.peek_header()? {
            if header.kind != PageKind::Other {
                return self.decode(&header).map(Some);
            }
            self.walk.pass(&header);
        }
        Ok(None)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        while let Some(header) = self.peek_header()? {
            let (num_rows, num_levels, is_dict) = match header.kind {
                PageKind::Dictionary { .. } => (None, None, true),
                PageKind::DataV1 { .. } => (None, Some(header.values as usize), false),
                PageKind::DataV2 { .. } if self.splits_rows() => (None, Some(header.values as usize), false),
                PageKind::DataV2 { rows, .. } => (Some(rows as usize), Some(header.values as usize), false),
                PageKind::Other => {
                    self.walk.pass(&header);
                    continue;
                }
            };
            return Ok(Some(PageMetadata { num_rows, num_levels, is_dict }));
        }
        Ok(None)
    }

    fn skip_next_page(&mut self) -> Result<()> {
        let Some(header) = self.peek_header()? else { return Ok(()) };
        self.walk.pass(&header);
        if !header.is_data() {
            return Ok(());
        }
        if let PageKind::DataV2 { rows, .. } = header.kind {
            self.counts.records.skip(rows);
        }
        self.count_values(&header)
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        // Pages of which rows are told begin with one.
        Ok(self.peek_next_page()?.is_none_or(|page| page.num_rows.is_some()))
    }
}

impl Iterator for ChunkPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}
