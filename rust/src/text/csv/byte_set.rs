//! Where bytes of a small set are, found 64 at a time: what ends cells and records, or opens quotes.
//!
//! Cells are a few bytes long, so that a search of its own for each costs more than looking at all bytes once.

const BLOCK: usize = 64;
const LOW_BITS: u64 = u64::from_le_bytes([0x7f; 8]);
/// Brings the lowest bits of eight bytes together in the highest byte: bit `8 i` times bit `56 - 7 i` is bit `56 + i`.
const GATHER: u64 = 0x0102_0408_1020_4080;

/// Up to four bytes to look for.
#[derive(Debug, Clone, Copy)]
pub struct ByteSet {
    /// Each byte, eight times.
    spread: [u64; 4],
}

impl ByteSet {
    /// The set of these bytes, which may be the same.
    #[must_use]
    pub const fn new(bytes: [u8; 4]) -> Self {
        let [a, b, c, d] = bytes;
        let spread = [
            u64::from_le_bytes([a; 8]),
            u64::from_le_bytes([b; 8]),
            u64::from_le_bytes([c; 8]),
            u64::from_le_bytes([d; 8]),
        ];
        Self { spread }
    }

    /// Bit `i` is set where byte `i` of the block is in the set.
    #[inline]
    fn mask(&self, block: &[u8; BLOCK]) -> u64 {
        let (words, _) = block.as_chunks::<8>();
        words.iter().rev().fold(0, |mask, word| mask << 8 | self.mask_of_word(u64::from_le_bytes(*word)))
    }

    #[inline]
    fn mask_of_word(&self, word: u64) -> u64 {
        let mut highest_bits = 0;
        for spread in self.spread {
            // A byte that is in the set is zero now, the only value whose highest bit stays clear here.
            let difference = word ^ spread;
            highest_bits |= !(((difference & LOW_BITS) + LOW_BITS) | difference | LOW_BITS);
        }
        (highest_bits >> 7).wrapping_mul(GATHER) >> 56
    }
}

/// The places of a set's bytes in a text, from first to last.
#[derive(Debug, Clone)]
pub struct Places<'a> {
    bytes: &'a [u8],
    set: ByteSet,
    /// Where the block that was looked at begins.
    block: usize,
    /// Its places that were not given out.
    mask: u64,
}

impl<'a> Places<'a> {
    /// The places of `set` in `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8], set: ByteSet) -> Self {
        let mut places = Self { bytes, set, block: 0, mask: 0 };
        places.look_at(0);
        places
    }

    /// Leaves out the places before `place`, which is not before the last that was given out.
    #[inline]
    pub fn skip_to(&mut self, place: usize) {
        let distance = place - self.block;
        if distance < BLOCK {
            self.mask &= u64::MAX << distance;
        } else {
            self.look_at(place);
        }
    }

    #[inline]
    fn look_at(&mut self, block: usize) {
        self.block = block;
        let rest = self.bytes.get(block..).unwrap_or_default();
        self.mask = match rest.first_chunk::<BLOCK>() {
            Some(block) => self.set.mask(block),
            None => self.mask_of_rest(rest),
        };
    }

    #[cold]
    fn mask_of_rest(&self, rest: &[u8]) -> u64 {
        let mut padded = [0; BLOCK];
        padded[..rest.len()].copy_from_slice(rest);
        self.set.mask(&padded) & !(u64::MAX << rest.len())
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            let next = self.block + BLOCK;
            if next >= self.bytes.len() {
                return None;
            }
            self.look_at(next);
        }
        let place = self.block + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_that_a_plain_search_finds() {
        let bytes: Vec<u8> = (0..2000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for set in [[b',', b'"', b'\n', b'\r'], [0, 0, 0xff, 0x80], [1, 2, 3, 4]] {
            for length in (0..200).chain([bytes.len()]) {
                let text = &bytes[..length];
                let expected: Vec<usize> = (0..length).filter(|i| set.contains(&text[*i])).collect();
                assert_eq!(Places::new(text, ByteSet::new(set)).collect::<Vec<_>>(), expected);
            }
        }
    }

    #[test]
    fn a_block_of_all_values_is_told_apart() {
        for byte in 0..=255_u8 {
            let block: [u8; BLOCK] = std::array::from_fn(|i| byte.wrapping_add(i as u8));
            let mask = ByteSet::new([byte, byte, byte.wrapping_add(9), byte.wrapping_add(63)]).mask(&block);
            assert_eq!(mask, 1 | 1 << 9 | 1 << 63);
        }
    }

    #[test]
    fn skipping_goes_on_at_a_place_within_or_behind_a_block() {
        let bytes = [b','; 300];
        for (first, place) in [(0, 0), (0, 5), (0, 63), (0, 64), (3, 170), (100, 299), (0, 300)] {
            let mut places = Places::new(&bytes, ByteSet::new([b','; 4]));
            places.nth(first);
            places.skip_to(place.max(first + 1));
            assert_eq!(places.next(), Some(place.max(first + 1)).filter(|place| *place < bytes.len()));
        }
    }
}
