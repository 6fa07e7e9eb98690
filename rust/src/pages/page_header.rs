//! Headers of pages.
//!
//! parquet's parser of headers is private, and its public readers tell neither a page's bytes nor its checksum before
//! they have made room for it. Field numbers are those of `PageHeader` in
//! <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.

use parquet::basic::Encoding;

use crate::files::thrift::{Kind, Reader};

/// A header is looked for in this many bytes first; most take less than 100.
pub(crate) const HEADER_GUESS: usize = 512;
/// A header may be this long, as in Arrow C++: statistics of long strings are part of it.
pub(crate) const MAX_HEADER: usize = 16 << 20;

/// What kind of page it is, with what only that kind has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageKind {
    /// The chunk's dictionary.
    Dictionary {
        /// Whether its values ascend.
        is_sorted: bool,
    },
    /// Values; a page of version 1 tells neither rows nor nulls.
    DataV1 {
        /// The numbers of the levels' encodings.
        definition_encoding: i64,
        repetition_encoding: i64,
    },
    /// Values with their rows and nulls, and the bytes of their levels.
    DataV2 { rows: u64, nulls: u64, definition_bytes: u64, repetition_bytes: u64, is_compressed: bool },
    /// Nothing to decode.
    Other,
}

/// A page's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageHeader {
    pub(crate) kind: PageKind,
    /// Bytes after decompression, levels included.
    pub(crate) uncompressed_bytes: u64,
    /// Bytes that follow the header.
    pub(crate) compressed_bytes: u64,
    /// Values, nulls included; entries of a dictionary.
    pub(crate) values: u64,
    /// The number of the values' encoding.
    pub(crate) encoding: i64,
    /// The CRC-32 of the bytes that follow the header.
    pub(crate) checksum: Option<u32>,
}

impl PageHeader {
    /// Whether its values are rows' values.
    pub(crate) fn is_data(&self) -> bool {
        matches!(self.kind, PageKind::DataV1 { .. } | PageKind::DataV2 { .. })
    }

    /// Bytes of its levels, which are not compressed; 0 where the header does not tell.
    pub(crate) fn level_bytes(&self) -> u64 {
        match self.kind {
            PageKind::DataV2 { definition_bytes, repetition_bytes, .. } => definition_bytes + repetition_bytes,
            _ => 0,
        }
    }
}

/// Reads a header; also gives its own length. `None` when the bytes are none, or end too early.
pub(crate) fn read_page_header(bytes: &[u8]) -> Option<(PageHeader, usize)> {
    let mut reader = Reader::new(bytes);
    let (mut uncompressed_bytes, mut compressed_bytes) = (None, None);
    let (mut page_type, mut checksum) = (None, None);
    let (mut data, mut dictionary, mut data_v2) = (None, None, None);
    reader.read_struct(|reader, id, kind| {
        match (id, kind) {
            (1, Kind::Integer) => page_type = Some(reader.integer()?),
            (2, Kind::Integer) => uncompressed_bytes = Some(natural(reader)?),
            (3, Kind::Integer) => compressed_bytes = Some(natural(reader)?),
            (4, Kind::Integer) => checksum = Some(i32::try_from(reader.integer()?).ok()?.cast_unsigned()),
            (5, Kind::Struct) => data = Some(read_version_1(reader)?),
            (7, Kind::Struct) => dictionary = Some(read_dictionary(reader)?),
            (8, Kind::Struct) => data_v2 = Some(read_version_2(reader)?),
            _ => reader.skip(kind)?,
        }
        Some(())
    })?;
    let (kind, values, encoding) = match page_type? {
        0 => data?,
        2 => dictionary?,
        3 => data_v2?,
        _ => (PageKind::Other, 0, 0),
    };
    let (uncompressed_bytes, compressed_bytes) = (uncompressed_bytes?, compressed_bytes?);
    let header = PageHeader { kind, uncompressed_bytes, compressed_bytes, values, encoding, checksum };
    Some((header, reader.position()))
}

/// `DataPageHeader`.
fn read_version_1(reader: &mut Reader) -> Option<(PageKind, u64, i64)> {
    let (mut values, mut encodings) = (None, [None; 3]);
    reader.read_struct(|reader, id, kind| {
        match (id, kind) {
            (1, Kind::Integer) => values = Some(natural(reader)?),
            (2..=4, Kind::Integer) => encodings[id as usize - 2] = Some(reader.integer()?),
            _ => reader.skip(kind)?,
        }
        Some(())
    })?;
    let [encoding, definition, repetition] = encodings;
    let kind = PageKind::DataV1 { definition_encoding: definition?, repetition_encoding: repetition? };
    Some((kind, values?, encoding?))
}

/// `DictionaryPageHeader`.
fn read_dictionary(reader: &mut Reader) -> Option<(PageKind, u64, i64)> {
    let (mut values, mut encoding, mut is_sorted) = (None, None, false);
    reader.read_struct(|reader, id, kind| {
        match (id, kind) {
            (1, Kind::Integer) => values = Some(natural(reader)?),
            (2, Kind::Integer) => encoding = Some(reader.integer()?),
            (3, Kind::Bool(sorted)) => is_sorted = sorted,
            _ => reader.skip(kind)?,
        }
        Some(())
    })?;
    Some((PageKind::Dictionary { is_sorted }, values?, encoding?))
}

/// `DataPageHeaderV2`.
fn read_version_2(reader: &mut Reader) -> Option<(PageKind, u64, i64)> {
    let mut numbers = [None; 6];
    let (mut encoding, mut is_compressed) = (None, true);
    reader.read_struct(|reader, id, kind| {
        match (id, kind) {
            (4, Kind::Integer) => encoding = Some(reader.integer()?),
            (1..=6, Kind::Integer) => numbers[id as usize - 1] = Some(natural(reader)?),
            (7, Kind::Bool(compressed)) => is_compressed = compressed,
            _ => reader.skip(kind)?,
        }
        Some(())
    })?;
    let [values, nulls, rows, _, definition_bytes, repetition_bytes] = numbers;
    let kind = PageKind::DataV2 {
        rows: rows?,
        nulls: nulls?,
        definition_bytes: definition_bytes?,
        repetition_bytes: repetition_bytes?,
        is_compressed,
    };
    Some((kind, values?, encoding?))
}

/// A count or size: an `i32` of the format that must not be negative.
fn natural(reader: &mut Reader) -> Option<u64> {
    i32::try_from(reader.integer()?).ok().and_then(|number| u64::try_from(number).ok())
}

/// The encoding of a number in a header.
pub(crate) fn encoding_of(number: i64) -> Option<Encoding> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_all_kinds_are_read() {
        // type 0, 100 bytes of 50, data_page_header {8 values, PLAIN, RLE, RLE}
        let data =
            [0x15, 0x00, 0x15, 0xc8, 0x01, 0x15, 0x64, 0x2c, 0x15, 0x10, 0x15, 0x00, 0x15, 0x06, 0x15, 0x06, 0, 0, 9];
        let header = PageHeader {
            kind: PageKind::DataV1 { definition_encoding: 3, repetition_encoding: 3 },
            uncompressed_bytes: 100,
            compressed_bytes: 50,
            values: 8,
            encoding: 0,
            checksum: None,
        };
        assert_eq!(read_page_header(&data), Some((header, 18)));
        // type 2, 4 bytes, checksum -2, dictionary_page_header {1 value, PLAIN, sorted}
        let dictionary = [0x15, 0x04, 0x15, 0x08, 0x15, 0x08, 0x15, 0x03, 0x3c, 0x15, 0x02, 0x15, 0x00, 0x11, 0, 0];
        let header = read_page_header(&dictionary).expect("header").0;
        assert_eq!((header.kind, header.values), (PageKind::Dictionary { is_sorted: true }, 1));
        assert_eq!((header.uncompressed_bytes, header.checksum), (4, Some(0xffff_fffe)));
        // type 3, data_page_header_v2 {8 values, 2 nulls, 5 rows, RLE_DICTIONARY, 3, 4, not compressed}
        let version_2 = [
            0x15, 0x06, 0x15, 0x08, 0x15, 0x08, 0x5c, 0x15, 0x10, 0x15, 0x04, 0x15, 0x0a, 0x15, 0x10, 0x15, 0x06, 0x15,
            0x08, 0x12, 0, 0,
        ];
        let header = read_page_header(&version_2).expect("header").0;
        let kind =
            PageKind::DataV2 { rows: 5, nulls: 2, definition_bytes: 3, repetition_bytes: 4, is_compressed: false };
        assert_eq!((header.kind, header.encoding, header.level_bytes()), (kind, 8, 7));
        assert_eq!(read_page_header(&[0x15, 0x02, 0x15, 0x08, 0x15, 0x08, 0]).expect("header").0.kind, PageKind::Other);
    }

    #[test]
    fn headers_that_lack_something_are_none() {
        for bytes in [
            &[][..],
            &[0],
            &[0x15, 0x00, 0x15, 0x02, 0x15, 0x02, 0],
            &[0x15, 0x00, 0x15, 0x01, 0x15, 0x02, 0],
            &[0xff; 30],
        ] {
            assert_eq!(read_page_header(bytes), None, "{bytes:?}");
        }
    }
}
