//! Facts of columns over row groups and pages, from the statistics that a file has of them.
//!
//! Statistics have been written wrongly in many ways, so what is doubtful is left out: bounds whose order is not known,
//! bounds that are NaN or upside down, deprecated bounds of types that were compared wrongly. Bounds that are truncated
//! stay bounds. NaN is in no bounds, so that every column of floats may hold it.

use std::collections::HashMap;

use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field};
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics;

use super::facts::{ColumnFacts, Facts, Nulls, comparable, is_nan};
use super::leaf::{BoundOrder, Leaf};
use super::values::order;
use crate::expression::bound::ColumnRef;
use crate::files::file::ParquetFile;

/// The leaves of a predicate's columns; columns without a leaf of their own are not in it.
pub(super) type Leaves = HashMap<ColumnRef, Leaf>;

/// Facts of the columns of one row group.
pub(super) struct RowGroupFacts {
    rows: u64,
    facts: HashMap<ColumnRef, Facts>,
}

impl RowGroupFacts {
    /// From the footer's statistics, or without them where `statistics` is false.
    pub(super) fn new(file: &ParquetFile, leaves: &Leaves, row_group: usize, statistics: bool) -> Self {
        let row_group = file.metadata.row_group(row_group);
        let facts = |(column, leaf): (&ColumnRef, &Leaf)| {
            let facts = if statistics { of_chunk(file, leaf, row_group) } else { leaf.unknown() };
            (column.clone(), facts)
        };
        Self { rows: row_group.num_rows().max(0) as u64, facts: leaves.iter().map(facts).collect() }
    }
}

impl ColumnFacts for RowGroupFacts {
    fn rows(&self) -> u64 {
        self.rows
    }

    fn facts(&self, column: &ColumnRef) -> Facts {
        self.facts.get(column).cloned().unwrap_or_else(|| Facts::unknown(&column.data_type))
    }
}

impl Leaf {
    /// What its declaration alone tells.
    pub(super) fn unknown(&self) -> Facts {
        let nulls = if self.optional || self.in_optional { Nulls::Unknown } else { Nulls::None };
        Facts { nulls, ..Facts::unknown(&self.wanted) }
    }

    /// Which of `rows` values are null, by a count of nulls and by a histogram of definition levels.
    ///
    /// Writers differ in whether nulls in a struct that is null itself are counted. A count is at least never too large,
    /// and the histogram is exact.
    pub(super) fn nulls(&self, rows: u64, null_count: Option<u64>, levels: Option<&[i64]>) -> Nulls {
        if !self.optional && !self.in_optional {
            return Nulls::None;
        }
        let count =
            |levels: &[i64]| levels.iter().try_fold(0_u64, |sum, level| sum.checked_add(u64::try_from(*level).ok()?));
        let defined = levels.filter(|levels| count(levels) == Some(rows)).and_then(<[i64]>::last);
        match (defined.map(|defined| defined.unsigned_abs()), null_count) {
            (Some(0), None) => Nulls::All,
            (Some(0), Some(count)) if count == rows || self.in_optional => Nulls::All,
            (Some(defined), None | Some(0)) if defined == rows => Nulls::None,
            (None, Some(count)) if count == rows => Nulls::All,
            (None, Some(0)) if !self.in_optional => Nulls::None,
            _ => Nulls::Unknown,
        }
    }

    /// Bounds in the wanted type, or none where they contradict each other.
    pub(super) fn bounds(
        &self,
        lower: Option<ArrayRef>,
        upper: Option<ArrayRef>,
    ) -> (Option<ArrayRef>, Option<ArrayRef>) {
        let known = |bound: Option<ArrayRef>| {
            let bound = bound.filter(|bound| bound.len() == 1 && bound.is_valid(0))?;
            let cast =
                if *bound.data_type() == self.wanted { bound } else { arrow_cast::cast(&bound, &self.wanted).ok()? };
            comparable(&cast).filter(|bound| bound.is_valid(0))
        };
        let (lower, upper) = (known(lower), known(upper));
        let any_nan = [&lower, &upper].into_iter().flatten().any(|bound| is_nan(bound, 0));
        let upside_down = order(lower.as_ref(), upper.as_ref()).is_some_and(std::cmp::Ordering::is_gt);
        if any_nan || upside_down { (None, None) } else { (lower, upper) }
    }

    /// Whether bounds that are stored as bytes have a length that a value of the type can have.
    pub(super) fn fits(&self, bytes: &[u8]) -> bool {
        match self.stored {
            DataType::Decimal32(..) => (1..=4).contains(&bytes.len()),
            DataType::Decimal64(..) => (1..=8).contains(&bytes.len()),
            DataType::Decimal128(..) => (1..=16).contains(&bytes.len()),
            DataType::Decimal256(..) => (1..=32).contains(&bytes.len()),
            _ => true,
        }
    }
}

/// Facts of a leaf's chunk in a row group.
fn of_chunk(file: &ParquetFile, leaf: &Leaf, row_group: &RowGroupMetaData) -> Facts {
    let chunk = row_group.column(leaf.index);
    let Some(statistics) = chunk.statistics() else { return leaf.unknown() };
    let rows = row_group.num_rows().max(0) as u64;
    let levels = level_histogram(chunk);
    let nulls = leaf.nulls(rows, statistics.null_count_opt(), levels);
    let facts = Facts { nulls, ..leaf.unknown() };
    if !is_believed(leaf, statistics) {
        return facts;
    }
    let field = Field::new("column", leaf.stored.clone(), true);
    let schema = file.metadata.file_metadata().schema_descr();
    let Ok(converter) = StatisticsConverter::from_column_index(leaf.index, &field, schema) else { return facts };
    let lower = super::guarded(|| converter.row_group_mins([row_group]).ok()).flatten();
    let upper = super::guarded(|| converter.row_group_maxes([row_group]).ok()).flatten();
    let (lower, upper) = leaf.bounds(lower, upper);
    Facts { lower, upper, ..facts }
}

/// The chunk's histogram of definition levels, if it has one entry a level.
fn level_histogram(chunk: &ColumnChunkMetaData) -> Option<&[i64]> {
    let levels = chunk.definition_level_histogram()?.values();
    (levels.len() == chunk.column_descr().max_def_level() as usize + 1).then_some(levels)
}

/// Whether the bounds of statistics are in the right order and of the right size.
fn is_believed(leaf: &Leaf, statistics: &Statistics) -> bool {
    let in_order = match leaf.order {
        BoundOrder::RightAlsoDeprecated => true,
        BoundOrder::Right => !statistics.is_min_max_deprecated(),
        BoundOrder::Unknown => false,
    };
    let bytes = match statistics {
        Statistics::ByteArray(_) | Statistics::FixedLenByteArray(_) => {
            [statistics.min_bytes_opt(), statistics.max_bytes_opt()]
        }
        _ => [None, None],
    };
    in_order && bytes.into_iter().flatten().all(|bytes| leaf.fits(bytes))
}

/// The one value at an index, as bounds are kept.
pub(super) fn at(values: &ArrayRef, index: usize) -> Option<ArrayRef> {
    (index < values.len()).then(|| values.slice(index, 1))
}
