//! Results of a predicate on the values that a column is known to have no others of.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::{Field, Schema};
use arrow_select::concat::concat;

use super::Evaluate;
use super::facts::{ColumnFacts, Nulls};
use super::outcomes::Outcomes;
use super::values::Values;
use crate::error::{Result, SpillwayError};
use crate::expression::bound::{Bound, ColumnRef};

/// Results of a predicate on a column over these values, and over null unless there is none.
///
/// # Errors
/// Those of the evaluation.
pub(super) fn over(
    predicate: &Bound,
    column: &ColumnRef,
    values: &ArrayRef,
    nulls: Nulls,
    evaluate: &Evaluate,
) -> Result<Outcomes> {
    let failed = |error| SpillwayError::from_arrow(&error);
    let null = new_null_array(values.data_type(), 1);
    let values = match nulls {
        Nulls::None => Arc::clone(values),
        Nulls::All => null,
        Nulls::Unknown => concat(&[values.as_ref(), null.as_ref()]).map_err(failed)?,
    };
    // As the batches have it, which may be as a dictionary.
    let values = arrow_cast::cast(&values, &column.data_type).map_err(failed)?;
    let schema = Schema::new(vec![Field::new(&column.name, column.data_type.clone(), true)]);
    let options = RecordBatchOptions::new().with_row_count(Some(values.len()));
    let batch = RecordBatch::try_new_with_options(Arc::new(schema), vec![values], &options).map_err(failed)?;
    let results = evaluate(&alone(predicate), &batch)?;
    Ok(results.iter().map(Outcomes::only).fold(Outcomes::NONE, Outcomes::union))
}

/// Results over a row group in which a column has one value, where the facts tell so.
pub(super) fn over_constant(
    predicate: &Bound,
    column: &ColumnRef,
    facts: &dyn ColumnFacts,
    evaluate: &Evaluate,
) -> Result<Option<Outcomes>> {
    let known = facts.facts(column);
    if known.nulls == Nulls::All {
        let nothing = new_null_array(super::facts::value_type(&column.data_type), 0);
        return over(predicate, column, &nothing, Nulls::All, evaluate).map(Some);
    }
    let values = Values::of(&Bound::Column(column.clone()), facts);
    let Some(value) = values.single() else { return Ok(None) };
    over(predicate, column, value, known.nulls, evaluate).map(Some)
}

/// The predicate on a batch that has its column only.
fn alone(predicate: &Bound) -> Bound {
    let boxed = |part: &Bound| Box::new(alone(part));
    let all = |parts: &[Bound]| parts.iter().map(alone).collect();
    match predicate {
        Bound::Column(column) => Bound::Column(ColumnRef { root: 0, fields: Vec::new(), ..column.clone() }),
        Bound::Literal(value) => Bound::Literal(Arc::clone(value)),
        Bound::Compare { op, left, right } => Bound::Compare { op: *op, left: boxed(left), right: boxed(right) },
        Bound::In { value, list, has_null } => {
            Bound::In { value: boxed(value), list: Arc::clone(list), has_null: *has_null }
        }
        Bound::Known { value, truth } => Bound::Known { value: boxed(value), truth: *truth },
        Bound::And(parts) => Bound::And(all(parts)),
        Bound::Or(parts) => Bound::Or(all(parts)),
        Bound::Not(part) => Bound::Not(boxed(part)),
        Bound::IsNull(value) => Bound::IsNull(boxed(value)),
        Bound::IsNan(value) => Bound::IsNan(boxed(value)),
        Bound::Text { op, value, pattern } => Bound::Text { op: *op, value: boxed(value), pattern: pattern.clone() },
        Bound::Arithmetic { op, left, right } => Bound::Arithmetic { op: *op, left: boxed(left), right: boxed(right) },
        Bound::Cast { value, to } => Bound::Cast { value: boxed(value), to: to.clone() },
        Bound::Call { function, arguments, data_type } => {
            Bound::Call { function: *function, arguments: all(arguments), data_type: data_type.clone() }
        }
    }
}
