//! Packed levels, many at once, and which of them are outside of a window.

use std::ops::RangeInclusive;

/// Bits of a word that are looked at: as many are there wherever in a byte the first one is.
const WORD: u32 = 57;

/// A window of levels. Packed ones are compared a word at a time: every other one, which has its neighbour's bits to
/// borrow from or to carry to.
pub(crate) struct LevelWindow {
    /// The levels within.
    pub(crate) inside: RangeInclusive<u32>,
    /// The bits of a level.
    pub(crate) width: u32,
    /// The bits of every other level of a word.
    lanes: u64,
    /// The bit after each of those.
    guards: u64,
    /// In each lane, what is taken from it, and what is added: a guard tells whether the level is below or above.
    taken: u64,
    added: u64,
}

/// Some packed levels that follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PackedWord {
    /// The place of the first one.
    pub(crate) first: usize,
    /// How many they are.
    pub(crate) levels: usize,
    /// The levels, from the lowest bit on; beyond the last one are others.
    pub(crate) bits: u64,
    /// The first bit of each level that is below the window.
    pub(crate) below: u64,
    /// The first bit of each that is above it.
    pub(crate) above: u64,
}

impl LevelWindow {
    /// The window of these levels, which are stored in as many bits as `highest` takes.
    pub(crate) fn new(inside: RangeInclusive<i16>, highest: i16) -> Self {
        let width = (i16::BITS - highest.leading_zeros()).max(1);
        let (least, most) = (*inside.start() as u32, *inside.end() as u32);
        let ones = ones(width) & ones(2 * width);
        let largest = (1 << width) - 1;
        Self {
            inside: least..=most,
            width,
            lanes: ones * largest,
            guards: ones << width,
            taken: ones * u64::from(least),
            added: ones * (largest - u64::from(most)),
        }
    }

    /// Whether all that so many bits can be is inside.
    pub(crate) fn is_everything(&self) -> bool {
        *self.inside.start() == 0 && self.inside.end() + 1 == 1 << self.width
    }

    /// The first levels of those that are packed in the bytes, `count` if there are as many.
    pub(crate) fn words(&self, bytes: &[u8], count: u64) -> impl Iterator<Item = PackedWord> {
        let width = self.width as usize;
        let levels = usize::try_from(count).unwrap_or(usize::MAX).min(bytes.len() * 8 / width);
        (0..levels).step_by(levels_of_word(self.width)).map(move |first| {
            let levels = (levels - first).min(levels_of_word(self.width));
            let (bits, there) = (word_at(bytes, first * width), low_bits(levels * width));
            let (below, above) = self.outside(bits);
            PackedWord { first, levels, bits, below: below & there, above: above & there }
        })
    }

    /// The first bit of each level of a word that is below, and of each that is above.
    pub(crate) fn outside(&self, bits: u64) -> (u64, u64) {
        let (even, odd) = (bits & self.lanes, bits >> self.width & self.lanes);
        let below = |lanes: u64| !((lanes | self.guards) - self.taken) & self.guards;
        let above = |lanes: u64| (lanes + self.added) & self.guards;
        (below(even) >> self.width | below(odd), above(even) >> self.width | above(odd))
    }
}

/// How many levels of so many bits a [`PackedWord`] has at most. One more fits a word, that of the one after them.
pub(crate) const fn levels_of_word(width: u32) -> usize {
    (WORD / width) as usize - 1
}

/// The first bit of each level of a word.
pub(crate) fn ones(width: u32) -> u64 {
    (0..WORD / width).fold(0, |ones, level| ones | 1 << (level * width))
}

/// So many bits from the lowest on, fewer than 64.
pub(crate) fn low_bits(count: usize) -> u64 {
    (1 << count) - 1
}

/// 57 bits or more from `bit` on, followed by zeros where the bytes end.
pub(crate) fn word_at(bytes: &[u8], bit: usize) -> u64 {
    let rest = bytes.get(bit / 8..).unwrap_or_default();
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

    /// The levels in so many bits each.
    fn packed(levels: &[u32], width: u32) -> Vec<u8> {
        let mut bytes = vec![0; (levels.len() * width as usize).div_ceil(8)];
        for (index, level) in levels.iter().enumerate() {
            for bit in 0..width as usize {
                let at = index * width as usize + bit;
                bytes[at / 8] |= ((level >> bit & 1) as u8) << (at % 8);
            }
        }
        bytes
    }

    /// Each level, and whether it is below or above.
    fn found(window: &LevelWindow, bytes: &[u8], count: u64) -> Vec<(u32, bool, bool)> {
        let mut found = Vec::new();
        for word in window.words(bytes, count) {
            assert_eq!(word.first, found.len());
            for place in (0..word.levels as u32).map(|index| index * window.width) {
                let level = (word.bits >> place & low_bits(window.width as usize)) as u32;
                found.push((level, word.below >> place & 1 == 1, word.above >> place & 1 == 1));
            }
            let marks = found[word.first..].iter().map(|(_, below, above)| u32::from(*below) + u32::from(*above));
            assert_eq!(
                word.below.count_ones() + word.above.count_ones(),
                marks.sum::<u32>(),
                "marks beside the levels"
            );
        }
        found
    }

    #[test]
    fn levels_of_any_width_are_found_below_and_above_a_window() {
        for highest in [1, 2, 3, 4, 5, 7, 8, 14, 30, 100, 1000, i16::MAX] {
            let width = i16::BITS - highest.leading_zeros();
            let levels: Vec<u32> = (0..200_u32).map(|n| n.wrapping_mul(2_654_435_761) >> (32 - width)).collect();
            let bytes = packed(&levels, width);
            for least in [0, 1, highest / 2, highest] {
                for most in [least, highest] {
                    let window = LevelWindow::new(least..=most, highest);
                    for count in [200, 57, 1] {
                        let expected: Vec<_> = levels[..count]
                            .iter()
                            .map(|level| (*level, *level < least as u32, *level > most as u32))
                            .collect();
                        assert_eq!(found(&window, &bytes, count as u64), expected, "{least} to {most} of {highest}");
                    }
                }
            }
        }
    }

    #[test]
    fn levels_that_the_bytes_lack_are_none() {
        let window = LevelWindow::new(1..=5, 5);
        assert_eq!(found(&window, &[0xff], 8), [(7, false, true); 2]);
        assert_eq!(found(&window, &[], u64::MAX), []);
        assert_eq!(word_at(&[0x80, 1], 7), 3);
        assert_eq!(word_at(&[0x80], 16), 0);
    }

    #[test]
    fn a_window_of_all_numbers_of_so_many_bits_is_everything() {
        assert!(LevelWindow::new(0..=3, 3).is_everything());
        assert!(!LevelWindow::new(1..=3, 3).is_everything());
        assert!(!LevelWindow::new(0..=4, 4).is_everything());
    }
}
