//! Lists that go on although they have no element.
//!
//! A repetition level tells which of the lists around a value goes on with it. That list has an element, and had one
//! before it, so that the definition levels of both values are at least that of its elements. A value of a lower one
//! says that a list is null or empty: there a look is taken at the repetition levels of this value and of the next. Values
//! within all lists cost no more than to see that they are.

use crate::levels::element_levels::ElementLevels;
use crate::levels::level_check::LevelFault;
use crate::levels::level_runs::{LevelRuns, Run};
use crate::levels::level_window::{LevelWindow, PackedWord, low_bits, word_at};
use crate::levels::repetitions::Repetitions;

/// Looks for such lists in the levels of one column.
pub(crate) struct ListWalk {
    elements: ElementLevels,
    /// Definition levels of values that are within all lists.
    within: LevelWindow,
    repetition_width: u32,
}

impl ListWalk {
    /// Of a column whose repetition and definition levels are at most these.
    pub(crate) fn new(most: [i16; 2], elements: &ElementLevels) -> Self {
        let innermost = elements.last().copied().unwrap_or(0);
        Self {
            elements: ElementLevels::clone(elements),
            within: LevelWindow::new(innermost..=most[1], most[1]),
            repetition_width: i16::BITS - most[0].leading_zeros(),
        }
    }

    /// Takes the levels of a page of `values`; gives the highest repetition level that may come after them, `None` where
    /// the definition levels end early.
    ///
    /// # Errors
    /// A definition level is higher than the highest, or a list goes on that has no element.
    pub(crate) fn take(
        &self,
        definitions: &[u8],
        repetitions: &mut Repetitions,
        values: u64,
    ) -> Result<Option<u32>, LevelFault> {
        let width = self.within.width as usize;
        let (mut at, mut after) = (0, 0);
        for run in LevelRuns::new(definitions, self.within.width, values) {
            let Some(run) = run else { return Ok(None) };
            let end = at + run.count();
            after = match run {
                _ if end == at => continue,
                Run::Repeated { level, .. } => {
                    self.check_repeated(level, repetitions, at, end.min(values - 1))?;
                    self.lists(level)
                }
                Run::Packed { bytes, count } => {
                    for word in self.within.words(bytes, count) {
                        self.check_word(&word, repetitions, at)?;
                    }
                    self.lists(level_of(word_at(bytes, (count as usize - 1) * width), width))
                }
            };
            at = end;
        }
        Ok(Some(after))
    }

    /// Checks a definition level that the values from `first` on have, up to the one before the `last`.
    fn check_repeated(
        &self,
        level: u32,
        repetitions: &mut Repetitions,
        first: u64,
        last: u64,
    ) -> Result<(), LevelFault> {
        if level > *self.within.inside.end() {
            return Err(LevelFault::TooHigh);
        }
        if level < *self.within.inside.start() && repetitions.any_above(self.lists(level), first, last) {
            return Err(LevelFault::NoElement);
        }
        Ok(())
    }

    /// Checks packed definition levels of a run that begins at `start`.
    fn check_word(&self, word: &PackedWord, repetitions: &mut Repetitions, start: u64) -> Result<(), LevelFault> {
        if word.above > 0 {
            return Err(LevelFault::TooHigh);
        }
        if word.below == 0 {
            return Ok(());
        }
        let repetitions = repetitions.packed(start + word.first as u64, word.levels + 1);
        // Most often these are rows of one value each.
        let mut below = if repetitions == 0 { 0 } else { word.below };
        let (width, repetition_width) = (self.within.width, self.repetition_width);
        while below > 0 {
            let place = below.trailing_zeros();
            below &= below - 1;
            let lists = self.lists(level_of(word.bits >> place, width as usize));
            let both = repetitions >> (place / width * repetition_width);
            let [own, next] = [both, both >> repetition_width].map(|level| level_of(level, repetition_width as usize));
            if own.max(next) > lists {
                return Err(LevelFault::NoElement);
            }
        }
        Ok(())
    }

    /// How many lists a value of a definition level is in an element of: so many may go on with it, and after it.
    fn lists(&self, level: u32) -> u32 {
        self.elements.iter().filter(|element| **element as u32 <= level).count() as u32
    }
}

/// The lowest level of a word.
fn level_of(word: u64, width: usize) -> u32 {
    (word & low_bits(width)) as u32
}
