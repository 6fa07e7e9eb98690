//! Counts the rows in a page of a nested column: its repetition levels that are 0.
//!
//! Headers of pages of version 1 don't tell rows, and those of version 2 may tell wrong ones: rows of one column would
//! stand beside another's. Runs are counted at once and packed levels by words, so that it costs nothing beside decoding.

use crate::level_runs::{LevelRuns, Run};

/// Rows so far, and values of the row that is longest.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Records {
    /// How many have begun.
    pub(crate) count: u64,
    /// Values of the last one, about: some of the one before may be among them.
    open: u64,
    /// The most of `open` so far.
    pub(crate) longest: u64,
}

impl Records {
    /// Takes the levels of a page of `values`, in the hybrid of runs and packed bits; `None` where they end early, or the
    /// first of a chunk begins no row.
    pub(crate) fn take_hybrid(&mut self, bytes: &[u8], width: u32, values: u64) -> Option<()> {
        for run in LevelRuns::new(bytes, width, values) {
            match run? {
                Run::Repeated { level, count } => self.run(level == 0, count)?,
                Run::Packed { bytes, count } => self.packed(bytes, width, count, false)?,
            }
        }
        Some(())
    }

    /// The same of levels that are packed from the highest bit on, as old writers have it.
    pub(crate) fn take_packed(&mut self, bytes: &[u8], width: u32, values: u64) -> Option<()> {
        self.packed(bytes, width, values, true)
    }

    /// Passes over rows that are not looked at.
    pub(crate) fn skip(&mut self, rows: u64) {
        self.count += rows;
        self.open = 0;
    }

    fn run(&mut self, begins: bool, length: u64) -> Option<()> {
        if length == 0 {
            return Some(());
        }
        if begins {
            self.count += length;
            self.open = 1;
        } else if self.count == 0 {
            return None;
        } else {
            self.open += length;
        }
        self.longest = self.longest.max(self.open);
        Some(())
    }

    fn packed(&mut self, bytes: &[u8], width: u32, values: u64, from_high: bool) -> Option<()> {
        if (bytes.len() as u64).checked_mul(8)? < values.checked_mul(u64::from(width))? {
            return None;
        }
        let mut at = 0;
        if width == 1 && !from_high {
            while values - at >= 64 && (self.count > 0 || at > 0) {
                let word = u64::from_le_bytes(*bytes[at as usize / 8..].first_chunk()?);
                let begun = u64::from(word.count_zeros());
                self.count += begun;
                self.open = if begun > 0 { 64 } else { self.open + 64 };
                self.longest = self.longest.max(self.open);
                at += 64;
            }
        }
        for index in at..values {
            let mut is_zero = true;
            for bit in index * u64::from(width)..(index + 1) * u64::from(width) {
                let place = if from_high { 7 - bit % 8 } else { bit % 8 };
                is_zero &= bytes[bit as usize / 8] >> place & 1 == 0;
            }
            self.run(is_zero, 1)?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hybrid(bytes: &[u8], width: u32, values: u64) -> Option<(u64, u64)> {
        let mut records = Records::default();
        records.take_hybrid(bytes, width, values).map(|()| (records.count, records.longest))
    }

    /// Levels of one bit in one packed run.
    fn packed(levels: &[u8]) -> Vec<u8> {
        let groups = levels.len().div_ceil(8);
        let mut bytes = vec![(groups << 1 | 1) as u8 & 0x7f | 0x80, (groups >> 6) as u8];
        bytes
            .extend(levels.chunks(8).map(|group| group.iter().enumerate().fold(0, |byte, (at, bit)| byte | bit << at)));
        bytes
    }

    #[test]
    fn runs_count_at_once() {
        // 5 rows of one value, then 100 values of the last.
        assert_eq!(hybrid(&[10, 0, 0xc8, 1, 1], 1, 105), Some((5, 101)));
        assert_eq!(hybrid(&[10, 0], 1, 3), Some((3, 1)));
    }

    #[test]
    fn packed_levels_count_by_words_and_by_bits() {
        let levels: Vec<u8> = (0..1000).map(|at| u8::from(at % 3 > 0)).collect();
        assert_eq!(hybrid(&packed(&levels), 1, 1000).map(|(count, _)| count), Some(334));
        assert_eq!(hybrid(&packed(&levels), 1, 71).map(|(count, _)| count), Some(24));
        // Levels of two bits: 0 1 2 0.
        assert_eq!(hybrid(&[3, 0b0010_0100, 0], 2, 4), Some((2, 3)));
        let mut records = Records::default();
        assert_eq!(records.take_packed(&[0b0001_1000], 2, 4), Some(()));
        assert_eq!((records.count, records.longest), (2, 3));
    }

    #[test]
    fn a_long_row_is_seen_whatever_it_is_packed_in() {
        let levels: Vec<u8> = (0..1000).map(|at| u8::from(at > 0)).collect();
        let (count, longest) = hybrid(&packed(&levels), 1, 1000).expect("levels");
        assert_eq!(count, 1);
        assert!((1000..1128).contains(&longest), "{longest}");
    }

    #[test]
    fn levels_that_end_early_or_begin_no_row_are_none() {
        for bytes in [&[][..], &[10], &[3], &[0x80], &[2, 1], &[3, 0xff]] {
            assert_eq!(hybrid(bytes, 1, 9), None, "{bytes:?}");
        }
    }
}
