//! The steps by which one row group is examined, until one of them decides.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef};
use arrow_schema::Schema;

use super::analyse::{analyse, columns};
use super::because::because;
use super::bloom::{BestCase, BloomFacts};
use super::facts::{ColumnFacts, Nulls};
use super::leaf::Leaf;
use super::outcomes::Outcomes;
use super::pages::by_pages;
use super::statistics::{Leaves, RowGroupFacts};
use super::{Evaluate, PruneOptions, RowGroupVerdict, SkipReason, dictionary, guarded, known_values, page_index};
use crate::error::Result;
use crate::expression::bound::{Bound, ColumnRef};
use crate::files::file::ParquetFile;

/// What is the same for all row groups.
pub(super) struct Examination<'a> {
    file: &'a Arc<ParquetFile>,
    conjuncts: Vec<Conjunct<'a>>,
    leaves: Leaves,
    options: PruneOptions,
    evaluate: &'a Evaluate<'a>,
}

/// A part of the predicate that has to be true.
struct Conjunct<'a> {
    predicate: &'a Bound,
    /// The one column that it reads.
    column: Option<ColumnRef>,
}

/// How far a row group's examination has come.
pub(super) enum Stage {
    /// Nothing more is to be learnt.
    Decided(RowGroupVerdict),
    /// Reading may tell more.
    Undecided(Known),
}

/// What statistics tell of a row group that they leave undecided.
pub(super) struct Known {
    row_group: usize,
    facts: RowGroupFacts,
    /// Results of each conjunct.
    outcomes: Vec<Outcomes>,
}

impl<'a> Examination<'a> {
    /// Finds the predicate's columns in the file; nothing is read.
    pub(super) fn new(
        file: &'a Arc<ParquetFile>,
        predicate: &'a Bound,
        schema: &Schema,
        options: PruneOptions,
        evaluate: &'a Evaluate<'a>,
    ) -> Self {
        let mut conjuncts = Vec::new();
        split(predicate, &mut conjuncts);
        let in_schema = |column: &ColumnRef| column.root < schema.fields().len();
        let leaf = |column: ColumnRef| guarded(|| Leaf::find(file, &column)).flatten().map(|leaf| (column, leaf));
        let leaves = columns(predicate).into_iter().filter(in_schema).filter_map(leaf).collect();
        Self { file, conjuncts, leaves, options, evaluate }
    }

    /// What the footer alone tells.
    ///
    /// # Errors
    /// Those of the evaluation.
    pub(super) fn by_statistics(&self, row_group: usize) -> Result<Stage> {
        let facts = RowGroupFacts::new(self.file, &self.leaves, row_group, self.options.statistics);
        let mut outcomes = Vec::with_capacity(self.conjuncts.len());
        for conjunct in &self.conjuncts {
            let mut known = analyse(conjunct.predicate, &facts);
            if let (true, Some(column)) = (known == Outcomes::ANY && facts.rows() > 0, &conjunct.column) {
                let constant = known_values::over_constant(conjunct.predicate, column, &facts, self.evaluate)?;
                known = known.agreed(constant.unwrap_or(known));
            }
            outcomes.push(known);
        }
        let known = Known { row_group, facts, outcomes };
        if let Some(impossible) = known.impossible() {
            let why = because(self.conjuncts[impossible].predicate, &known.facts);
            return Ok(Stage::Decided(known.skipped(SkipReason::Statistics, why)));
        }
        Ok(if known.all_match() { Stage::Decided(known.kept()) } else { Stage::Undecided(known) })
    }

    /// What bloom filters, dictionaries and page indexes tell of a row group.
    ///
    /// # Errors
    /// Those of the evaluation.
    pub(super) fn by_reading(&self, mut known: Known) -> Result<RowGroupVerdict> {
        if self.options.bloom_filters
            && let Some(impossible) = self.by_bloom_filters(&known)
        {
            let names = names(self.conjuncts[impossible].predicate);
            let why = format!("the bloom filter of {names} has no value that is asked for");
            return Ok(known.skipped(SkipReason::BloomFilter, Some(why)));
        }
        if self.options.dictionaries
            && let Some((impossible, count)) = self.by_dictionaries(&mut known)?
        {
            let names = names(self.conjuncts[impossible].predicate);
            let why = format!("none of the {count} distinct values of {names} matches");
            return Ok(known.skipped(SkipReason::Dictionary, Some(why)));
        }
        if known.all_match() || !self.options.page_index {
            return Ok(known.kept());
        }
        let chunks = self.file.metadata.row_group(known.row_group).columns();
        if !self.leaves.values().any(|leaf| page_index::is_indexed(&chunks[leaf.index])) {
            return Ok(known.kept());
        }
        let conjuncts: Vec<(&Bound, Outcomes)> =
            self.conjuncts.iter().map(|conjunct| conjunct.predicate).zip(known.outcomes.iter().copied()).collect();
        let pages = guarded(|| by_pages(self.file, &self.leaves, known.row_group, &conjuncts, &known.facts)).flatten();
        let Some(pages) = pages else { return Ok(known.kept()) };
        let kept: u64 = pages.keep.iter().map(|rows| rows.end - rows.start).sum();
        let skipped = pages.keep.is_empty();
        Ok(RowGroupVerdict {
            all_match: pages.all_match && !skipped,
            skipped_by: skipped.then_some(SkipReason::PageIndex),
            because: skipped.then(|| format!("none of {} pages has rows that match", pages.pages)),
            pages: pages.pages,
            pages_skipped: pages.pages_skipped,
            rows_skipped: known.facts.rows() - kept,
            keep: pages.keep,
            ..known.kept()
        })
    }

    /// The conjunct that bloom filters exclude. They are read only for conjuncts that they could exclude.
    fn by_bloom_filters(&self, known: &Known) -> Option<usize> {
        let chunks = self.file.metadata.row_group(known.row_group).columns();
        let best_case = BestCase { leaves: &self.leaves, chunks, facts: &known.facts };
        let filters = BloomFacts::new(self.file, &self.leaves, known.row_group, &known.facts);
        let excluded = |conjunct: &Conjunct| {
            !analyse(conjunct.predicate, &best_case).may_be_true()
                && !analyse(conjunct.predicate, &filters).may_be_true()
        };
        self.conjuncts.iter().position(excluded)
    }

    /// The conjunct that a dictionary excludes and how many values that has; else what dictionaries tell is noted.
    fn by_dictionaries(&self, known: &mut Known) -> Result<Option<(usize, usize)>> {
        let mut read: Option<(&ColumnRef, Option<ArrayRef>)> = None;
        // Conjuncts on the same column read its dictionary once.
        let mut order: Vec<usize> = (0..self.conjuncts.len()).collect();
        order.sort_by_key(|index| self.conjuncts[*index].column.as_ref().map(|column| (column.root, &column.fields)));
        for index in order {
            let Conjunct { predicate, column: Some(column) } = &self.conjuncts[index] else { continue };
            let Some(leaf) = self.leaves.get(column).filter(|_| !known.outcomes[index].is_always_true()) else {
                continue;
            };
            if read.as_ref().is_none_or(|(of, _)| *of != column) {
                let values = guarded(|| dictionary::values(self.file, leaf, known.row_group)).flatten();
                read = Some((column, values));
            }
            let Some((_, Some(values))) = &read else { continue };
            let nulls = match known.facts.facts(column).nulls {
                Nulls::None => Nulls::None,
                Nulls::All | Nulls::Unknown => Nulls::Unknown,
            };
            let outcomes = known_values::over(predicate, column, values, nulls, self.evaluate)?;
            if outcomes == Outcomes::NONE {
                continue;
            }
            known.outcomes[index] = known.outcomes[index].agreed(outcomes);
            if !known.outcomes[index].may_be_true() {
                return Ok(Some((index, values.len())));
            }
        }
        Ok(None)
    }
}

impl Known {
    /// The first conjunct that is true for no row.
    fn impossible(&self) -> Option<usize> {
        self.outcomes.iter().position(|outcomes| !outcomes.may_be_true())
    }

    fn all_match(&self) -> bool {
        self.outcomes.iter().all(|outcomes| outcomes.is_always_true())
    }

    fn kept(&self) -> RowGroupVerdict {
        let rows = self.facts.rows();
        RowGroupVerdict {
            row_group: self.row_group,
            keep: std::iter::once(0..rows).filter(|rows| !rows.is_empty()).collect(),
            all_match: self.all_match() && rows > 0,
            skipped_by: None,
            because: None,
            pages_skipped: 0,
            pages: 0,
            rows_skipped: 0,
        }
    }

    fn skipped(&self, by: SkipReason, because: Option<String>) -> RowGroupVerdict {
        let rows = self.facts.rows();
        let because = if rows == 0 { Some("it has no rows".to_owned()) } else { because };
        RowGroupVerdict {
            keep: Vec::new(),
            all_match: false,
            skipped_by: Some(by),
            because,
            rows_skipped: rows,
            ..self.kept()
        }
    }
}

/// The parts that all have to be true.
fn split<'a>(predicate: &'a Bound, conjuncts: &mut Vec<Conjunct<'a>>) {
    match predicate {
        Bound::And(parts) if !parts.is_empty() => parts.iter().for_each(|part| split(part, conjuncts)),
        _ => {
            let mut columns = columns(predicate);
            let column = if columns.len() == 1 { columns.pop() } else { None };
            conjuncts.push(Conjunct { predicate, column });
        }
    }
}

fn names(predicate: &Bound) -> String {
    columns(predicate).into_iter().map(|column| column.name).collect::<Vec<_>>().join(" and ")
}
