//! The values that an expression can take over some rows: a range, NaN, null.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef};
use arrow_ord::ord::make_comparator;
use arrow_schema::{DataType, SortOptions, TimeUnit};

use super::facts::{ColumnFacts, Facts, Nulls, comparable, is_nan, value_type};
use crate::expression::bound::Bound;

/// What an expression can be. Bounds are arrays of one value, neither null nor NaN, in comparable form.
#[derive(Debug, Clone)]
pub(super) struct Values {
    /// Nothing is below it.
    pub(super) lower: Option<ArrayRef>,
    /// Nothing but NaN is above it.
    pub(super) upper: Option<ArrayRef>,
    /// Whether it may be something else than NaN and null.
    pub(super) ordinary: bool,
    /// Whether it may be NaN.
    pub(super) nan: bool,
    /// Whether it may be null.
    pub(super) null: bool,
}

/// How two values can compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Orders {
    pub(super) less: bool,
    pub(super) equal: bool,
    pub(super) greater: bool,
}

impl Values {
    /// Anything at all.
    pub(super) const ANY: Self = Self { lower: None, upper: None, ordinary: true, nan: true, null: true };

    /// What an expression can be; anything for those that are not followed.
    pub(super) fn of(expression: &Bound, facts: &dyn ColumnFacts) -> Self {
        match expression {
            Bound::Column(column) => Self::from_facts(facts.facts(column), &column.data_type),
            Bound::Literal(value) => Self::constant(value, 0),
            Bound::Cast { value, to } => Self::of(value, facts).cast(to),
            _ => Self::ANY,
        }
    }

    /// One value of an array.
    pub(super) fn constant(array: &ArrayRef, index: usize) -> Self {
        let nothing = Self { lower: None, upper: None, ordinary: false, nan: false, null: false };
        if index >= array.len() {
            return Self::ANY;
        }
        // A null of a dictionary's values is only seen once they are unpacked.
        let Some(value) = comparable(&array.slice(index, 1)) else { return Self::ANY };
        if value.is_null(0) || value.data_type() == &DataType::Null {
            Self { null: true, ..nothing }
        } else if is_nan(&value, 0) {
            Self { nan: true, ..nothing }
        } else {
            Self { lower: Some(Arc::clone(&value)), upper: Some(value), ordinary: true, ..nothing }
        }
    }

    fn from_facts(facts: Facts, data_type: &DataType) -> Self {
        let Facts { lower, upper, nulls, may_be_nan } = facts;
        if nulls == Nulls::All {
            return Self { lower: None, upper: None, ordinary: false, nan: false, null: true };
        }
        let bound = |bound: Option<ArrayRef>| {
            let bound = comparable(&bound.filter(|bound| bound.len() == 1)?)?;
            (bound.is_valid(0) && !is_nan(&bound, 0)).then_some(bound)
        };
        Self {
            lower: bound(lower),
            upper: bound(upper),
            ordinary: true,
            nan: may_be_nan && value_type(data_type).is_floating(),
            null: nulls != Nulls::None,
        }
    }

    /// The values after a cast, where that keeps their order and value.
    fn cast(self, to: &DataType) -> Self {
        let nan = self.ordinary || self.nan;
        let nothing_known = Self { lower: None, upper: None, ordinary: nan, nan, null: true };
        let Some(from) = self.lower.as_ref().or(self.upper.as_ref()).map(|bound| bound.data_type().clone()) else {
            return nothing_known;
        };
        if from == *to {
            return self;
        }
        if !is_widening(&from, to) {
            return nothing_known;
        }
        let bound = |bound: Option<ArrayRef>| {
            let cast = arrow_cast::cast(&bound?, to).ok()?;
            comparable(&cast).filter(|cast| cast.is_valid(0))
        };
        // A date may be beyond a timestamp's range, where it becomes null.
        let null = self.null || to.is_temporal();
        Self { lower: bound(self.lower), upper: bound(self.upper), null, ..self }
    }

    /// How these values can compare with others.
    pub(super) fn orders(&self, other: &Self) -> Orders {
        let below = |a: &Option<ArrayRef>, b: &Option<ArrayRef>| order(a.as_ref(), b.as_ref());
        let low_high = below(&self.lower, &other.upper);
        let high_low = below(&self.upper, &other.lower);
        let both = self.ordinary && other.ordinary;
        Orders {
            less: self.ordinary
                && (other.nan || (both && !matches!(low_high, Some(Ordering::Equal | Ordering::Greater)))),
            equal: (self.nan && other.nan)
                || (both && low_high != Some(Ordering::Greater) && high_low != Some(Ordering::Less)),
            greater: other.ordinary
                && (self.nan || (both && !matches!(high_low, Some(Ordering::Equal | Ordering::Less)))),
        }
    }

    /// Whether it may be something else than null.
    pub(super) fn may_be_value(&self) -> bool {
        self.ordinary || self.nan
    }

    /// The one value that all rows have, apart from nulls.
    pub(super) fn single(&self) -> Option<&ArrayRef> {
        let (lower, upper) = (self.lower.as_ref()?, self.upper.as_ref()?);
        // Floats that are equal may differ in their sign of zero, which functions may tell apart.
        let one = !self.nan && !lower.data_type().is_floating() && order(Some(lower), Some(upper))?.is_eq();
        one.then_some(lower)
    }
}

/// The order of two single values; `None` where one is not known or they have different types.
pub(super) fn order(a: Option<&ArrayRef>, b: Option<&ArrayRef>) -> Option<Ordering> {
    let (a, b) = (a?, b?);
    if a.data_type() != b.data_type() || a.data_type().is_nested() {
        return None;
    }
    Some(make_comparator(a, b, SortOptions::default()).ok()?(0, 0))
}

/// Whether a cast keeps every value, or gives null, and keeps their order.
fn is_widening(from: &DataType, to: &DataType) -> bool {
    use DataType::{Date32, Float16, Float32, Float64, Timestamp};
    let width = |data_type: &DataType| data_type.primitive_width().unwrap_or(0);
    let is_utc =
        |zone: &Option<Arc<str>>| zone.as_ref().is_none_or(|zone| matches!(zone.as_ref(), "UTC" | "+00:00" | "Z"));
    match (from, to) {
        (Float16, Float32 | Float64) | (Float32, Float64) => true,
        // A 64-bit integer is rounded, which keeps the order, if not the value.
        (from, Float64) if from.is_integer() => true,
        (from, to) if from.is_integer() && to.is_integer() => {
            let signs = (from.is_signed_integer(), to.is_signed_integer());
            width(from) < width(to) && signs != (true, false)
        }
        (Date32, Timestamp(_, zone)) => is_utc(zone),
        (Timestamp(from, from_zone), Timestamp(to, to_zone)) => from_zone == to_zone && rank(*from) <= rank(*to),
        _ => false,
    }
}

fn rank(unit: TimeUnit) -> u8 {
    match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 1,
        TimeUnit::Microsecond => 2,
        TimeUnit::Nanosecond => 3,
    }
}
