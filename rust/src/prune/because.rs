//! Why a predicate cannot be true, in words for the printed plan.

use arrow_array::ArrayRef;
use arrow_cast::display::array_value_to_string;

use super::analyse::{analyse, columns};
use super::facts::{ColumnFacts, bytes_of};
use super::values::{Orders, Values};
use crate::expression::bound::{Bound, ColumnRef};

/// Characters of a value that are shown.
const MAX_CHARACTERS: usize = 40;
/// Alternatives that are told, of those that are all impossible.
const MAX_REASONS: usize = 3;

/// Why a predicate is not true for any of the rows; `None` where the facts do not tell.
pub(super) fn because(predicate: &Bound, facts: &dyn ColumnFacts) -> Option<String> {
    match predicate {
        Bound::And(parts) => {
            let impossible = parts.iter().find(|part| !analyse(part, facts).may_be_true());
            impossible.and_then(|part| because(part, facts))
        }
        Bound::Or(parts) => {
            let mut reasons: Vec<String> = parts.iter().filter_map(|part| because(part, facts)).collect();
            reasons.dedup();
            if reasons.len() > MAX_REASONS {
                reasons.truncate(MAX_REASONS);
                reasons.push("more".to_owned());
            }
            (!reasons.is_empty()).then(|| reasons.join(" and "))
        }
        Bound::Compare { left, right, .. } => match (left.as_ref(), right.as_ref()) {
            (Bound::Column(column), other @ Bound::Literal(_)) => compared(column, other, facts),
            _ => all_columns(predicate, facts),
        },
        Bound::IsNull(value) => match value.as_ref() {
            Bound::Column(column) => Some(format!("{} is never null", column.name)),
            _ => None,
        },
        _ => all_columns(predicate, facts),
    }
}

/// The side of a literal that a column is on.
fn compared(column: &ColumnRef, literal: &Bound, facts: &dyn ColumnFacts) -> Option<String> {
    let values = Values::of(&Bound::Column(column.clone()), facts);
    let name = &column.name;
    match (values.orders(&Values::of(literal, facts)), &values.lower, &values.upper) {
        (Orders { greater: false, less: true, .. }, _, Some(upper)) => {
            Some(format!("{name} is at most {}", show(upper)?))
        }
        (Orders { less: false, greater: true, .. }, Some(lower), _) => {
            Some(format!("{name} is at least {}", show(lower)?))
        }
        _ => range(column, facts),
    }
}

fn all_columns(predicate: &Bound, facts: &dyn ColumnFacts) -> Option<String> {
    let known: Vec<String> = columns(predicate).iter().filter_map(|column| range(column, facts)).collect();
    (!known.is_empty()).then(|| known.join(" and "))
}

/// What is known of a column.
fn range(column: &ColumnRef, facts: &dyn ColumnFacts) -> Option<String> {
    let values = Values::of(&Bound::Column(column.clone()), facts);
    let name = &column.name;
    if !values.may_be_value() {
        return Some(format!("{name} is null in all rows"));
    }
    let (lower, upper) = (values.lower.as_ref(), values.upper.as_ref());
    let (low, high) = (lower.and_then(show), upper.and_then(show));
    Some(match (low, high) {
        (Some(_), Some(high)) if values.single().is_some() => format!("{name} is {high} in all rows"),
        (Some(low), Some(high)) => format!("{name} is between {low} and {high}"),
        (Some(low), None) => format!("{name} is at least {low}"),
        (None, Some(high)) => format!("{name} is at most {high}"),
        (None, None) => return None,
    })
}

/// A value in a few characters, text in quotes.
fn show(value: &ArrayRef) -> Option<String> {
    let text = array_value_to_string(value, 0).ok()?;
    let shown: String = text.chars().take(MAX_CHARACTERS).collect();
    let rest = if shown.len() < text.len() { "..." } else { "" };
    let is_text = value.data_type().is_string() && bytes_of(value, 0).is_some();
    Some(if is_text { format!("'{shown}{rest}'") } else { format!("{shown}{rest}") })
}
