//! Which rows of a file a predicate can be true for, told from metadata, so that the others are neither read nor decoded.
//!
//! A row group is examined with what is cheap first: the footer's statistics, then bloom filters and dictionaries, then
//! the page index. Each gives the set of results that the predicate can have; a row group is skipped when true is not
//! among them. Metadata that is missing, doubtful or corrupt only ever makes more rows stay.

pub mod analyse;
mod because;
mod bloom;
mod dictionary;
mod examine;
pub mod facts;
mod known_values;
mod leaf;
mod lone_chunk;
pub mod outcomes;
mod page_index;
mod pages;
mod statistics;
mod values;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::Schema;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use self::examine::{Examination, Stage};
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::expression::bound::Bound;
use crate::files::file::ParquetFile;

/// Evaluates an expression on a batch whose columns its column references are of; null stays null.
pub type Evaluate<'a> = dyn Fn(&Bound, &RecordBatch) -> Result<BooleanArray> + Sync + 'a;

/// What pruning may use; all of it by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "four switches of a caller")]
pub struct PruneOptions {
    /// The footer's bounds and counts of nulls.
    pub statistics: bool,
    /// Bloom filters, read for equalities that statistics leave undecided.
    pub bloom_filters: bool,
    /// Dictionaries of up to 1 MiB, where they hold all values of a chunk.
    pub dictionaries: bool,
    /// Bounds and counts of nulls of pages.
    pub page_index: bool,
}

impl Default for PruneOptions {
    fn default() -> Self {
        Self { statistics: true, bloom_filters: true, dictionaries: true, page_index: true }
    }
}

/// What showed that nothing of a row group matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SkipReason {
    /// The footer's statistics.
    Statistics,
    /// Bloom filters.
    BloomFilter,
    /// Dictionaries.
    Dictionary,
    /// The page index.
    PageIndex,
}

/// What is to be read of a row group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowGroupVerdict {
    /// Index in the file.
    pub row_group: usize,
    /// Rows within the row group that may match, ascending, with gaps between; none where it is skipped.
    pub keep: Vec<Range<u64>>,
    /// Whether every kept row certainly matches, so that the predicate need not be evaluated; false if none is kept.
    pub all_match: bool,
    /// What showed that nothing matches.
    pub skipped_by: Option<SkipReason>,
    /// Why nothing matches, such as "price is at most 12.50".
    pub because: Option<String>,
    /// Pages of the predicate's columns of which no row is kept; 0 where the page index was not used.
    pub pages_skipped: u64,
    /// Pages of the predicate's columns, as far as the page index was used.
    pub pages: u64,
    /// Rows that are not kept.
    pub rows_skipped: u64,
}

/// Finds what is to be read of row groups, in their order.
///
/// Field i of `schema` is field i of the file's schema, in the type that the predicate sees. Statistics cost no reading;
/// row groups that they leave undecided are examined in parallel, which reads bloom filters, dictionaries and page indexes
/// of the predicate's columns. Nothing is kept of what was read.
///
/// # Errors
/// `INVALID_ARGUMENT` for a row group that the file does not have, and what `evaluate` fails with; never because of the
/// file's metadata.
pub fn prune(
    file: &Arc<ParquetFile>,
    predicate: &Bound,
    schema: &Schema,
    row_groups: &[usize],
    options: &PruneOptions,
    evaluate: &Evaluate,
) -> Result<Vec<RowGroupVerdict>> {
    let count = file.metadata.num_row_groups();
    if let Some(missing) = row_groups.iter().find(|index| **index >= count) {
        let message = format!("Cannot filter row group {missing}: the file has {count}; give indices below that");
        return Err(SpillwayError::new(ErrorCode::InvalidArgument, message).at_path(&file.path));
    }
    let examination = Examination::new(file, predicate, schema, *options, evaluate);
    let stages =
        row_groups.iter().map(|row_group| examination.by_statistics(*row_group)).collect::<Result<Vec<_>>>()?;
    let undecided = stages.iter().filter(|stage| matches!(stage, Stage::Undecided(_))).count();
    let finish = |stage| match stage {
        Stage::Decided(verdict) => Ok(verdict),
        Stage::Undecided(known) => examination.by_reading(known),
    };
    // Threads are worth their start only for reading, and for more than one row group.
    if undecided > 1 { stages.into_par_iter().map(finish).collect() } else { stages.into_iter().map(finish).collect() }
}

/// Runs what parses metadata; a panic, which parquet may raise on a file that lies about itself, gives `None`.
fn guarded<T>(body: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(body)).ok()
}
