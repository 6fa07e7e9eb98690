//! How many bytes values take once they are Arrow arrays, from metadata.

use parquet::basic::{ConvertedType, Encoding, LogicalType, Type};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescriptor;

use crate::pages::page_header::{PageHeader, PageKind};

/// An offset of a string or a list.
const OFFSET: u64 = 4;
/// A string as a view.
const VIEW: u64 = 16;
/// Length of a string in a dictionary about which nothing is known.
const TYPICAL_STRING: u64 = 12;
/// Numbers of encodings in headers.
const PLAIN: i64 = Encoding::PLAIN as i64;
const PLAIN_DICTIONARY: i64 = Encoding::PLAIN_DICTIONARY as i64;
const RLE_DICTIONARY: i64 = Encoding::RLE_DICTIONARY as i64;
const DELTA_LENGTH_BYTE_ARRAY: i64 = Encoding::DELTA_LENGTH_BYTE_ARRAY as i64;

/// What a value of a column takes while it is decoded; of a string, what it takes beside its bytes.
pub(crate) fn most_value_bytes(column: &ColumnDescriptor) -> u64 {
    match column.physical_type() {
        Type::BOOLEAN => 1,
        Type::INT32 | Type::FLOAT => 4,
        Type::INT64 | Type::DOUBLE => 8,
        Type::INT96 => 12,
        Type::BYTE_ARRAY => VIEW,
        Type::FIXED_LEN_BYTE_ARRAY => u64::try_from(column.type_length()).unwrap_or(0),
    }
}

/// Decoded bytes of a whole column chunk, estimated from the footer alone.
#[must_use]
pub fn chunk_decoded_bytes(chunk: &ColumnChunkMetaData) -> u64 {
    let size = DecodedSize::new(chunk);
    let values = chunk.num_values().max(0) as u64;
    let stored = chunk.uncompressed_size().max(0) as u64;
    let non_null = size.non_null(values);
    let data = match (size.width, size.mean_length) {
        (Width::Variable, Some(mean)) => scale(mean, non_null),
        (Width::Variable, None) if size.may_have_dictionary => {
            // The chunk holds each string once, or as often as it occurs, or something between.
            let typical = typical_length(chunk).saturating_mul(non_null);
            stored.saturating_sub(OFFSET.saturating_mul(non_null)).max(typical)
        }
        (Width::Variable, None) => stored.saturating_sub(OFFSET.saturating_mul(non_null)),
        _ => 0,
    };
    size.around(values, values).saturating_add(data)
}

/// Whether values with this encoding are codes of a dictionary.
pub(crate) fn is_dictionary(encoding: i64) -> bool {
    encoding == PLAIN_DICTIONARY || encoding == RLE_DICTIONARY
}

/// What a value of a column takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DecodedSize {
    width: Width,
    /// Part of the values that are null, by the chunk's statistics.
    null_part: f64,
    /// Lists around the value.
    lists: u64,
    /// Bitmaps: of the value and of what it is in.
    bitmaps: u64,
    may_have_dictionary: bool,
    /// Mean length of the chunk's strings, where the writer stored it.
    mean_length: Option<f64>,
    /// Bytes of the chunk's strings for each byte of its pages, where the writer stored it.
    expansion: Option<f64>,
    /// Whether that is the mean of every page too: all pages are dictionary-encoded.
    all_dictionary: bool,
    /// Mean length of the dictionary's strings.
    dictionary_length: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    Bit,
    Bytes(u64),
    Variable,
}

impl DecodedSize {
    pub(crate) fn new(chunk: &ColumnChunkMetaData) -> Self {
        let descriptor = chunk.column_descr();
        let values = chunk.num_values().max(0) as f64;
        let nulls = chunk.statistics().and_then(Statistics::null_count_opt).unwrap_or(0) as f64;
        let encodings = chunk.page_encoding_stats_mask();
        let all_dictionary = encodings
            .is_some_and(|mask| mask.is_only(Encoding::RLE_DICTIONARY) || mask.is_only(Encoding::PLAIN_DICTIONARY));
        let null_part = if values > 0.0 { (nulls / values).clamp(0.0, 1.0) } else { 0.0 };
        let unencoded = chunk.unencoded_byte_array_data_bytes().filter(|bytes| *bytes >= 0);
        Self {
            width: width(descriptor),
            null_part,
            lists: descriptor.max_rep_level().max(0) as u64,
            bitmaps: descriptor.max_def_level().max(0) as u64,
            may_have_dictionary: chunk.encodings().any(|encoding| is_dictionary(encoding as i64)),
            mean_length: unencoded.map(|bytes| bytes as f64 / (values * (1.0 - null_part)).max(1.0)),
            expansion: unencoded.map(|bytes| bytes as f64 / chunk.uncompressed_size().max(1) as f64),
            all_dictionary,
            dictionary_length: None,
        }
    }

    /// Takes in what the dictionary's page tells.
    pub(crate) fn set_dictionary(&mut self, header: &PageHeader) {
        let mean = header.uncompressed_bytes as f64 / header.values.max(1) as f64;
        self.dictionary_length = Some((mean - OFFSET as f64).max(0.0));
    }

    /// Decoded bytes of a data page; `string_bytes` are those that its strings take, where the offset index tells.
    pub(crate) fn of_page(&self, header: &PageHeader, rows: u64, string_bytes: Option<u64>) -> u64 {
        let non_null = match header.kind {
            PageKind::DataV2 { nulls, .. } => header.values.saturating_sub(nulls),
            _ => self.non_null(header.values),
        };
        let stored = header.uncompressed_bytes.saturating_sub(header.level_bytes());
        let data = match (self.width, string_bytes, header.encoding) {
            (Width::Bit | Width::Bytes(_), ..) => 0,
            (_, Some(bytes), _) => bytes,
            (.., PLAIN) => stored.saturating_sub(OFFSET * non_null),
            (.., DELTA_LENGTH_BYTE_ARRAY) => stored,
            (.., encoding) if is_dictionary(encoding) => {
                let own = self.mean_length.filter(|_| self.all_dictionary);
                let mean = own.or(self.dictionary_length).unwrap_or(TYPICAL_STRING as f64);
                scale(mean, non_null)
            }
            // Prefixes that a string shares with the one before are left out of what is stored.
            _ => scale(self.expansion.unwrap_or(2.0), stored),
        };
        self.around(header.values, rows).saturating_add(data)
    }

    /// Decoded bytes of so many rows, where these are the same whatever the pages hold: a value a row, all as wide.
    pub(crate) fn of_rows(&self, rows: u64) -> Option<u64> {
        (self.lists == 0 && self.width != Width::Variable).then(|| self.around(rows, rows))
    }

    /// Everything but the bytes of strings.
    fn around(&self, values: u64, rows: u64) -> u64 {
        let bitmaps = values.div_ceil(8).saturating_mul(self.bitmaps);
        let fixed = match self.width {
            Width::Bit => values.div_ceil(8),
            Width::Bytes(width) => values.saturating_mul(width),
            Width::Variable => values.saturating_mul(OFFSET),
        };
        let outer = if self.lists > 0 { rows.saturating_mul(OFFSET) } else { 0 };
        let inner = values.saturating_mul(OFFSET).saturating_mul(self.lists.saturating_sub(1));
        fixed.saturating_add(bitmaps).saturating_add(outer).saturating_add(inner)
    }

    fn non_null(&self, values: u64) -> u64 {
        scale(1.0 - self.null_part, values)
    }
}

fn scale(mean: f64, count: u64) -> u64 {
    // Floats become integers by saturation.
    (mean * count as f64).ceil() as u64
}

/// Length between those of the least and the greatest string, which statistics may hold shortened.
fn typical_length(chunk: &ColumnChunkMetaData) -> u64 {
    let length = |bytes: Option<&[u8]>| bytes.map(|bytes| bytes.len() as u64);
    let statistics = chunk.statistics();
    let least = length(statistics.and_then(|statistics| statistics.min_bytes_opt()));
    let greatest = length(statistics.and_then(|statistics| statistics.max_bytes_opt()));
    least.zip(greatest).map_or(TYPICAL_STRING, |(least, greatest)| u64::midpoint(least, greatest))
}

fn width(descriptor: &ColumnDescriptor) -> Width {
    let logical = descriptor.logical_type_ref();
    if matches!(logical, Some(LogicalType::Decimal { .. })) || descriptor.converted_type() == ConvertedType::DECIMAL {
        return Width::Bytes(if descriptor.type_precision() > 38 { 32 } else { 16 });
    }
    match descriptor.physical_type() {
        Type::BOOLEAN => Width::Bit,
        Type::INT32 => Width::Bytes(match logical {
            Some(LogicalType::Integer(integer)) if integer.bit_width == 8 => 1,
            Some(LogicalType::Integer(integer)) if integer.bit_width == 16 => 2,
            _ => 4,
        }),
        Type::FLOAT => Width::Bytes(4),
        Type::INT64 | Type::INT96 | Type::DOUBLE => Width::Bytes(8),
        Type::FIXED_LEN_BYTE_ARRAY if descriptor.converted_type() == ConvertedType::INTERVAL => Width::Bytes(16),
        Type::FIXED_LEN_BYTE_ARRAY => Width::Bytes(u64::try_from(descriptor.type_length()).unwrap_or(0)),
        Type::BYTE_ARRAY => Width::Variable,
    }
}
