//! Binding of comparisons: exact, or decided by the types.

use arrow_array::{Array, ArrayRef};
use arrow_ord::partition::partition;
use arrow_ord::sort::sort;
use arrow_schema::DataType;
use arrow_select::concat::concat;

use super::bind::{Operand, cast_to, describe, folded, invalid, located};
use super::bound::{Bound, CompareOp};
use super::bound_info::literal_of;
use super::coerce::{Meeting, meeting};
use super::literal::Literal;
use super::place::{Misfit, Place, place};
use super::simplify::truth;
use super::types::{is_comparable, is_date_or_timestamp, is_string, is_time, type_name, value_type};
use crate::error::{ErrorCode, Result, SpillwayError};

/// Binds a comparison.
pub(super) fn compare(op: CompareOp, left: Operand, right: Operand) -> Result<Bound> {
    let (left, right) = (as_constant(left), as_constant(right));
    match (left, right) {
        (Operand::Literal(left), Operand::Literal(right)) => {
            // A text takes the other's type.
            if matches!(left, Literal::String(_)) && !matches!(right, Literal::String(_) | Literal::Null) {
                return with_literal(op.flipped(), Operand::Literal(right).typed()?, &left);
            }
            with_literal(op, Operand::Literal(left).typed()?, &right)
        }
        (Operand::Bound(left), Operand::Literal(right)) => with_literal(op, left, &right),
        (Operand::Literal(left), Operand::Bound(right)) => with_literal(op.flipped(), right, &left),
        (Operand::Bound(left), Operand::Bound(right)) => with_bound(op, left, right),
    }
}

/// Computed constants are placed as exactly as those that were written.
fn as_constant(operand: Operand) -> Operand {
    match operand {
        Operand::Bound(Bound::Literal(value)) => match literal_of(&value) {
            Some(literal) => Operand::Literal(literal),
            None => Operand::Bound(Bound::Literal(value)),
        },
        other => other,
    }
}

fn with_literal(op: CompareOp, value: Bound, literal: &Literal) -> Result<Bound> {
    let data_type = value.data_type();
    let value_type = value_type(&data_type);
    if !is_comparable(value_type) {
        return Err(cannot_compare(&value, &literal.describe()));
    }
    if *value_type == DataType::Null || *literal == Literal::Null {
        return Ok(truth(None));
    }
    let compared = |op: CompareOp, value: Bound, literal: ArrayRef| {
        folded(Bound::Compare { op, left: Box::new(value), right: Box::new(Bound::Literal(literal)) })
    };
    let known = |value: Bound, truth: bool| folded(Bound::Known { value: Box::new(value), truth });
    match placed(&value, literal)? {
        Place::At(literal) => compared(op, value, literal),
        Place::After(before) => match op {
            CompareOp::Eq => known(value, false),
            CompareOp::Ne => known(value, true),
            CompareOp::Lt | CompareOp::Le => compared(CompareOp::Le, value, before),
            CompareOp::Gt | CompareOp::Ge => compared(CompareOp::Gt, value, before),
        },
        Place::Below => known(value, matches!(op, CompareOp::Ne | CompareOp::Gt | CompareOp::Ge)),
        Place::Above => known(value, matches!(op, CompareOp::Ne | CompareOp::Lt | CompareOp::Le)),
    }
}

fn placed(value: &Bound, literal: &Literal) -> Result<Place> {
    let data_type = value.data_type();
    place(literal, value_type(&data_type)).map_err(|misfit| match misfit {
        Misfit::Kind => cannot_compare(value, &literal.describe()),
        Misfit::Text => {
            let message = format!(
                "Cannot compare {} with {}: the text is no {}; {}",
                describe(value),
                literal.describe(),
                type_name(value_type(&data_type)),
                partners(&data_type)
            );
            located(message, value)
        }
    })
}

fn with_bound(op: CompareOp, left: Bound, right: Bound) -> Result<Bound> {
    let (left_type, right_type) = (left.data_type(), right.data_type());
    let Some(meeting) = meeting(&left_type, &right_type) else {
        return Err(cannot_compare(&left, &describe(&right)));
    };
    if *value_type(&left_type) == DataType::Null || *value_type(&right_type) == DataType::Null {
        return Ok(truth(None));
    }
    let (left_type, right_type) = match meeting {
        Meeting::In(data_type) => (data_type.clone(), data_type),
        Meeting::Apart(left, right) => (left, right),
    };
    let (left, right) = (cast_to(left, &left_type)?, cast_to(right, &right_type)?);
    folded(Bound::Compare { op, left: Box::new(left), right: Box::new(right) })
}

/// Binds a membership: values that the type doesn't have are no members.
pub(super) fn in_list(value: Operand, list: &[Operand]) -> Result<Bound> {
    let value = match as_constant(value) {
        Operand::Literal(Literal::Null) => return Ok(truth(None)),
        other => other.typed()?,
    };
    let data_type = value.data_type();
    if !is_comparable(value_type(&data_type)) {
        return Err(cannot_compare(&value, "a list of values"));
    }
    if *value_type(&data_type) == DataType::Null {
        return Ok(truth(None));
    }
    let mut has_null = false;
    let mut members: Vec<ArrayRef> = Vec::with_capacity(list.len());
    for item in list {
        match as_constant(item.clone()) {
            Operand::Literal(Literal::Null) => has_null = true,
            Operand::Literal(literal) => {
                if let Place::At(member) = placed(&value, &literal)? {
                    members.push(member);
                }
            }
            Operand::Bound(other) => {
                let message = format!(
                    "Cannot look for {} among {}: a list holds constants only; use `eq` and `or`",
                    describe(&value),
                    describe(&other)
                );
                return Err(located(message, if value.columns().is_empty() { &other } else { &value }));
            }
        }
    }
    match (members.len(), has_null) {
        (0, true) => return Ok(truth(None)),
        (0, false) => return folded(Bound::Known { value: Box::new(value), truth: false }),
        _ => {}
    }
    let list = distinct(&members)
        .map_err(|e| SpillwayError::new(ErrorCode::Internal, "Cannot sort the list of an expression").with_cause(&e))?;
    if list.len() == 1 && !has_null {
        let literal = Box::new(Bound::Literal(list));
        return folded(Bound::Compare { op: CompareOp::Eq, left: Box::new(value), right: literal });
    }
    folded(Bound::In { value: Box::new(value), list, has_null })
}

/// The distinct values of arrays of one, ascending.
fn distinct(members: &[ArrayRef]) -> std::result::Result<ArrayRef, arrow_schema::ArrowError> {
    let members: Vec<&dyn Array> = members.iter().map(AsRef::as_ref).collect();
    let sorted = sort(&concat(&members)?, None)?;
    let ranges = partition(std::slice::from_ref(&sorted))?.ranges();
    if ranges.len() == sorted.len() {
        return Ok(sorted);
    }
    let firsts: Vec<ArrayRef> = ranges.iter().map(|range| sorted.slice(range.start, 1)).collect();
    let firsts: Vec<&dyn Array> = firsts.iter().map(AsRef::as_ref).collect();
    concat(&firsts)
}

fn cannot_compare(value: &Bound, other: &str) -> SpillwayError {
    let message = format!("Cannot compare {} with {other}: {}", describe(value), partners(&value.data_type()));
    if value.columns().is_empty() { invalid(message) } else { located(message, value) }
}

/// What values of a type can be compared with, for messages.
fn partners(data_type: &DataType) -> &'static str {
    match value_type(data_type) {
        DataType::Boolean => "compare it with a boolean, or the text 'true' or 'false'",
        other if is_string(other) => "compare it with a string, or cast it to the other's type first",
        other if super::types::is_binary(other) => "compare it with bytes",
        other if is_date_or_timestamp(other) => {
            "compare it with a Date, a Temporal date or instant, or text such as '2026-01-31T10:00:00Z'"
        }
        other if is_time(other) => "compare it with a Temporal.PlainTime, or text such as '10:00:00'",
        other if other.is_numeric() => "compare it with a number, a bigint or decimal text, or cast it first",
        DataType::Duration(_) => "compare it with a column of durations, or cast it to int64 first",
        DataType::Struct(_) => "a struct has no order; compare one of its fields, by `field`",
        _ => "such values have no order; only `isNull` and `isNotNull` work on them",
    }
}
