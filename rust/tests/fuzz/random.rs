//! Numbers that follow from a seed, and those at which readers go wrong.

/// A generator (`SplitMix64`): the same seed gives the same numbers on every machine.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5350_494c_4c57_4159)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to `end`; 0 where that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.next() >> 11) as usize % end }
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub fn one_of<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// Mostly small, seldom large.
    pub fn size(&mut self) -> usize {
        let bits = self.below(11);
        self.below(1 << bits)
    }

    /// A number in place of `old`: near it, at an edge of its type, or another one.
    pub fn number_like(&mut self, old: i64) -> i64 {
        const EDGES: [i64; 30] = [
            0,
            1,
            -1,
            2,
            3,
            7,
            8,
            31,
            63,
            64,
            127,
            128,
            255,
            256,
            0x7fff,
            0x8000,
            0xffff,
            1 << 20,
            1 << 24,
            1_000_000_000,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_ffff,
            i32::MIN as i64,
            1 << 40,
            1 << 62,
            i64::MAX - 7,
            i64::MAX,
            i64::MIN,
            i64::MIN + 1,
        ];
        match self.below(8) {
            0 => old.wrapping_add(1),
            1 => old.wrapping_sub(1),
            2 => old.wrapping_mul(2),
            3 => old / 2,
            4 => old.wrapping_neg(),
            5 => old.wrapping_add(self.below(64) as i64 - 32),
            _ => self.one_of(&EDGES),
        }
    }
}
