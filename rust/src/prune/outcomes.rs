//! The results that a predicate can have over some rows.

use std::fmt;

/// A set of the results true, false and null. What is not in it certainly does not occur; what is in it may.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Outcomes(u8);

impl Outcomes {
    /// No result: there are no rows.
    pub const NONE: Self = Self(0);
    /// Always true.
    pub const TRUE: Self = Self(1);
    /// Always false.
    pub const FALSE: Self = Self(2);
    /// Always null.
    pub const NULL: Self = Self(4);
    /// Nothing is known.
    pub const ANY: Self = Self(7);

    const SINGLES: [Self; 3] = [Self::TRUE, Self::FALSE, Self::NULL];

    /// The set of those results that are possible.
    #[must_use]
    pub fn of(may_be_true: bool, may_be_false: bool, may_be_null: bool) -> Self {
        Self(u8::from(may_be_true) | u8::from(may_be_false) << 1 | u8::from(may_be_null) << 2)
    }

    /// The one result `value`.
    #[must_use]
    pub fn only(value: Option<bool>) -> Self {
        match value {
            Some(true) => Self::TRUE,
            Some(false) => Self::FALSE,
            None => Self::NULL,
        }
    }

    /// Whether a row may pass; else all can be skipped.
    #[must_use]
    pub fn may_be_true(self) -> bool {
        self.has(Self::TRUE)
    }

    /// Whether a row may be false.
    #[must_use]
    pub fn may_be_false(self) -> bool {
        self.has(Self::FALSE)
    }

    /// Whether a row may be null.
    #[must_use]
    pub fn may_be_null(self) -> bool {
        self.has(Self::NULL)
    }

    /// Whether every row passes, so that the predicate need not be evaluated.
    #[must_use]
    pub fn is_always_true(self) -> bool {
        self == Self::TRUE
    }

    /// The results of either set.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What two sources of knowledge agree on. Where they exclude each other, one of them lies, and nothing is known.
    #[must_use]
    pub fn agreed(self, other: Self) -> Self {
        match Self(self.0 & other.0) {
            Self::NONE if self != Self::NONE && other != Self::NONE => Self::ANY,
            both => both,
        }
    }

    /// The results of `a AND b`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.combine(other, |a, b| match (a, b) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        })
    }

    /// The results of `a OR b`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.combine(other, |a, b| match (a, b) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        })
    }

    /// The results of `NOT a`.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::of(self.may_be_false(), self.may_be_true(), self.may_be_null())
    }

    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The results of an operator over every pair of results.
    fn combine(self, other: Self, operator: impl Fn(Option<bool>, Option<bool>) -> Option<bool>) -> Self {
        let mut combined = Self::NONE;
        for a in self.values() {
            for b in other.values() {
                combined = combined.union(Self::only(operator(a, b)));
            }
        }
        combined
    }

    fn values(self) -> impl Iterator<Item = Option<bool>> {
        Self::SINGLES.into_iter().filter(move |single| self.has(*single)).map(|single| match single {
            Self::TRUE => Some(true),
            Self::FALSE => Some(false),
            _ => None,
        })
    }
}

impl fmt::Debug for Outcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values().map(|value| value.map_or("null".to_owned(), |v| v.to_string()))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_sets() -> impl Iterator<Item = Outcomes> {
        (0..8).map(Outcomes)
    }

    #[test]
    fn operators_on_single_results_are_those_of_sql() {
        let (t, f, n) = (Outcomes::TRUE, Outcomes::FALSE, Outcomes::NULL);
        for (a, b, and, or) in
            [(t, t, t, t), (t, f, f, t), (t, n, n, t), (f, f, f, f), (f, n, f, n), (n, n, n, n), (f, t, f, t)]
        {
            assert_eq!((a.and(b), b.and(a)), (and, and), "{a:?} and {b:?}");
            assert_eq!((a.or(b), b.or(a)), (or, or), "{a:?} or {b:?}");
        }
        assert_eq!((t.negated(), f.negated(), n.negated()), (f, t, n));
    }

    #[test]
    fn operators_on_sets_are_those_on_all_pairs() {
        for a in all_sets() {
            for b in all_sets() {
                let mut and = Outcomes::NONE;
                for x in a.values() {
                    for y in b.values() {
                        and = and.union(Outcomes::only(x).and(Outcomes::only(y)));
                    }
                }
                assert_eq!(a.and(b), and, "{a:?} and {b:?}");
                assert_eq!(a.and(b).negated(), a.negated().or(b.negated()), "De Morgan on {a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn sources_that_contradict_each_other_tell_nothing() {
        assert_eq!(Outcomes::TRUE.agreed(Outcomes::FALSE), Outcomes::ANY);
        assert_eq!(Outcomes::of(true, true, false).agreed(Outcomes::of(false, true, true)), Outcomes::FALSE);
        assert_eq!(Outcomes::NONE.agreed(Outcomes::TRUE), Outcomes::NONE);
    }

    #[test]
    fn a_set_prints_its_results() {
        assert_eq!(format!("{:?}", Outcomes::of(true, false, true)), r#"{"true", "null"}"#);
    }
}
