//! Levels outside of a window, found many at once where they are packed.

use std::ops::RangeInclusive;

use crate::level_runs::{LevelRuns, Run};

/// Bits of a word that are looked at: as many are there wherever in a byte the first one is.
const WORD: u32 = 57;

/// The levels that need no look; those outside of it are visited.
///
/// Packed levels are compared a word at a time: every other one has its neighbour's bits to borrow from or to carry to.
pub(crate) struct LevelWindow {
    least: u32,
    most: u32,
    width: u32,
    /// The bits of every other level of a word.
    lanes: u64,
    /// The bit after each of those.
    guards: u64,
    /// In each lane, what is taken from it, and what is added: a guard tells whether the level is too low or too high.
    taken: u64,
    added: u64,
}

impl LevelWindow {
    /// The window of these levels, which are stored in as many bits as `highest` takes.
    pub(crate) fn new(inside: RangeInclusive<i16>, highest: i16) -> Self {
        let width = (i16::BITS - highest.leading_zeros()).max(1);
        let (least, most) = (*inside.start() as u32, *inside.end() as u32);
        let levels = WORD / width;
        let ones = (0..levels).step_by(2).fold(0_u64, |ones, level| ones | 1 << (level * width));
        let largest = (1 << width) - 1;
        Self {
            least,
            most,
            width,
            lanes: ones * largest,
            guards: ones << width,
            taken: ones * u64::from(least),
            added: ones * (largest - u64::from(most)),
        }
    }

    /// Visits the levels outside of the window, those of a run at once: where they begin, how many there are, and which
    /// they are; gives whether all `values` were there.
    ///
    /// # Errors
    /// The first one of `visit`.
    pub(crate) fn visit_outside<E>(
        &self,
        bytes: &[u8],
        values: u64,
        mut visit: impl FnMut(u64, u64, u32) -> Result<(), E>,
    ) -> Result<bool, E> {
        let mut at = 0;
        for run in LevelRuns::new(bytes, self.width, values) {
            let Some(run) = run else { return Ok(false) };
            match run {
                Run::Repeated { level, count } => {
                    if count > 0 && !(self.least..=self.most).contains(&level) {
                        visit(at, count, level)?;
                    }
                }
                Run::Packed { bytes, count } => {
                    self.visit_packed(bytes, count, |index, level| visit(at + index, 1, level))?;
                }
            }
            at += run.count();
        }
        Ok(true)
    }

    fn visit_packed<E>(
        &self,
        bytes: &[u8],
        count: u64,
        mut visit: impl FnMut(u64, u32) -> Result<(), E>,
    ) -> Result<(), E> {
        let (width, at_once) = (self.width as usize, (WORD / self.width) as usize);
        if self.least == 0 && u64::from(self.most) + 1 == 1 << width {
            return Ok(());
        }
        let levels = (count as usize).min(bytes.len() * 8 / width);
        for first in (0..levels).step_by(at_once) {
            let word = word_at(bytes, first * width);
            let there = (levels - first).min(at_once) * width;
            let mut outside = self.outside(word) & ((1 << there) - 1);
            while outside != 0 {
                let bit = outside.trailing_zeros();
                outside &= outside - 1;
                let level = (word >> bit) as u32 & ((1 << width) - 1);
                visit((first + bit as usize / width) as u64, level)?;
            }
        }
        Ok(())
    }

    /// The first bit of each level of a word that is outside; beyond the last one are others.
    fn outside(&self, word: u64) -> u64 {
        let outside = |lanes: u64| (!((lanes | self.guards) - self.taken) | (lanes + self.added)) & self.guards;
        outside(word & self.lanes) >> self.width | outside(word >> self.width & self.lanes)
    }
}

/// The level of so many bits at a place among packed ones; `None` where the bytes end before.
pub(crate) fn packed_level(bytes: &[u8], width: u32, index: u64) -> Option<u32> {
    let bit = usize::try_from(index).ok()?.checked_mul(width as usize)?;
    (bit + width as usize <= bytes.len() * 8).then(|| word_at(bytes, bit) as u32 & ((1 << width) - 1))
}

/// The bits from `bit` on, followed by zeros where the bytes end.
fn word_at(bytes: &[u8], bit: usize) -> u64 {
    let rest = &bytes[bit / 8..];
    let word = rest.first_chunk().copied().unwrap_or_else(|| {
        let mut word = [0; 8];
        word[..rest.len()].copy_from_slice(rest);
        word
    });
    u64::from_le_bytes(word) >> (bit % 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The levels as packed groups of eight.
    fn packed(levels: &[u32], width: u32) -> Vec<u8> {
        let groups = levels.len().div_ceil(8);
        let mut bytes = vec![0; groups * width as usize];
        for (index, level) in levels.iter().enumerate() {
            for bit in 0..width as usize {
                let at = index * width as usize + bit;
                bytes[at / 8] |= ((level >> bit & 1) as u8) << (at % 8);
            }
        }
        [vec![0x80 | (groups << 1 | 1) as u8, (groups >> 6) as u8], bytes].concat()
    }

    fn outside(window: &LevelWindow, bytes: &[u8], values: u64) -> (Vec<(u64, u64, u32)>, bool) {
        let mut found = Vec::new();
        let whole = window.visit_outside(bytes, values, |at, count, level| {
            found.push((at, count, level));
            Ok::<(), ()>(())
        });
        (found, whole.expect("no error"))
    }

    #[test]
    fn packed_levels_of_any_width_are_found_where_they_are_outside() {
        for highest in [1, 2, 3, 4, 5, 7, 8, 14, 30, 100, 1000, i16::MAX] {
            let width = i16::BITS - highest.leading_zeros();
            let levels: Vec<u32> = (0..200_u32).map(|n| n.wrapping_mul(2_654_435_761) >> (32 - width)).collect();
            let bytes = packed(&levels, width);
            for least in [0, 1, highest / 2, highest] {
                for most in [least, highest] {
                    let window = LevelWindow::new(least..=most, highest);
                    for values in [200, 57, 1] {
                        let inside = least as u32..=most as u32;
                        let expected: Vec<(u64, u64, u32)> = (0..)
                            .zip(&levels[..values])
                            .filter(|(_, level)| !inside.contains(level))
                            .map(|(at, level)| (at, 1, *level))
                            .collect();
                        let found = outside(&window, &bytes, values as u64);
                        assert_eq!(found, (expected, true), "{least} to {most} of {highest}");
                    }
                }
            }
        }
    }

    #[test]
    fn runs_are_visited_at_once_and_between_packed_levels() {
        // Of 3 bits: 9 levels of 5, 8 packed ones of which the fourth is 1, and 2 levels of 0.
        let middle = packed(&[4, 5, 4, 1, 4, 5, 5, 4], 3);
        let bytes = [&[18, 5][..], &middle, &[4, 0]].concat();
        assert_eq!(outside(&LevelWindow::new(4..=5, 5), &bytes, 19), (vec![(12, 1, 1), (17, 2, 0)], true));
        assert_eq!(outside(&LevelWindow::new(2..=4, 5), &bytes, 10), (vec![(0, 9, 5)], true));
        assert_eq!(outside(&LevelWindow::new(4..=5, 5), &bytes, 20), (vec![(12, 1, 1), (17, 2, 0)], false));
    }

    #[test]
    fn levels_that_the_bytes_lack_are_not_visited() {
        assert_eq!(outside(&LevelWindow::new(1..=5, 5), &[3, 0xff], 8), (vec![(0, 1, 7), (1, 1, 7)], true));
        assert_eq!(packed_level(&[0xff], 3, 1), Some(7));
        assert_eq!(packed_level(&[0xff], 3, 2), None);
        for bytes in [&[][..], &[18], &[0x80]] {
            assert_eq!(outside(&LevelWindow::new(1..=5, 5), bytes, 9), (vec![], false), "{bytes:?}");
        }
    }
}
