//! A page's repetition levels, looked at here and there, from the first to the last.

use crate::levels::level_runs::{LevelRuns, Run};
use crate::levels::level_window::{low_bits, ones, word_at};

/// Repetition levels in the hybrid of runs and packed bits; runs that nobody asks for are passed over.
pub(crate) struct Repetitions<'bytes> {
    runs: LevelRuns<'bytes>,
    width: u32,
    /// The first bit of each level of a word.
    ones: u64,
    run: Run<'bytes>,
    /// The place of the run's first level.
    start: u64,
}

impl<'bytes> Repetitions<'bytes> {
    /// Those of a page of `values`, of which none is higher than `most`.
    pub(crate) fn new(bytes: &'bytes [u8], most: i16, values: u64) -> Self {
        let width = i16::BITS - most.leading_zeros();
        let run = Run::Repeated { level: 0, count: 0 };
        Self { runs: LevelRuns::new(bytes, width, values), width, ones: ones(width), run, start: 0 }
    }

    /// So many levels from a place on, packed from the lowest bit on: those that aren't there are 0. They have to fit a
    /// word, and no place may be before the last one that was asked for.
    pub(crate) fn packed(&mut self, first: u64, count: usize) -> u64 {
        let width = self.width as usize;
        let (mut word, mut found) = (0, 0);
        while found < count {
            let at = first + found as u64;
            let Some(end) = self.seek(at) else { break };
            let bits = match &self.run {
                Run::Repeated { level, .. } => self.ones * u64::from(*level),
                Run::Packed { bytes, .. } => word_at(bytes, (at - self.start) as usize * width),
            };
            let there = (end - at).min((count - found) as u64) as usize;
            word |= (bits & low_bits(there * width)) << (found * width);
            found += there;
        }
        word
    }

    /// Whether one of the levels at these places, both included, is higher than `most`.
    pub(crate) fn any_above(&mut self, most: u32, first: u64, last: u64) -> bool {
        let mut at = first;
        while at <= last {
            let Some(end) = self.seek(at) else { return false };
            let stop = end.min(last.saturating_add(1));
            let is_above = match &self.run {
                Run::Repeated { level, .. } => *level > most,
                Run::Packed { .. } => (at..stop).any(|at| self.packed(at, 1) > u64::from(most)),
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

    /// Of 2 bits: 3 levels of 0, 8 packed ones (0 1 2 0 0 0 0 1), and 4 levels of 2.
    const LEVELS: [u8; 7] = [6, 0, 3, 0b0010_0100, 0b0100_0000, 8, 2];

    #[test]
    fn levels_are_compared_in_runs_and_packed_from_the_first_to_the_last() {
        let any_above = |most, places: &[(u64, u64)]| {
            let mut levels = Repetitions::new(&LEVELS, 2, 15);
            places.iter().map(|(first, last)| levels.any_above(most, *first, *last)).collect::<Vec<_>>()
        };
        assert_eq!(any_above(0, &[(0, 3), (3, 4), (4, 5), (6, 9), (9, 10)]), [false, true, true, false, true]);
        assert_eq!(any_above(1, &[(0, 4), (4, 5), (6, 10), (10, 11), (14, 14)]), [false, true, false, true, true]);
        assert_eq!(any_above(2, &[(0, u64::MAX)]), [false]);
        assert_eq!(any_above(0, &[(15, 16), (20, 30)]), [false, false]);
    }

    #[test]
    fn levels_are_packed_together_across_runs() {
        let levels = [0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 1, 2, 2, 2, 2_u64];
        for step in 1..=levels.len() {
            let mut repetitions = Repetitions::new(&LEVELS, 2, 15);
            for first in (0..levels.len()).step_by(step) {
                let stop = (first + step + 1).min(levels.len());
                let expected = levels[first..stop].iter().rev().fold(0, |word, level| word << 2 | level);
                assert_eq!(repetitions.packed(first as u64, step + 1), expected, "{step} from {first}");
            }
        }
    }

    #[test]
    fn levels_that_end_early_are_above_nothing() {
        for bytes in [&[][..], &[18], &[3], &[0x80]] {
            assert!(!Repetitions::new(bytes, 2, 9).any_above(0, 0, 8), "{bytes:?}");
            assert_eq!(Repetitions::new(bytes, 2, 9).packed(0, 9), 0, "{bytes:?}");
        }
        // After the end of the levels there is no run, also where it is asked for again.
        let mut levels = Repetitions::new(&[4, 1], 2, 9);
        assert_eq!([levels.any_above(0, 2, 3), levels.any_above(0, 2, 3)], [false, false]);
    }
}
