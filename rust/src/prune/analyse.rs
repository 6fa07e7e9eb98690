//! Which results a predicate can have over some rows, by facts of their columns alone.
//!
//! Soundness comes first: what is not understood can be anything. Sets of parts are combined as if the parts were
//! independent, which only ever adds results.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, Datum, Scalar};
use arrow_ord::cmp;
use arrow_schema::ArrowError;

use super::facts::{ColumnFacts, bytes_of, comparable, is_nan};
use super::outcomes::Outcomes;
use super::values::{Orders, Values};
use crate::expression::bound::{Bound, ColumnRef, CompareOp, TextOp};

/// The results that a predicate can have over the rows that `facts` are of.
#[must_use]
pub fn analyse(predicate: &Bound, facts: &dyn ColumnFacts) -> Outcomes {
    if facts.rows() == 0 {
        return Outcomes::NONE;
    }
    match predicate {
        Bound::And(parts) => parts.iter().map(|part| analyse(part, facts)).fold(Outcomes::TRUE, Outcomes::and),
        Bound::Or(parts) => parts.iter().map(|part| analyse(part, facts)).fold(Outcomes::FALSE, Outcomes::or),
        Bound::Not(part) => analyse(part, facts).negated(),
        Bound::Compare { op, left, right } => compare(*op, left, right, facts),
        Bound::In { value, list, has_null } => is_in(value, list, *has_null, facts),
        Bound::Known { value, truth } => {
            let values = Values::of(value, facts);
            Outcomes::of(values.may_be_value() && *truth, values.may_be_value() && !truth, values.null)
        }
        Bound::IsNull(value) if is_predicate(value) => {
            let outcomes = analyse(value, facts);
            Outcomes::of(outcomes.may_be_null(), outcomes.may_be_true() || outcomes.may_be_false(), false)
        }
        Bound::IsNull(value) => {
            let values = Values::of(value, facts);
            Outcomes::of(values.null, values.may_be_value(), false)
        }
        Bound::IsNan(value) => {
            let values = Values::of(value, facts);
            Outcomes::of(values.nan, values.ordinary, values.null)
        }
        Bound::Text { op, value, pattern } => text(*op, &Values::of(value, facts), pattern),
        Bound::Column(_) | Bound::Literal(_) => boolean(&Values::of(predicate, facts)),
        Bound::Arithmetic { .. } | Bound::Cast { .. } | Bound::Call { .. } => Outcomes::ANY,
    }
}

/// Whether an expression is one of those that only give true, false and null.
fn is_predicate(expression: &Bound) -> bool {
    !matches!(
        expression,
        Bound::Column(_) | Bound::Literal(_) | Bound::Arithmetic { .. } | Bound::Cast { .. } | Bound::Call { .. }
    )
}

fn boolean(values: &Values) -> Outcomes {
    let bound = |bound: &Option<ArrayRef>| bound.as_ref()?.as_boolean_opt().map(|bound| bound.value(0));
    Outcomes::of(
        values.ordinary && bound(&values.upper) != Some(false),
        values.ordinary && bound(&values.lower) != Some(true),
        values.null,
    )
}

fn compare(op: CompareOp, left: &Bound, right: &Bound, facts: &dyn ColumnFacts) -> Outcomes {
    let (a, b) = (Values::of(left, facts), Values::of(right, facts));
    let mut orders = a.orders(&b);
    if let (true, CompareOp::Eq | CompareOp::Ne, Some((column, value))) =
        (orders.equal, op, column_and_literal(left, right))
    {
        orders.equal = may_hold(facts, column, value, 0);
    }
    let values = a.may_be_value() && b.may_be_value();
    let Orders { less, equal, greater } = orders;
    let (may_be_true, may_be_false) = match op {
        CompareOp::Eq => (equal, less || greater),
        CompareOp::Ne => (less || greater, equal),
        CompareOp::Lt => (less, equal || greater),
        CompareOp::Le => (less || equal, greater),
        CompareOp::Gt => (greater, less || equal),
        CompareOp::Ge => (greater || equal, less),
    };
    Outcomes::of(values && may_be_true, values && may_be_false, a.null || b.null)
}

fn column_and_literal<'a>(left: &'a Bound, right: &'a Bound) -> Option<(&'a ColumnRef, &'a ArrayRef)> {
    match (left, right) {
        (Bound::Column(column), Bound::Literal(value)) | (Bound::Literal(value), Bound::Column(column)) => {
            Some((column, value))
        }
        _ => None,
    }
}

fn may_hold(facts: &dyn ColumnFacts, column: &ColumnRef, values: &ArrayRef, index: usize) -> bool {
    comparable(values).is_none_or(|values| facts.may_hold(column, &values, index))
}

fn is_in(value: &Bound, list: &ArrayRef, has_null: bool, facts: &dyn ColumnFacts) -> Outcomes {
    let values = Values::of(value, facts);
    let Some(list) = comparable(list) else { return Outcomes::ANY };
    let candidates = candidates(&values, &list);
    let column = match value {
        Bound::Column(column) => Some(column),
        _ => None,
    };
    let holds = |index: usize| column.is_none_or(|column| facts.may_hold(column, &list, index));
    let found = candidates.iter().any(|index| holds(*index));
    // All rows have the one value that is in the list.
    let certain = candidates.first().is_some_and(|index| {
        let Orders { less, equal, greater } = values.orders(&Values::constant(&list, *index));
        equal && !less && !greater
    });
    let missed = values.may_be_value() && !certain;
    Outcomes::of(found, missed && !has_null, values.null || (missed && has_null))
}

/// A comparison of arrow's.
type Kernel = fn(&dyn Datum, &dyn Datum) -> Result<BooleanArray, ArrowError>;

/// The items of a list that the values can equal.
fn candidates(values: &Values, list: &ArrayRef) -> Vec<usize> {
    // A bound of another type tells nothing.
    let test = |kernel: Kernel, bound: &Option<ArrayRef>| {
        bound.as_ref().and_then(|bound| kernel(list, &Scalar::new(ArrayRef::clone(bound))).ok())
    };
    let (above, below) = (test(cmp::gt_eq, &values.lower), test(cmp::lt_eq, &values.upper));
    let passes = |mask: &Option<BooleanArray>, index: usize| mask.as_ref().is_none_or(|mask| mask.value(index));
    (0..list.len())
        .filter(|index| {
            if is_nan(list, *index) {
                values.nan
            } else {
                list.is_valid(*index) && values.ordinary && passes(&above, *index) && passes(&below, *index)
            }
        })
        .collect()
}

fn text(op: TextOp, values: &Values, pattern: &str) -> Outcomes {
    let (prefix, rest) = match op {
        TextOp::StartsWith => (Cow::Borrowed(pattern), Rest::Any),
        TextOp::Like => like_prefix(pattern),
        TextOp::EndsWith | TextOp::Contains | TextOp::Matches => (Cow::Borrowed(""), Rest::Unknown),
    };
    let prefix = prefix.as_bytes();
    let lower = values.lower.as_ref().and_then(|bound| bytes_of(bound, 0));
    let upper = values.upper.as_ref().and_then(|bound| bytes_of(bound, 0));
    // Texts with the prefix lie together: all before them are less than it, all behind have a greater start.
    let behind = lower.is_some_and(|lower| lower[..lower.len().min(prefix.len())] > *prefix);
    let before = upper.is_some_and(|upper| upper < prefix);
    let beyond = rest == Rest::Nothing && lower.is_some_and(|lower| lower > prefix);
    let all_start = [lower, upper].iter().all(|bound| bound.is_some_and(|bound| bound.starts_with(prefix)));
    let always = match rest {
        Rest::Any => all_start || prefix.is_empty(),
        Rest::Nothing => lower == Some(prefix) && upper == Some(prefix),
        Rest::Unknown => false,
    };
    Outcomes::of(values.may_be_value() && !behind && !before && !beyond, values.may_be_value() && !always, values.null)
}

/// What may follow a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Any text.
    Any,
    /// No text.
    Nothing,
    /// Some texts.
    Unknown,
}

/// The text that a `LIKE` pattern begins with before its first wildcard, and what may follow.
fn like_prefix(pattern: &str) -> (Cow<'_, str>, Rest) {
    let mut prefix = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '%' if characters.as_str().chars().all(|rest| rest == '%') => return (Cow::Owned(prefix), Rest::Any),
            '%' | '_' => return (Cow::Owned(prefix), Rest::Unknown),
            '\\' => match characters.next() {
                Some(escaped @ ('%' | '_')) => prefix.push(escaped),
                // How other escapes are read is up to the evaluation.
                _ => return (Cow::Owned(prefix), Rest::Unknown),
            },
            other => prefix.push(other),
        }
    }
    (Cow::Owned(prefix), Rest::Nothing)
}

/// The columns that an expression reads, each once, in order.
#[must_use]
pub fn columns(expression: &Bound) -> Vec<ColumnRef> {
    let mut found = Vec::new();
    collect(expression, &mut found);
    found
}

fn collect(expression: &Bound, found: &mut Vec<ColumnRef>) {
    match expression {
        Bound::Column(column) => {
            if !found.contains(column) {
                found.push(column.clone());
            }
        }
        Bound::Literal(_) => {}
        Bound::Compare { left, right, .. } | Bound::Arithmetic { left, right, .. } => {
            collect(left, found);
            collect(right, found);
        }
        Bound::In { value, .. }
        | Bound::Known { value, .. }
        | Bound::Not(value)
        | Bound::IsNull(value)
        | Bound::IsNan(value)
        | Bound::Text { value, .. }
        | Bound::Cast { value, .. } => collect(value, found),
        Bound::And(parts) | Bound::Or(parts) => parts.iter().for_each(|part| collect(part, found)),
        Bound::Call { arguments, .. } => arguments.iter().for_each(|argument| collect(argument, found)),
    }
}
