//! Levels of nested columns that no writer gives: parquet believes them, and gives other rows by how many are read at
//! once.
//!
//! Levels are stored in as many bits as the highest one takes, so that 6 and 7 can be written where 5 is the highest, and
//! a run's level in whole bytes, so that 2 can be written where 1 is. And lists may go on that have no element.

use parquet::column::page::Page;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;

use crate::levels::element_levels::ElementLevels;
use crate::levels::level_runs::{LevelRuns, Run};
use crate::levels::level_window::LevelWindow;
use crate::levels::list_walk::ListWalk;
use crate::levels::page_levels::PageLevels;
use crate::levels::repetitions::Repetitions;

/// Checks the levels of a column chunk's pages, one after the other.
pub(crate) struct LevelCheck {
    /// Repetition and definition levels that all are.
    levels: [LevelWindow; 2],
    /// The most that they can be.
    most: [i16; 2],
    walk: ListWalk,
    /// The highest repetition level that the next page may begin with.
    open: u32,
}

/// What is wrong with levels.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LevelFault {
    /// One is higher than the highest.
    TooHigh,
    /// A list goes on that is null, empty or none.
    NoElement,
}

impl LevelCheck {
    /// Before the first page of a column chunk.
    pub(crate) fn new(column: &ColumnDescriptor, elements: &ElementLevels) -> Self {
        let most = [column.max_rep_level(), column.max_def_level()];
        let levels = most.map(|most| LevelWindow::new(0..=most, most));
        Self { levels, most, walk: ListWalk::new(most, elements), open: 0 }
    }

    /// Checks the next page.
    ///
    /// Levels that end early are left to parquet.
    ///
    /// # Errors
    /// The page has levels that can't be.
    pub(crate) fn check(&mut self, page: &Page) -> Result<()> {
        let Some(levels) = PageLevels::of(page, self.most) else { return Ok(()) };
        self.take(&levels, u64::from(page.num_values())).map_err(|fault| {
            ParquetError::General(match fault {
                LevelFault::TooHigh => "a page has levels that its column's schema does not".into(),
                LevelFault::NoElement => "a page's levels go on with a list that has no element before".into(),
            })
        })
    }

    /// Passes over a page that is not read.
    pub(crate) fn skip(&mut self) {
        self.open = self.most[0] as u32;
    }

    fn take(&mut self, levels: &PageLevels, values: u64) -> Result<(), LevelFault> {
        let open = self.open;
        // Of levels that aren't looked at, nothing is known.
        self.skip();
        let Some(repetition) = levels.repetition else {
            return levels.definition.map_or(Ok(()), |levels| check_highest(&self.levels[1], levels, values));
        };
        check_highest(&self.levels[0], repetition, values)?;
        let mut repetitions = Repetitions::new(repetition, self.most[0], values);
        if values > 0 && repetitions.any_above(open, 0, 0) {
            return Err(LevelFault::NoElement);
        }
        if let Some(definition) = levels.definition {
            let after = self.walk.take(definition, &mut repetitions, values)?;
            self.open = if values == 0 { open } else { after.unwrap_or(self.open) };
        }
        Ok(())
    }
}

/// Checks that no level is above a window that begins with 0. Packed levels cost nothing where every number of so many
/// bits is one, as in all flat columns.
fn check_highest(window: &LevelWindow, levels: &[u8], values: u64) -> Result<(), LevelFault> {
    for run in LevelRuns::new(levels, window.width, values).flatten() {
        let is_too_high = match run {
            Run::Repeated { level, count } => count > 0 && level > *window.inside.end(),
            Run::Packed { .. } if window.is_everything() => false,
            Run::Packed { bytes, count } => window.words(bytes, count).any(|word| word.above > 0),
        };
        if is_too_high {
            return Err(LevelFault::TooHigh);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use parquet::basic::Encoding;
    use parquet::schema::parser::parse_message_type;
    use parquet::schema::types::SchemaDescriptor;

    use super::*;
    use crate::levels::element_levels::element_levels;

    /// The check of the only column of a schema.
    fn check(fields: &str) -> LevelCheck {
        let message = parse_message_type(&format!("message m {{ {fields} }}")).expect("schema");
        let schema = SchemaDescriptor::new(Arc::new(message));
        LevelCheck::new(&schema.column(0), &element_levels(&schema)[0])
    }

    /// Levels up to 2 and 5: lists of lists of numbers, each of which may be null.
    const LISTS_OF_LISTS: &str = "optional group a (LIST) { repeated group list { optional group element (LIST) {
        repeated group list { optional int32 element; } } } }";

    /// Levels in runs of one, and in packed groups of eight.
    fn stored(levels: &[u8], width: usize) -> [Vec<u8>; 2] {
        let mut packed = vec![0; levels.len().div_ceil(8) * width];
        for (index, level) in levels.iter().enumerate() {
            for bit in 0..width {
                let at = index * width + bit;
                packed[at / 8] |= (level >> bit & 1) << (at % 8);
            }
        }
        let groups = (levels.len().div_ceil(8) << 1 | 1) as u8;
        [levels.iter().flat_map(|level| [2, *level]).collect(), [vec![groups], packed].concat()]
    }

    fn v1(repetition: &[u8], definition: &[u8], values: usize) -> Page {
        let part = |levels: &[u8]| [&(levels.len() as u32).to_le_bytes()[..], levels].concat();
        Page::DataPage {
            buf: Bytes::from([part(repetition), part(definition)].concat()),
            num_values: values as u32,
            encoding: Encoding::PLAIN,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        }
    }

    fn v2(repetition: &[u8], definition: &[u8], values: usize) -> Page {
        Page::DataPageV2 {
            buf: Bytes::from([repetition, definition].concat()),
            num_values: values as u32,
            encoding: Encoding::PLAIN,
            num_nulls: 0,
            num_rows: 0,
            def_levels_byte_len: definition.len() as u32,
            rep_levels_byte_len: repetition.len() as u32,
            is_compressed: false,
            statistics: None,
        }
    }

    /// What becomes of levels of lists of lists, however they are stored.
    fn taken(check: impl Fn() -> LevelCheck, repetition: &[u8], definition: &[u8]) -> bool {
        let mut all = Vec::new();
        for repetition in stored(repetition, 2) {
            for levels in stored(definition, 3) {
                for page in [v1, v2].map(|page| page(&repetition, &levels, definition.len())) {
                    all.push(check().check(&page).is_ok());
                }
            }
        }
        assert!(all.iter().all(|is_right| *is_right == all[0]), "{repetition:?} {definition:?}: {all:?}");
        all[0]
    }

    #[test]
    fn a_list_goes_on_only_after_an_element_and_with_one() {
        let check = || check(LISTS_OF_LISTS);
        // Null, empty, a null list, an empty list, a null number, a number.
        for definition in 0..=5_u8 {
            for before in 0..=5_u8 {
                for repetition in 0..=2_u8 {
                    let least = [0, 2, 4][usize::from(repetition)];
                    let expected = definition >= least && before >= least;
                    let found = taken(check, &[0, repetition, 0], &[before, definition, 5]);
                    assert_eq!(found, expected, "{repetition} with {definition} after {before}");
                }
            }
        }
    }

    #[test]
    fn a_wrong_level_is_found_at_every_place_of_a_page() {
        let repetition: Vec<u8> = (0..300).map(|at| if at % 3 == 0 { 0 } else { 2 }).collect();
        let definition: Vec<u8> = (0..300).map(|at| if at % 5 == 4 { 4 } else { 5 }).collect();
        assert!(taken(|| check(LISTS_OF_LISTS), &repetition[..120], &definition[..120]));
        for place in 0..119 {
            let mut definition = definition[..120].to_vec();
            definition[place] = 3;
            assert!(!taken(|| check(LISTS_OF_LISTS), &repetition[..120], &definition), "{place}");
        }
    }

    #[test]
    fn a_list_goes_on_from_page_to_page_where_it_may() {
        let pages = |first: u8, skips: bool, page: fn(&[u8], &[u8], usize) -> Page, repetition: u8| {
            let mut check = check(LISTS_OF_LISTS);
            check.check(&page(&[2, 0], &[2, first], 1)).expect("first page");
            if skips {
                check.skip();
            }
            check.check(&page(&[], &[], 0)).expect("empty page");
            check.check(&page(&[2, repetition], &[2, 5], 1)).is_ok()
        };
        for (first, repetition, expected) in
            [(0, 0, true), (1, 1, false), (3, 1, true), (3, 2, false), (4, 2, true), (5, 2, true)]
        {
            for page in [v1, v2] {
                assert_eq!(pages(first, false, page, repetition), expected, "{repetition} after {first}");
                // What was skipped isn't known.
                assert!(pages(first, true, page, repetition));
            }
        }
        assert!(check(LISTS_OF_LISTS).check(&v1(&[2, 1], &[2, 5], 1)).is_err());
    }

    #[test]
    fn levels_above_the_highest_are_refused_in_runs_and_packed() {
        let lists = || check(LISTS_OF_LISTS);
        assert!(taken(lists, &[0, 1, 2, 0, 2], &[5; 5]));
        for place in 0..5 {
            let (mut repetition, mut definition) = ([0; 5], [5; 5]);
            definition[place] = 6;
            assert!(!taken(lists, &repetition, &definition), "{place}");
            repetition[place] = 3;
            assert!(!taken(lists, &repetition, &[5; 5]), "{place}");
        }
        // Also of columns in no list.
        let mut flat = check("optional group a { optional int32 b; }");
        let page = |level: u8| Page::DataPage {
            buf: Bytes::from(vec![2, 0, 0, 0, 18, level]),
            num_values: 9,
            encoding: Encoding::PLAIN,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        assert!(flat.check(&page(2)).is_ok());
        assert!(flat.check(&page(3)).is_err());
    }

    #[test]
    fn levels_that_end_early_are_left_to_parquet() {
        for (repetition, definition) in [(&[18, 0][..], &[18][..]), (&[18], &[18, 5]), (&[3], &[3]), (&[], &[])] {
            let mut check = check(LISTS_OF_LISTS);
            assert!(check.check(&v1(repetition, definition, 9)).is_ok(), "{repetition:?} {definition:?}");
            assert!(check.check(&v2(repetition, definition, 9)).is_ok(), "{repetition:?} {definition:?}");
        }
    }
}
