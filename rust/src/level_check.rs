//! Levels of nested columns that no writer gives: parquet believes them, and gives other rows by how many are read at
//! once.
//!
//! Levels are stored in as many bits as the highest one takes, so that 6 and 7 can be written where 5 is the highest, and
//! a run's level in whole bytes, so that 2 can be written where 1 is.
//!
//! And a repetition level tells which of the lists around a value goes on with it. That list has an element, and had one
//! before it, so that the definition levels of both values are at least that of its elements. All others end where a
//! value says that a list is null or empty, and that is where a look is taken: values within all lists cost nothing more.

use parquet::column::page::Page;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;

use crate::element_levels::ElementLevels;
use crate::level_window::LevelWindow;
use crate::page_levels::PageLevels;
use crate::repetitions::Repetitions;

/// Checks the levels of a column chunk's pages, one after the other.
pub(crate) struct LevelCheck {
    /// The most that repetition and definition levels can be.
    most: [i16; 2],
    elements: ElementLevels,
    /// Repetition levels that all are.
    repetitions: LevelWindow,
    /// Definition levels of values that are within all lists.
    definitions: LevelWindow,
    /// The highest repetition level that the next page may begin with.
    open: u32,
}

/// What is wrong with levels.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// One is higher than the highest.
    TooHigh,
    /// A list goes on that is null, empty or none.
    NoList,
}

impl LevelCheck {
    /// Before the first page of a column chunk.
    pub(crate) fn new(column: &ColumnDescriptor, elements: &ElementLevels) -> Self {
        let most = [column.max_rep_level(), column.max_def_level()];
        let innermost = elements.last().copied().unwrap_or(0);
        Self {
            most,
            elements: ElementLevels::clone(elements),
            repetitions: LevelWindow::new(0..=most[0], most[0]),
            definitions: LevelWindow::new(innermost..=most[1], most[1]),
            open: 0,
        }
    }

    /// Checks the next page.
    ///
    /// Levels that end early, and those of old writers that are packed without runs, are left to parquet.
    ///
    /// # Errors
    /// The page has levels that can't be.
    pub(crate) fn check(&mut self, page: &Page) -> Result<()> {
        let Some(levels) = PageLevels::of(page, self.most) else { return Ok(()) };
        if matches!(page, Page::DataPageV2 { .. }) {
            // It begins with a row.
            self.open = 0;
        }
        self.take(&levels, u64::from(page.num_values())).map_err(|fault| {
            ParquetError::General(match fault {
                Fault::TooHigh => "a page has levels that its column's schema does not".into(),
                Fault::NoList => "a page's levels go on with a list that has no element before".into(),
            })
        })
    }

    /// Passes over a page that is not read.
    pub(crate) fn skip(&mut self) {
        self.open = self.most[0] as u32;
    }

    fn take(&mut self, levels: &PageLevels, values: u64) -> Result<(), Fault> {
        let [most_repetition, most_definition] = self.most.map(|most| most as u32);
        // Of levels that aren't looked at, nothing is known.
        let open = std::mem::replace(&mut self.open, most_repetition);
        if let Some(levels) = levels.repetition {
            self.repetitions.visit_outside(levels, values, |_, _, _| Err(Fault::TooHigh))?;
        }
        let mut repetitions = levels.repetition.map(|levels| Repetitions::new(levels, self.most[0], values));
        let mut goes_on = |lists: u32, first: u64, last: u64| {
            repetitions.as_mut().is_some_and(|levels| levels.any_above(lists, first, last.min(values - 1)))
        };
        if values > 0 && goes_on(open, 0, 0) {
            return Err(Fault::NoList);
        }
        let Some(definition) = levels.definition else { return Ok(()) };
        let mut last = (0, open);
        let is_whole = self.definitions.visit_outside(definition, values, |at, count, level| {
            if level > most_definition {
                return Err(Fault::TooHigh);
            }
            let lists = self.elements.iter().filter(|element| **element as u32 <= level).count() as u32;
            // The value after these cannot go on with more lists either.
            last = (at + count, lists);
            if goes_on(lists, at, at + count) { Err(Fault::NoList) } else { Ok(()) }
        })?;
        if is_whole && last.0 == values {
            self.open = last.1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use parquet::basic::Encoding;
    use parquet::schema::parser::parse_message_type;
    use parquet::schema::types::SchemaDescriptor;

    use super::*;
    use crate::element_levels::element_levels;

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
        let pages = |first: u8, skips: bool, second: fn(&[u8], &[u8], usize) -> Page, repetition: u8| {
            let mut check = check(LISTS_OF_LISTS);
            check.check(&v1(&[2, 0], &[2, first], 1)).expect("first page");
            if skips {
                check.skip();
            }
            check.check(&v1(&[], &[], 0)).expect("empty page");
            check.check(&second(&[2, repetition], &[2, 5], 1)).is_ok()
        };
        for (first, repetition, expected) in
            [(0, 0, true), (1, 1, false), (3, 1, true), (3, 2, false), (4, 2, true), (5, 2, true)]
        {
            assert_eq!(pages(first, false, v1, repetition), expected, "{repetition} after {first}");
            // What was skipped isn't known.
            assert!(pages(first, true, v1, repetition));
            // Pages of version 2 begin with a row.
            assert_eq!(pages(first, false, v2, repetition), repetition == 0);
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
