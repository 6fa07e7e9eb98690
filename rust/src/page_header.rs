//! Headers of pages, as far as they tell how much there is to decode.
//!
//! parquet's public readers give a page's rows but not its bytes, and its parser of headers is private. Field numbers are
//! those of `PageHeader` in <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.

use crate::thrift::{Kind, Reader};

/// What kind of page it is, with what only that kind has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageKind {
    /// The chunk's dictionary.
    Dictionary,
    /// Values; a page of version 1 tells neither rows nor nulls.
    DataV1,
    /// Values with their rows and nulls, and the bytes of their levels.
    DataV2 { rows: u64, nulls: u64, level_bytes: u64 },
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
}

/// Reads a header; also gives its own length. `None` when the bytes are none, or end too early.
pub(crate) fn read_page_header(bytes: &[u8]) -> Option<(PageHeader, usize)> {
    let mut reader = Reader::new(bytes);
    let (mut uncompressed_bytes, mut compressed_bytes) = (None, None);
    let mut page_type = None;
    let mut body = None;
    reader.read_struct(|reader, id, kind| {
        match (id, kind) {
            (1, Kind::Integer) => page_type = Some(reader.integer()?),
            (2, Kind::Integer) => uncompressed_bytes = Some(natural(reader)?),
            (3, Kind::Integer) => compressed_bytes = Some(natural(reader)?),
            (5 | 7, Kind::Struct) => body = Some(read_version_1(reader)?),
            (8, Kind::Struct) => body = Some(read_version_2(reader)?),
            _ => reader.skip(kind)?,
        }
        Some(())
    })?;
    let (kind, values, encoding) = match page_type? {
        0 => {
            let (_, values, encoding) = body?;
            (PageKind::DataV1, values, encoding)
        }
        2 => {
            let (_, values, encoding) = body?;
            (PageKind::Dictionary, values, encoding)
        }
        3 => body.filter(|(kind, ..)| *kind != PageKind::DataV1)?,
        _ => (PageKind::Other, 0, 0),
    };
    let (uncompressed_bytes, compressed_bytes) = (uncompressed_bytes?, compressed_bytes?);
    let header = PageHeader { kind, uncompressed_bytes, compressed_bytes, values, encoding };
    Some((header, reader.position()))
}

/// `DataPageHeader` or `DictionaryPageHeader`: both begin with the number of values and the encoding.
fn read_version_1(reader: &mut Reader) -> Option<(PageKind, u64, i64)> {
    let (mut values, mut encoding) = (None, None);
    reader.read_struct(|reader, id, kind| {
        match (id, kind) {
            (1, Kind::Integer) => values = Some(natural(reader)?),
            (2, Kind::Integer) => encoding = Some(reader.integer()?),
            _ => reader.skip(kind)?,
        }
        Some(())
    })?;
    Some((PageKind::DataV1, values?, encoding?))
}

/// `DataPageHeaderV2`.
fn read_version_2(reader: &mut Reader) -> Option<(PageKind, u64, i64)> {
    let mut numbers = [None; 6];
    let mut encoding = None;
    reader.read_struct(|reader, id, kind| {
        match (id, kind) {
            (4, Kind::Integer) => encoding = Some(reader.integer()?),
            (1..=6, Kind::Integer) => numbers[id as usize - 1] = Some(natural(reader)?),
            _ => reader.skip(kind)?,
        }
        Some(())
    })?;
    let [values, nulls, rows, _, definition_bytes, repetition_bytes] = numbers;
    let level_bytes = definition_bytes? + repetition_bytes?;
    Some((PageKind::DataV2 { rows: rows?, nulls: nulls?, level_bytes }, values?, encoding?))
}

/// A count or size: an `i32` of the format that must not be negative.
fn natural(reader: &mut Reader) -> Option<u64> {
    i32::try_from(reader.integer()?).ok().and_then(|number| u64::try_from(number).ok())
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
            kind: PageKind::DataV1,
            uncompressed_bytes: 100,
            compressed_bytes: 50,
            values: 8,
            encoding: 0,
        };
        assert_eq!(read_page_header(&data), Some((header, 18)));
        let dictionary = [0x15, 0x04, 0x15, 0x08, 0x15, 0x08, 0x4c, 0x15, 0x02, 0x15, 0x00, 0, 0];
        let header = read_page_header(&dictionary).expect("header").0;
        assert_eq!((header.kind, header.values, header.uncompressed_bytes), (PageKind::Dictionary, 1, 4));
        // type 3, data_page_header_v2 {8 values, 2 nulls, 5 rows, RLE_DICTIONARY, 3, 4}
        let version_2 = [
            0x15, 0x06, 0x15, 0x08, 0x15, 0x08, 0x5c, 0x15, 0x10, 0x15, 0x04, 0x15, 0x0a, 0x15, 0x10, 0x15, 0x06, 0x15,
            0x08, 0, 0,
        ];
        let header = read_page_header(&version_2).expect("header").0;
        assert_eq!((header.kind, header.encoding), (PageKind::DataV2 { rows: 5, nulls: 2, level_bytes: 7 }, 8));
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
