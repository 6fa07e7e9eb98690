//! A page's levels of one kind, from the first to the last, in the hybrid of runs and packed bits.

use bytes::Bytes;

use crate::levels::level_runs::{LevelRuns, Run};
use crate::levels::level_window::{levels_of_word, low_bits, ones, word_at};

/// Levels of one kind that are not passed yet.
#[derive(Clone)]
pub(crate) struct LevelCursor {
    bytes: Bytes,
    pub(crate) width: u32,
    /// The first bit of each level of a word.
    pub(crate) ones: u64,
    /// Where the next run begins.
    next: usize,
    /// Levels of the runs from there on.
    missing: u64,
    run: Stored,
    /// Levels that are left of the run.
    left: u64,
}

#[derive(Clone, Copy)]
enum Stored {
    Same(u32),
    /// Packed from this bit on.
    Packed(usize),
}

impl LevelCursor {
    /// Levels of a page, in so many bits.
    pub(crate) fn new(bytes: Bytes, width: u32, values: u64) -> Self {
        Self { bytes, width, ones: ones(width), next: 0, missing: values, run: Stored::Same(0), left: 0 }
    }

    /// Levels of which all are 0, and none is stored.
    pub(crate) fn zeros(values: u64) -> Self {
        Self { bytes: Bytes::new(), width: 0, ones: 0, next: 0, missing: 0, run: Stored::Same(0), left: values }
    }

    /// Goes to the next run where one has ended; gives what is left of it, `None` where there is no more. Whatever else is
    /// asked is of this run.
    pub(crate) fn seek(&mut self) -> Option<u64> {
        while self.left == 0 {
            let mut runs = LevelRuns::new(&self.bytes[self.next..], self.width, self.missing);
            let run = runs.next()??;
            let (count, end) = (run.count(), self.bytes.len() - runs.rest().len());
            self.run = match run {
                Run::Repeated { level, .. } => Stored::Same(level),
                Run::Packed { bytes, .. } => {
                    let has_all = (bytes.len() as u64 * 8) / u64::from(self.width) >= count;
                    Stored::Packed(has_all.then_some((end - bytes.len()) * 8)?)
                }
            };
            (self.next, self.left) = (end, count);
            self.missing -= count;
        }
        Some(self.left)
    }

    /// Whether all that are left of the run are the same.
    pub(crate) fn is_same(&self) -> bool {
        matches!(self.run, Stored::Same(_))
    }

    /// The next level.
    pub(crate) fn first(&self) -> u32 {
        match self.run {
            Stored::Same(level) => level,
            Stored::Packed(_) => self.word(1) as u32,
        }
    }

    /// The next levels, which have to fit a word and be of this run.
    pub(crate) fn word(&self, count: u64) -> u64 {
        let bits = match self.run {
            Stored::Same(level) => self.ones * u64::from(level),
            Stored::Packed(bit) => word_at(&self.bytes, bit),
        };
        bits & low_bits(count as usize * self.width as usize)
    }

    /// How many levels of a word are not 0.
    pub(crate) fn above_zero(&self, word: u64) -> u64 {
        let any = (0..self.width).fold(0, |any, bit| any | word >> bit);
        (any & self.ones).count_ones().into()
    }

    /// How many of the next levels, of `count` that are stored alike, are higher than `most`, up to the first that is not.
    pub(crate) fn count_above(&self, most: u32, count: u64) -> u64 {
        if self.width == 0 || most + 1 == 1 << self.width {
            return 0;
        }
        if let Stored::Same(level) = self.run {
            return if level > most { count } else { 0 };
        }
        let count = count.min(levels_of_word(self.width) as u64);
        let (word, level) = (self.word(count), low_bits(self.width as usize));
        let is_above = |at: &u64| word >> (at * u64::from(self.width)) & level > u64::from(most);
        (0..count).take_while(is_above).count() as u64
    }

    /// Passes levels of this run.
    pub(crate) fn pass(&mut self, count: u64) {
        self.left -= count;
        if let Stored::Packed(bit) = &mut self.run {
            *bit += count as usize * self.width as usize;
        }
    }
}

/// The bits of a level.
pub(crate) fn width(most: i16) -> u32 {
    i16::BITS - most.leading_zeros()
}
