//! The hybrid of runs and packed bits, in which levels are stored.
//!
//! Layout: <https://github.com/apache/parquet-format/blob/master/Encodings.md>.

/// Levels that are stored alike.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Run<'bytes> {
    /// One level so many times.
    Repeated { level: u32, count: u64 },
    /// So many levels, packed from the lowest bit on; the bytes may hold fewer.
    Packed { bytes: &'bytes [u8], count: u64 },
}

/// The runs of a page's levels, until there are as many as the page has values; a run that ends early is `None`.
pub(crate) struct LevelRuns<'bytes> {
    bytes: &'bytes [u8],
    width: u32,
    missing: u64,
}

impl<'bytes> LevelRuns<'bytes> {
    /// Of levels of so many bits.
    pub(crate) fn new(bytes: &'bytes [u8], width: u32, values: u64) -> Self {
        Self { bytes, width, missing: values }
    }

    /// The bytes that are not read yet.
    pub(crate) fn rest(&self) -> &'bytes [u8] {
        self.bytes
    }

    fn read(&mut self) -> Option<Run<'bytes>> {
        let header = varint(&mut self.bytes)?;
        let is_packed = header & 1 == 1;
        let taken =
            if is_packed { (header >> 1).checked_mul(u64::from(self.width))? } else { self.width.div_ceil(8).into() };
        let taken = usize::try_from(taken).ok()?;
        let run = if is_packed {
            // The last group may lack bytes that hold no value.
            let (bytes, rest) = self.bytes.split_at(taken.min(self.bytes.len()));
            self.bytes = rest;
            Run::Packed { bytes, count: (header >> 1).checked_mul(8)?.min(self.missing) }
        } else {
            let (level, rest) = self.bytes.split_at_checked(taken)?;
            self.bytes = rest;
            let level = level.iter().rev().fold(0, |level, byte| level << 8 | u32::from(*byte));
            Run::Repeated { level, count: (header >> 1).min(self.missing) }
        };
        self.missing -= run.count();
        Some(run)
    }
}

impl<'bytes> Iterator for LevelRuns<'bytes> {
    type Item = Option<Run<'bytes>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.missing == 0 {
            return None;
        }
        let run = self.read();
        if run.is_none() {
            self.missing = 0;
        }
        Some(run)
    }
}

impl Run<'_> {
    /// How many levels it has.
    pub(crate) fn count(&self) -> u64 {
        match self {
            Self::Repeated { count, .. } | Self::Packed { count, .. } => *count,
        }
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_come_until_there_are_as_many_levels_as_values() {
        // A run of 9 levels, 8 packed ones of 3 bits, and another run, of which one level is wanted.
        let bytes = [18, 5, 3, 1, 2, 3, 200, 1, 0];
        let runs: Vec<_> = LevelRuns::new(&bytes, 3, 18).collect();
        assert_eq!(
            runs,
            [
                Some(Run::Repeated { level: 5, count: 9 }),
                Some(Run::Packed { bytes: &[1, 2, 3], count: 8 }),
                Some(Run::Repeated { level: 0, count: 1 }),
            ]
        );
        assert_eq!(
            LevelRuns::new(&[4, 0x34, 0x12], 13, 2).next(),
            Some(Some(Run::Repeated { level: 0x1234, count: 2 }))
        );
    }

    #[test]
    fn a_run_that_ends_early_is_the_last() {
        for bytes in [&[][..], &[18], &[0x80], &[0xff; 9]] {
            assert_eq!(LevelRuns::new(bytes, 3, 9).collect::<Vec<_>>(), [None], "{bytes:?}");
        }
        assert_eq!(LevelRuns::new(&[3], 3, 9).next(), Some(Some(Run::Packed { bytes: &[], count: 8 })));
    }
}
