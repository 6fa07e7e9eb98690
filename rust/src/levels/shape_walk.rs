//! The shape of a group that a column is in, as the column's levels tell it, page by page.
//!
//! Of a group whose levels are at most `r` and `d`, a column tells by each value of a repetition level up to `r`: the
//! definition level, or `d` where that is higher. What is deeper is the column's own.

use std::collections::VecDeque;
use std::mem::size_of;
use std::ops::Range;

use bytes::Bytes;

use crate::levels::level_cursor::{LevelCursor, width};
use crate::levels::level_window::{LevelWindow, levels_of_word, low_bits};
use crate::levels::shared_levels::SharedLevels;

/// So many values that are stored alike are compared as they are; fewer are unpacked.
const LONG: u64 = 32;
/// How many values are unpacked at once.
const UNPACKED: usize = 128;

/// What a column's pages tell of a group; they are kept until they were gone through.
pub(crate) struct ShapeWalk {
    /// The highest repetition level of the group's values.
    most_repetition: u32,
    /// Definition levels that the group has.
    within: LevelWindow,
    /// Whether packed levels are given as words, for another column that has them in as many bits.
    by_words: bool,
    /// Values that were gone through and not passed.
    unpacked: Vec<u32>,
    ready: Range<usize>,
    parts: VecDeque<Part>,
    /// What `parts` take.
    bytes: usize,
    /// Rows that have begun.
    pub(crate) row: u64,
    /// Whether a row ends with the last of the pages.
    pub(crate) is_whole: bool,
}

enum Part {
    Page(PageShape),
    /// So many rows that are not read.
    Skipped(u64),
}

/// A page's levels that are not gone through yet.
#[derive(Clone)]
pub(crate) struct PageShape {
    repetition: LevelCursor,
    definition: LevelCursor,
    values: u64,
    bytes: usize,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// No page that was given has more.
    Nothing,
    /// Rows that were not read.
    Skipped,
    /// Levels that are not there.
    Unknown,
    /// So many values of the same levels.
    Same { repetition: u32, definition: u32, count: u64 },
    /// So many values, of which some levels are packed.
    Packed { count: u64 },
    /// Some values that were unpacked.
    Unpacked,
}

impl ShapeWalk {
    /// Of a column whose levels are at most `most`. With another one of `beside`, packed levels are compared as words.
    pub(crate) fn new(shared: SharedLevels, most: [i16; 2], beside: [i16; 2]) -> Self {
        Self {
            most_repetition: shared[0] as u32,
            within: LevelWindow::new(0..=shared[1], most[1]),
            by_words: [most[0], beside[0]] == [shared[0]; 2] && width(most[1]) == width(beside[1]),
            unpacked: Vec::new(),
            ready: 0..0,
            parts: VecDeque::new(),
            bytes: 0,
            row: 0,
            is_whole: true,
        }
    }

    /// Takes the next page.
    pub(crate) fn push(&mut self, page: PageShape, is_whole: bool) {
        self.bytes += page.bytes;
        self.parts.push_back(Part::Page(page));
        self.is_whole = is_whole;
    }

    /// Takes rows that are not read.
    pub(crate) fn push_skipped(&mut self, rows: u64) {
        self.is_whole = true;
        match self.parts.back_mut() {
            Some(Part::Skipped(before)) => *before += rows,
            _ => self.parts.push_back(Part::Skipped(rows)),
        }
    }

    /// Forgets all pages.
    pub(crate) fn clear(&mut self) {
        self.ready = 0..0;
        self.parts.clear();
        self.bytes = 0;
    }

    /// Bytes that the pages take.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What is at the place where the walk is; passes what is not the group's.
    pub(crate) fn head(&mut self) -> Head {
        loop {
            if !self.ready.is_empty() {
                return Head::Unpacked;
            }
            let page = match self.parts.front_mut() {
                None => return Head::Nothing,
                Some(Part::Skipped(_)) => return Head::Skipped,
                Some(Part::Page(page)) => page,
            };
            if page.values == 0 {
                self.bytes -= page.bytes;
                self.parts.pop_front();
                continue;
            }
            let Some(count) = page.seek() else { return Head::Unknown };
            let deeper = page.repetition.count_above(self.most_repetition, count);
            if deeper > 0 {
                page.pass(deeper);
                continue;
            }
            let is_same = page.repetition.is_same() && page.definition.is_same();
            if count < LONG || !(is_same || self.by_words) {
                self.unpack(UNPACKED);
            } else if is_same {
                let (repetition, definition) = (page.repetition.first(), page.definition.first());
                let definition = definition.min(*self.within.inside.end());
                return Head::Same { repetition, definition, count };
            } else {
                return Head::Packed { count };
            }
        }
    }

    /// Goes through so many values at most, which are then given as numbers; ends before many that are stored alike.
    pub(crate) fn unpack(&mut self, most: usize) {
        self.unpacked.resize(UNPACKED, 0);
        let (most, mut found) = (most.min(UNPACKED), 0);
        while let Some(Part::Page(page)) = self.parts.front_mut() {
            let Some(count) = (if page.values > 0 { page.seek() } else { None }) else { break };
            let is_same = page.repetition.is_same() && page.definition.is_same();
            if found == most || (found > 0 && count >= LONG && (is_same || self.by_words)) {
                break;
            }
            let [own, beside] = [page.repetition.width, page.definition.width].map(|width| width as usize);
            let count = count.min((most - found) as u64).min(levels_of_word(own.max(beside) as u32) as u64);
            let (mut repetitions, mut definitions) = (page.repetition.word(count), page.definition.word(count));
            for _ in 0..count {
                let repetition = (repetitions & low_bits(own)) as u32;
                let definition = (definitions & low_bits(beside)) as u32;
                // Without a branch, which could not be foreseen; what is deeper is written over.
                self.unpacked[found] = repetition << 16 | definition.min(*self.within.inside.end());
                found += usize::from(repetition <= self.most_repetition);
                repetitions >>= own;
                definitions >>= beside;
            }
            page.pass(count);
        }
        self.ready = 0..found;
    }

    /// Values that were unpacked, each with its repetition level in the upper half.
    pub(crate) fn unpacked(&self) -> &[u32] {
        &self.unpacked[self.ready.clone()]
    }

    /// How many values fit a word.
    pub(crate) fn values_of_word(&self) -> u64 {
        levels_of_word(self.within.width.max(width(self.most_repetition as i16))) as u64
    }

    /// The levels of the next values, no more than fit a word, and how many of the values begin a row.
    pub(crate) fn word(&self, count: u64) -> ([u64; 2], u64) {
        let Some(Part::Page(page)) = self.parts.front() else { return ([0; 2], 0) };
        let repetition = page.repetition.word(count);
        let (definition, most) = (page.definition.word(count), u64::from(*self.within.inside.end()));
        let (_, above) = self.within.outside(definition);
        let width = self.within.width as usize;
        let lanes = (above & low_bits(count as usize * width)) * low_bits(width);
        let clipped = definition & !lanes | (page.definition.ones * most) & lanes;
        ([repetition, clipped], count - page.repetition.above_zero(repetition))
    }

    /// Passes over values, of which so many begin a row.
    pub(crate) fn pass(&mut self, count: u64, rows: u64) {
        self.row += rows;
        if !self.ready.is_empty() {
            self.ready.start += count as usize;
        } else if let Some(Part::Page(page)) = self.parts.front_mut() {
            page.pass(count);
        }
    }

    /// Passes over rows that were not read.
    pub(crate) fn pass_skipped(&mut self) {
        if let Some(Part::Skipped(rows)) = self.parts.front() {
            self.row += rows;
            self.parts.pop_front();
        }
    }
}

impl PageShape {
    /// Levels of a page of so many values; none of a kind of which all are 0.
    pub(crate) fn new(repetition: Option<&[u8]>, definition: Option<&[u8]>, most: [i16; 2], values: u64) -> Self {
        let bytes = repetition.map_or(0, <[u8]>::len) + definition.map_or(0, <[u8]>::len) + size_of::<Part>();
        let levels = |stored: Option<&[u8]>, most| match stored {
            Some(stored) => LevelCursor::new(Bytes::copy_from_slice(stored), width(most), values),
            None => LevelCursor::zeros(values),
        };
        Self { repetition: levels(repetition, most[0]), definition: levels(definition, most[1]), values, bytes }
    }

    /// For how many values both levels are stored alike; `None` where there are none.
    fn seek(&mut self) -> Option<u64> {
        Some(self.repetition.seek()?.min(self.definition.seek()?))
    }

    fn pass(&mut self, count: u64) {
        self.values -= count;
        self.repetition.pass(count);
        self.definition.pass(count);
    }
}
