//! Which rows are kept, as their bits say.

use arrow_buffer::BooleanBuffer;
use arrow_buffer::bit_chunk_iterator::BitChunks;

/// Of how many rows one is left out at most where the others are in runs that are worth to be copied each at once.
const LONG_RUNS: usize = 8;

/// Whether nearly all rows are kept.
pub(crate) fn has_long_runs(rows: &BooleanBuffer) -> bool {
    (rows.len() - rows.count_set_bits()) * LONG_RUNS < rows.len()
}

/// The rows whose bit is set, in order, some at a time: how many these are is known before they are looked at, which
/// arrow's `set_indices` doesn't tell.
pub(crate) fn kept_rows(words: BitChunks<'_>) -> impl Iterator<Item = KeptRows> {
    let word = |(index, bits): (usize, u64)| KeptRows { first: index * u64::BITS as usize, bits };
    let last = words.remainder_bits();
    words.into_iter().chain([last]).enumerate().map(word).filter(|word| word.bits != 0)
}

/// Those of 64 rows that are kept.
pub(crate) struct KeptRows {
    first: usize,
    bits: u64,
}

impl Iterator for KeptRows {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let row = (self.bits != 0).then(|| self.first + self.bits.trailing_zeros() as usize);
        self.bits &= self.bits.wrapping_sub(1);
        row
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.bits.count_ones() as usize;
        (count, Some(count))
    }
}

impl ExactSizeIterator for KeptRows {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_kept_by_their_bits_whatever_their_number() {
        for (length, offset) in [(0, 0), (1, 0), (63, 1), (64, 0), (65, 63), (1000, 3)] {
            for of_hundred in [0, 1, 20, 50, 99, 100] {
                let whole: BooleanBuffer = (0..length + offset).map(|row| row * 37 % 100 < of_hundred).collect();
                let rows = whole.slice(offset, length);
                let mut found = Vec::new();
                for some in kept_rows(rows.bit_chunks()) {
                    let (before, count) = (found.len(), some.len());
                    found.extend(some);
                    assert_eq!(found.len(), before + count);
                }
                let expected: Vec<usize> = rows.set_indices().collect();
                assert_eq!(found, expected, "{length} bits from {offset}, {of_hundred} %");
            }
        }
    }
}
