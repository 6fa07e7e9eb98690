//! A page's repetition levels, looked at here and there, from the first to the last.

use crate::level_runs::{LevelRuns, Run};
use crate::level_window::packed_level;

/// Repetition levels in the hybrid of runs and packed bits; runs that nobody asks for are passed over.
pub(crate) struct Repetitions<'bytes> {
    runs: LevelRuns<'bytes>,
    width: u32,
    run: Run<'bytes>,
    /// The place of the run's first level.
    start: u64,
}

impl<'bytes> Repetitions<'bytes> {
    /// Those of a page of `values`, of which none is higher than `most`.
    pub(crate) fn new(bytes: &'bytes [u8], most: i16, values: u64) -> Self {
        let width = i16::BITS - most.leading_zeros();
        let run = Run::Repeated { level: 0, count: 0 };
        Self { runs: LevelRuns::new(bytes, width, values), width, run, start: 0 }
    }

    /// Whether one of the levels at these places, both included, is higher than `most`: levels that aren't there are
    /// not. No place may be before the first one that was asked for last.
    pub(crate) fn any_above(&mut self, most: u32, first: u64, last: u64) -> bool {
        let mut at = first;
        while at <= last {
            let Some(end) = self.seek(at) else { return false };
            let stop = end.min(last.saturating_add(1));
            let is_above = match &self.run {
                Run::Repeated { level, .. } => *level > most,
                Run::Packed { bytes, .. } => (at..stop)
                    .any(|at| packed_level(bytes, self.width, at - self.start).is_some_and(|level| level > most)),
            };
            if is_above {
                return true;
            }
            at = stop;
        }
        false
    }

    /// Goes to the run of a place; gives where it ends.
    fn seek(&mut self, at: u64) -> Option<u64> {
        loop {
            let end = self.start + self.run.count();
            if at < end {
                return Some(end);
            }
            self.run = self.runs.next()??;
            self.start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_found_in_runs_and_packed_from_the_first_to_the_last() {
        // Of 2 bits: 3 levels of 0, 8 packed ones (0 1 2 0 0 0 0 1), and 4 levels of 2.
        let bytes = [6, 0, 3, 0b0010_0100, 0b0100_0000, 8, 2];
        let any_above = |most, places: &[(u64, u64)]| {
            let mut levels = Repetitions::new(&bytes, 2, 15);
            places.iter().map(|(first, last)| levels.any_above(most, *first, *last)).collect::<Vec<_>>()
        };
        assert_eq!(any_above(0, &[(0, 3), (3, 4), (4, 5), (6, 9), (9, 10)]), [false, true, true, false, true]);
        assert_eq!(any_above(1, &[(0, 4), (4, 5), (6, 10), (10, 11), (14, 14)]), [false, true, false, true, true]);
        assert_eq!(any_above(2, &[(0, u64::MAX)]), [false]);
        assert_eq!(any_above(0, &[(15, 16), (20, 30)]), [false, false]);
    }

    #[test]
    fn levels_that_end_early_are_above_nothing() {
        for bytes in [&[][..], &[18], &[3], &[0x80]] {
            assert!(!Repetitions::new(bytes, 2, 9).any_above(0, 0, 8), "{bytes:?}");
        }
        // After the end of the levels there is no run, also where it is asked for again.
        let mut levels = Repetitions::new(&[4, 1], 2, 9);
        assert_eq!([levels.any_above(0, 2, 3), levels.any_above(0, 2, 3)], [false, false]);
    }
}
