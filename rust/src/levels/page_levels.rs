//! Where in a page its levels are.

use parquet::basic::Encoding;
use parquet::column::page::Page;
use parquet::errors::ParquetError;

use crate::pages::chunk_place::NamedChunk;
use crate::pages::page_header::encoding_of;

/// A page's levels in the hybrid of runs and packed bits; `None` where there are none, or not all of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PageLevels<'page> {
    pub(crate) repetition: Option<&'page [u8]>,
    pub(crate) definition: Option<&'page [u8]>,
}

impl<'page> PageLevels<'page> {
    /// Those of a page of a column whose repetition and definition levels are at most these; `None` of a dictionary.
    pub(crate) fn of(page: &'page Page, most: [i16; 2]) -> Option<Self> {
        let bytes: &[u8] = page.buffer();
        let [repetition, definition] = match page {
            Page::DictionaryPage { .. } => return None,
            Page::DataPage { .. } => {
                let (repetition, rest) = take(Some(bytes), most[0]);
                [repetition, take(rest, most[1]).0]
            }
            Page::DataPageV2 { rep_levels_byte_len, def_levels_byte_len, .. } => {
                let parts = bytes.split_at_checked(*rep_levels_byte_len as usize);
                let definition = parts.and_then(|(_, rest)| rest.get(..*def_levels_byte_len as usize));
                [parts.map(|(repetition, _)| repetition), definition]
            }
        };
        Some(Self { repetition: repetition.filter(|_| most[0] > 0), definition: definition.filter(|_| most[1] > 0) })
    }
}

/// Levels with their length in front, and what follows them.
fn take(page: Option<&[u8]>, most: i16) -> (Option<&[u8]>, Option<&[u8]>) {
    if most == 0 {
        return (None, page);
    }
    let parts = page.and_then(|page| {
        let (length, rest) = page.split_first_chunk()?;
        rest.split_at_checked(u32::from_le_bytes(*length) as usize)
    });
    (parts.map(|(levels, _)| levels), parts.map(|(_, rest)| rest))
}

/// Encodings of levels that aren't read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum WrongEncoding {
    /// Without runs, as the format had them at first: the highest bit comes first for some tools and the lowest for
    /// others, so that rows would be as one of them means it.
    Packed,
    Unknown,
}

/// Checks a header's numbers of the encodings of levels, each with the highest of its levels.
pub(crate) fn check_encodings(levels: [(i64, i16); 2]) -> Result<(), WrongEncoding> {
    for (encoding, _) in levels.into_iter().filter(|(_, most)| *most > 0) {
        #[expect(deprecated, reason = "old files have it")]
        match encoding_of(encoding) {
            Some(Encoding::RLE) => {}
            Some(Encoding::BIT_PACKED) => return Err(WrongEncoding::Packed),
            _ => return Err(WrongEncoding::Unknown),
        }
    }
    Ok(())
}

impl WrongEncoding {
    /// The error for a page of a chunk.
    pub(crate) fn of(&self, chunk: &NamedChunk, page: &str) -> ParquetError {
        match self {
            Self::Packed => chunk.unsupported(
                page,
                "its levels are packed without runs (BIT_PACKED), which tools read in two ways; write the file again with a tool that has them in runs (RLE)",
            ),
            Self::Unknown => chunk.corrupt(page, "its levels have an unknown encoding"),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn v1(bytes: &[u8]) -> Page {
        Page::DataPage {
            buf: Bytes::copy_from_slice(bytes),
            num_values: 9,
            encoding: Encoding::PLAIN,
            rep_level_encoding: Encoding::RLE,
            def_level_encoding: Encoding::RLE,
            statistics: None,
        }
    }

    fn found(page: &Page, most: [i16; 2]) -> (Option<&[u8]>, Option<&[u8]>) {
        let levels = PageLevels::of(page, most).expect("a data page");
        (levels.repetition, levels.definition)
    }

    #[test]
    fn levels_of_version_1_have_their_length_in_front() {
        let bytes = [2, 0, 0, 0, 18, 1, 3, 0, 0, 0, 3, 0, 0, 99];
        let page = v1(&bytes);
        assert_eq!(found(&page, [1, 1]), (Some(&[18, 1][..]), Some(&[3, 0, 0][..])));
        assert_eq!(found(&page, [0, 1]), (None, Some(&[18, 1][..])));
        assert_eq!(found(&page, [0, 0]), (None, None));
        assert_eq!(found(&v1(&bytes[..12]), [1, 1]), (Some(&[18, 1][..]), None));
        assert_eq!(found(&v1(&bytes[..5]), [1, 1]), (None, None));
    }

    #[test]
    fn levels_are_in_runs() {
        let (runs, packed, unknown) = (3, 4, 77);
        for (first, second, expected) in [
            ((runs, 1), (runs, 1), Ok(())),
            ((packed, 0), (unknown, 0), Ok(())),
            ((runs, 1), (packed, 1), Err(WrongEncoding::Packed)),
            ((packed, 2), (runs, 0), Err(WrongEncoding::Packed)),
            ((runs, 1), (unknown, 1), Err(WrongEncoding::Unknown)),
            ((0, 1), (runs, 1), Err(WrongEncoding::Unknown)),
        ] {
            assert_eq!(check_encodings([first, second]), expected, "{first:?} {second:?}");
        }
    }

    #[test]
    fn the_header_of_version_2_has_the_lengths() {
        let page = |repetition, definition| Page::DataPageV2 {
            buf: Bytes::from_static(&[1, 2, 3, 4]),
            num_values: 9,
            encoding: Encoding::PLAIN,
            num_nulls: 0,
            num_rows: 9,
            def_levels_byte_len: definition,
            rep_levels_byte_len: repetition,
            is_compressed: false,
            statistics: None,
        };
        assert_eq!(found(&page(1, 2), [1, 1]), (Some(&[1][..]), Some(&[2, 3][..])));
        assert_eq!(found(&page(1, 4), [1, 1]), (Some(&[1][..]), None));
        assert_eq!(found(&page(5, 1), [1, 1]), (None, None));
        assert_eq!(found(&page(0, 2), [0, 1]), (None, Some(&[1, 2][..])));
    }
}
