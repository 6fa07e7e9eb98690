//! Counts the rows in a page of a nested column: its repetition levels that are 0.
//!
//! Headers of pages of version 1 don't tell rows, and those of version 2 may tell wrong ones: rows of one column would
//! stand beside another's. Runs are counted at once and packed levels by words, so that it costs nothing beside decoding.

use crate::levels::level_runs::{LevelRuns, Run};
use crate::levels::level_window::{LevelWindow, PackedWord};

/// Rows so far, and values of the row that is longest.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Records {
    /// How many have begun.
    pub(crate) count: u64,
    /// Values of the last one.
    open: u64,
    /// The most of `open` so far.
    pub(crate) longest: u64,
}

impl Records {
    /// Takes the levels of a page of `values`, in the hybrid of runs and packed bits, of which those `above` 0 begin no
    /// row; `None` where they end early, or the first of a chunk begins no row.
    pub(crate) fn take_hybrid(&mut self, bytes: &[u8], above: &LevelWindow, values: u64) -> Option<()> {
        for run in LevelRuns::new(bytes, above.width, values) {
            match run? {
                Run::Repeated { level, count } => self.run(level == 0, count)?,
                Run::Packed { bytes, count } => {
                    has_all(bytes, above.width, count).then_some(())?;
                    above.words(bytes, count).try_for_each(|word| self.word(&word, above.width))?;
                }
            }
        }
        Some(())
    }

    /// Passes over rows that are not looked at.
    pub(crate) fn skip(&mut self, rows: u64) {
        self.count += rows;
        self.open = 0;
    }

    /// Takes levels of which those below the window begin a row.
    fn word(&mut self, word: &PackedWord, width: u32) -> Option<()> {
        let mut begins = word.below;
        if begins == 0 {
            return self.run(false, word.levels as u64);
        }
        let first = begins.trailing_zeros();
        if self.count == 0 && first > 0 {
            return None;
        }
        self.count += u64::from(begins.count_ones());
        let before = self.open + u64::from(first / width);
        // Bits from one row's beginning to the next one's.
        let (mut last, mut most) = (first, 0);
        while begins > 0 {
            let place = begins.trailing_zeros();
            most = most.max(place - last);
            last = place;
            begins &= begins - 1;
        }
        self.open = word.levels as u64 - u64::from(last / width);
        self.longest = self.longest.max(before).max(u64::from(most / width)).max(self.open);
        Some(())
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
}

/// Whether the bytes have so many packed levels.
fn has_all(bytes: &[u8], width: u32, values: u64) -> bool {
    values.checked_mul(u64::from(width)).is_some_and(|bits| bits.div_ceil(8) <= bytes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hybrid(bytes: &[u8], width: u32, values: u64) -> Option<(u64, u64)> {
        let (mut records, highest) = (Records::default(), (1 << width) - 1);
        let above = LevelWindow::new(1..=highest, highest);
        records.take_hybrid(bytes, &above, values).map(|()| (records.count, records.longest))
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
    }

    #[test]
    fn a_long_row_is_seen_whatever_it_is_packed_in() {
        let levels: Vec<u8> = (0..1000).map(|at| u8::from(at > 0)).collect();
        assert_eq!(hybrid(&packed(&levels), 1, 1000), Some((1, 1000)));
        // Rows of one value before, and of two after it.
        for (first, last) in [(1, 999), (3, 700), (64, 70), (65, 130), (300, 301), (400, 600)] {
            let level =
                |at: usize| u8::from((first..=last).contains(&at) || (at > last && (at - last).is_multiple_of(2)));
            let levels: Vec<u8> = (0..1000).map(level).collect();
            let begun = levels.iter().map(|level| 1 - u64::from(*level)).sum();
            let longest = (last - first + 2) as u64;
            assert_eq!(hybrid(&packed(&levels), 1, 1000), Some((begun, longest)), "{first} to {last}");
        }
    }

    #[test]
    fn levels_that_end_early_or_begin_no_row_are_none() {
        for bytes in [&[][..], &[10], &[3], &[0x80], &[2, 1], &[3, 0xff]] {
            assert_eq!(hybrid(bytes, 1, 9), None, "{bytes:?}");
        }
    }
}
