//! Levels of nested columns that are higher than the schema allows.
//!
//! Levels are stored in as many bits as the highest one takes, so that 6 and 7 can be written where 5 is the highest, and
//! a run's level in whole bytes, so that 2 can be written where 1 is. parquet believes them, and gives other rows by how
//! many are read at once.

use parquet::basic::Encoding;
use parquet::column::page::Page;

use crate::level_runs::{LevelRuns, Run};

/// Whether one of the page's levels is higher than its highest; `most` has those of repetitions and definitions.
///
/// Levels that end early, and those of old writers that are packed without runs, are left to parquet. Packed levels cost
/// nothing where every number of so many bits is one, as in all flat columns.
pub(crate) fn has_wrong_levels(page: &Page, most: [i16; 2]) -> bool {
    let values = page.num_values() as usize;
    let exceeds = |levels: Option<&[u8]>, most: i16| levels.is_some_and(|levels| exceeds(levels, most, values));
    let bytes: &[u8] = page.buffer();
    match page {
        Page::DictionaryPage { .. } => false,
        Page::DataPage { rep_level_encoding, def_level_encoding, .. } => {
            let mut rest = Some(bytes);
            [*rep_level_encoding, *def_level_encoding].into_iter().zip(most).any(|(encoding, most)| {
                if most == 0 || encoding != Encoding::RLE {
                    rest = rest.filter(|_| most == 0);
                    return false;
                }
                let parts = rest.and_then(|rest| {
                    let (length, rest) = rest.split_first_chunk()?;
                    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
                });
                rest = parts.map(|(_, rest)| rest);
                exceeds(parts.map(|(levels, _)| levels), most)
            })
        }
        Page::DataPageV2 { rep_levels_byte_len, def_levels_byte_len, .. } => {
            let (repetition, definition) = (*rep_levels_byte_len as usize, *def_levels_byte_len as usize);
            let definitions = bytes.get(repetition..).and_then(|rest| rest.get(..definition));
            exceeds(bytes.get(..repetition), most[0]) || exceeds(definitions, most[1])
        }
    }
}

/// Whether a level of these, in the hybrid of runs and packed bits, is higher than `most`.
fn exceeds(bytes: &[u8], most: i16, values: usize) -> bool {
    if most == 0 {
        return false;
    }
    let all_are_levels = most & (most + 1) == 0;
    let width = i16::BITS - most.leading_zeros();
    let is_wrong = |level: u32| level > most as u32;
    for run in LevelRuns::new(bytes, width, values as u64) {
        let found = match run {
            None => return false,
            Some(Run::Repeated { level, count }) => count > 0 && is_wrong(level),
            Some(Run::Packed { .. }) if all_are_levels => false,
            Some(Run::Packed { bytes, count }) => {
                let width = width as usize;
                let levels = (count as usize).min(bytes.len() * 8 / width);
                (0..levels).any(|index| is_wrong(level_at(bytes, index * width, width)))
            }
        };
        if found {
            return true;
        }
    }
    false
}

/// The level whose bits begin at `bit`.
fn level_at(packed: &[u8], bit: usize, width: usize) -> u32 {
    let mut word = [0; 4];
    let rest = &packed[bit / 8..];
    let length = rest.len().min(4);
    word[..length].copy_from_slice(&rest[..length]);
    u32::from_le_bytes(word) >> (bit % 8) & ((1 << width) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_above_the_highest_are_found_in_runs_and_packed() {
        // Of 3 bits: a run of 9 levels, and 8 packed ones.
        assert!(!exceeds(&[18, 5], 5, 9));
        assert!(exceeds(&[18, 6], 5, 9));
        let packed = |levels: [u32; 8]| {
            let bits = levels.iter().rev().fold(0_u32, |bits, level| bits << 3 | level).to_le_bytes();
            [3, bits[0], bits[1], bits[2]]
        };
        assert!(!exceeds(&packed([0, 1, 2, 3, 4, 5, 5, 5]), 5, 8));
        for place in 0..8 {
            let mut levels = [5; 8];
            levels[place] = 6;
            assert!(exceeds(&packed(levels), 5, 8), "{place}");
            // What is padding is no level.
            assert!(!exceeds(&packed(levels), 5, place));
        }
    }

    #[test]
    fn levels_that_end_early_are_left_to_parquet() {
        for bytes in [&[][..], &[18], &[3], &[0x80], &[0xff; 9]] {
            assert!(!exceeds(bytes, 5, 9), "{bytes:?}");
        }
        // All numbers of 2 bits are levels, but not all of the byte that a run has.
        assert!(!exceeds(&[18, 3], 3, 9));
        assert!(!exceeds(&[3, 0xff, 0xff], 3, 8));
        assert!(exceeds(&[18, 4], 3, 9));
        assert!(!exceeds(&[18, 9], 0, 9));
    }

    #[test]
    fn both_levels_of_a_page_are_looked_at() {
        let page = |buf: &[u8]| Page::DataPage {
            buf: bytes::Bytes::copy_from_slice(buf),
            num_values: 9,
            encoding: Encoding::PLAIN,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let levels = |repetition: u8, definition: u8| [2, 0, 0, 0, 18, repetition, 2, 0, 0, 0, 18, definition];
        assert!(!has_wrong_levels(&page(&levels(2, 5)), [2, 5]));
        assert!(has_wrong_levels(&page(&levels(3, 5)), [2, 5]));
        assert!(has_wrong_levels(&page(&levels(2, 6)), [2, 5]));
        assert!(has_wrong_levels(&page(&levels(2, 6)[6..]), [0, 5]));
    }
}
