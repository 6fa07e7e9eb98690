//! The predicate of a scan, as planning sees it.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_schema::SchemaRef;

use crate::error::{Result, SpillwayError};
use crate::expression::bound::Bound;
use crate::expression::evaluate::Evaluator;
use crate::files::file::ParquetFile;
use crate::prune::{PruneOptions, RowGroupVerdict, prune};
use crate::rows::row_space::Kept;

/// The predicate of a scan, as planning sees it.
#[derive(Debug)]
pub struct Filter {
    /// The predicate as text.
    pub text: String,
    /// What of it can be decided by metadata, bound to the columns of the file.
    pub prunable: Option<Bound>,
    /// The file's schema in the form that columns are decoded in.
    pub schema: SchemaRef,
}

impl Filter {
    /// What of each row group is to be read.
    ///
    /// # Errors
    /// Those of [`prune`].
    pub fn prune(
        &self,
        file: &Arc<ParquetFile>,
        row_groups: &[usize],
        options: PruneOptions,
    ) -> Result<Vec<RowGroupVerdict>> {
        let Some(predicate) = &self.prunable else {
            return Ok(row_groups.iter().map(|index| undecided(file, *index)).collect());
        };
        let evaluate = |bound: &Bound, batch: &RecordBatch| {
            let array = Evaluator::new(bound.clone())?.evaluate(batch)?;
            let results = array.as_boolean_opt().ok_or_else(|| SpillwayError::internal("a predicate gave no booleans"));
            results.cloned()
        };
        prune(file, predicate, &self.schema, row_groups, &options, &evaluate)
    }
}

/// A row group that nothing is known of.
fn undecided(file: &ParquetFile, row_group: usize) -> RowGroupVerdict {
    let rows = file.metadata.row_group(row_group).num_rows().max(0) as u64;
    RowGroupVerdict {
        row_group,
        keep: std::iter::once(0..rows).collect(),
        all_match: false,
        skipped_by: None,
        because: None,
        pages_skipped: 0,
        pages: 0,
        rows_skipped: 0,
    }
}

/// What the verdicts keep.
#[must_use]
pub fn kept(verdicts: &[RowGroupVerdict]) -> Vec<Kept> {
    let kept = |verdict: &RowGroupVerdict| Kept {
        row_group: verdict.row_group,
        rows: verdict.keep.clone(),
        all_match: verdict.all_match,
    };
    verdicts.iter().map(kept).collect()
}
