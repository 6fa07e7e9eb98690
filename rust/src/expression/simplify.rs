//! Rewriting of predicates that keeps what they give, null included.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray};

use super::bound::Bound;

/// A constant predicate; none is null.
#[must_use]
pub fn truth(value: Option<bool>) -> Bound {
    Bound::Literal(Arc::new(BooleanArray::from(vec![value])) as ArrayRef)
}

/// What a constant predicate gives: none if it is no constant, none within if it is null.
#[must_use]
pub fn constant(bound: &Bound) -> Option<Option<bool>> {
    let Bound::Literal(value) = bound else { return None };
    let value = value.as_boolean_opt()?;
    Some(value.is_valid(0).then(|| value.value(0)))
}

/// The conjunction, flat and without what is always true.
#[must_use]
pub fn and(parts: Vec<Bound>) -> Bound {
    joined(parts, false)
}

/// The disjunction, flat and without what is always false.
#[must_use]
pub fn or(parts: Vec<Bound>) -> Bound {
    joined(parts, true)
}

/// `decisive` decides alone: false a conjunction, true a disjunction.
fn joined(parts: Vec<Bound>, decisive: bool) -> Bound {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match (part, decisive) {
            (Bound::And(inner), false) | (Bound::Or(inner), true) => flat.extend(inner),
            (part, _) => flat.push(part),
        }
    }
    if flat.iter().any(|part| constant(part) == Some(Some(decisive))) {
        return truth(Some(decisive));
    }
    flat.retain(|part| constant(part) != Some(Some(!decisive)));
    let mut seen_null = false;
    flat.retain(|part| constant(part) != Some(None) || !std::mem::replace(&mut seen_null, true));
    match (flat.len(), decisive) {
        (0, _) => truth(Some(!decisive)),
        (1, _) => flat.remove(0),
        (_, false) => Bound::And(flat),
        (_, true) => Bound::Or(flat),
    }
}

/// The negation, pushed inwards as far as three-valued logic allows.
#[must_use]
pub fn not(predicate: Bound) -> Bound {
    if let Some(value) = constant(&predicate) {
        return truth(value.map(|value| !value));
    }
    match predicate {
        Bound::Compare { op, left, right } => Bound::Compare { op: op.negated(), left, right },
        Bound::Known { value, truth } => Bound::Known { value, truth: !truth },
        Bound::And(parts) => or(parts.into_iter().map(not).collect()),
        Bound::Or(parts) => and(parts.into_iter().map(not).collect()),
        Bound::Not(inner) => *inner,
        other => Bound::Not(Box::new(other)),
    }
}
