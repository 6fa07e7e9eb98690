//! Which type holds the values of a column, told from their texts.

use std::ops::BitOrAssign;

use arrow_array::types::{Decimal128Type, Float64Type, Int64Type};
use arrow_schema::{ArrowError, DataType, TimeUnit};

use crate::text::csv::moment::{Clock, Resolution};
use crate::text::csv::number::{boolean, decimal, integer};
use crate::text::csv::rules::Rules;

/// Decimal digits that `Decimal128` holds.
const MOST_DIGITS: u8 = 38;
/// Days from 1970 on, and back, that can be counted in nanoseconds.
const DAYS_OF_NANOS: u32 = 106_751;

/// What values look like: the union of what each of them does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shape(u16);

impl Shape {
    const BOOLEAN: Self = Self(1);
    const INTEGER: Self = Self(1 << 1);
    /// An integer that no float is.
    const LARGE: Self = Self(1 << 2);
    /// An integer beyond 64 bits.
    const HUGE: Self = Self(1 << 3);
    const FLOAT: Self = Self(1 << 4);
    const DAY: Self = Self(1 << 5);
    const MOMENT: Self = Self(1 << 6);
    const ZONED_MOMENT: Self = Self(1 << 7);
    /// A point of time that microseconds can't tell.
    const FINE: Self = Self(1 << 8);
    /// A point of time that nanoseconds can't tell.
    const FAR: Self = Self(1 << 9);
    const TEXT: Self = Self(1 << 10);

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// The type that holds all values exactly; text where there is none.
    #[must_use]
    pub fn data_type(self) -> DataType {
        let unit = if self.has(Self::FINE) { TimeUnit::Nanosecond } else { TimeUnit::Microsecond };
        let moments = Self::FINE.and(Self::FAR);
        if self == Self::default() || self.has(Self::FINE) && self.has(Self::FAR) {
            DataType::Utf8
        } else if self.is_within(Self::BOOLEAN) {
            DataType::Boolean
        } else if self.is_within(Self::INTEGER.and(Self::LARGE)) {
            DataType::Int64
        } else if self.is_within(Self::INTEGER.and(Self::LARGE).and(Self::HUGE)) {
            DataType::Decimal128(MOST_DIGITS, 0)
        } else if self.is_within(Self::INTEGER.and(Self::FLOAT)) {
            DataType::Float64
        } else if self.is_within(Self::DAY.and(Self::FAR)) {
            DataType::Date32
        } else if self.is_within(Self::DAY.and(Self::MOMENT).and(moments)) {
            DataType::Timestamp(unit, None)
        } else if self.is_within(Self::ZONED_MOMENT.and(moments)) {
            DataType::Timestamp(unit, Some("UTC".into()))
        } else {
            DataType::Utf8
        }
    }
}

impl BitOrAssign for Shape {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Tells what texts look like.
#[derive(Debug)]
pub struct Shapes<'a> {
    rules: &'a Rules,
    dates: bool,
    micros: Clock,
    nanos: Clock,
}

impl<'a> Shapes<'a> {
    /// Shapes by these rules; days and points of time are text unless `dates`.
    ///
    /// # Errors
    /// None but a defect's: arrow knows UTC.
    pub fn new(rules: &'a Rules, dates: bool) -> Result<Self, ArrowError> {
        let clock = |resolution| Clock::new(resolution, Some("UTC"));
        Ok(Self { rules, dates, micros: clock(Resolution::Micro)?, nanos: clock(Resolution::Nano)? })
    }

    /// What a text looks like that is not null.
    #[must_use]
    pub fn of(&self, text: &str) -> Shape {
        let time = if self.dates { self.time(text) } else { None };
        time.or_else(|| self.number(text)).or_else(|| boolean(text).map(|_| Shape::BOOLEAN)).unwrap_or(Shape::TEXT)
    }

    fn number(&self, text: &str) -> Option<Shape> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        match digits.as_bytes() {
            // A zero in front is a part of a code, such as a postal one.
            [b'0', b'0'..=b'9', ..] => None,
            [b'0'..=b'9', ..] if text != "-0" && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(integer::<Int64Type>(text).map_or_else(
                    || huge(text),
                    |value| {
                        let is_float = value as f64 as i128 == i128::from(value);
                        if is_float { Shape::INTEGER } else { Shape::LARGE }
                    },
                ))
            }
            [b'0'..=b'9' | b'.', ..] => self.rules.float::<Float64Type>(text).map(|_| Shape::FLOAT),
            b"inf" | b"NaN" | b"nan" => Some(Shape::FLOAT),
            _ => None,
        }
    }

    fn time(&self, text: &str) -> Option<Shape> {
        // A year with a sign may be a difference, or anything else.
        if text.starts_with(['+', '-']) {
            return None;
        }
        if let Some(day) = self.rules.date(text) {
            return Some(if day.unsigned_abs() > DAYS_OF_NANOS { Shape::DAY.and(Shape::FAR) } else { Shape::DAY });
        }
        let zoned = match &self.rules.timestamp_format {
            Some(pattern) => says_zone(pattern),
            None => Clock::is_zoned(text),
        };
        let moment = if zoned { Shape::ZONED_MOMENT } else { Shape::MOMENT };
        match (self.rules.timestamp(text, &self.micros), self.rules.timestamp(text, &self.nanos)) {
            (Some(_), Some(_)) => Some(moment),
            (Some(_), None) => Some(moment.and(Shape::FAR)),
            (None, Some(_)) => Some(moment.and(Shape::FINE)),
            (None, None) => None,
        }
    }
}

/// An integer beyond 64 bits.
fn huge(text: &str) -> Shape {
    decimal::<Decimal128Type>(text, MOST_DIGITS, 0).map_or(Shape::TEXT, |_| Shape::HUGE)
}

/// Whether a strftime pattern has a part for the offset from UTC.
fn says_zone(pattern: &str) -> bool {
    ["%z", "%:z", "%::z", "%:::z", "%#z", "%+"].iter().any(|part| pattern.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::csv::options::CsvOptions;

    fn inferred(options: &CsvOptions, dates: bool, texts: &[&str]) -> DataType {
        let rules = Rules::new(options).expect("rules");
        let shapes = Shapes::new(&rules, dates).expect("shapes");
        let mut all = Shape::default();
        for text in texts {
            all |= shapes.of(text);
        }
        all.data_type()
    }

    fn of(texts: &[&str]) -> DataType {
        inferred(&CsvOptions::default(), true, texts)
    }

    #[test]
    fn numbers_are_told_from_codes() {
        assert_eq!(of(&["1", "-20", "0"]), DataType::Int64);
        assert_eq!(of(&["1", "007"]), DataType::Utf8);
        assert_eq!(of(&["+4912345"]), DataType::Utf8);
        assert_eq!(of(&["1", "2.5", "1e5", ".5", "-0", "NaN", "-inf"]), DataType::Float64);
        assert_eq!(of(&["00.5"]), DataType::Utf8);
        for text in [" 1", "1 ", "1,5", "0x1", "1e", "1e400", "-", ".", "1-2", "१"] {
            assert_eq!(of(&[text]), DataType::Utf8, "{text:?}");
        }
    }

    #[test]
    fn integers_are_never_rounded() {
        assert_eq!(of(&["9223372036854775807", "-9223372036854775808"]), DataType::Int64);
        assert_eq!(of(&["9223372036854775808", "1"]), DataType::Decimal128(38, 0));
        assert_eq!(of(&["9".repeat(38).as_str()]), DataType::Decimal128(38, 0));
        assert_eq!(of(&["9".repeat(39).as_str()]), DataType::Utf8);
        assert_eq!(of(&["9007199254740992", "0.5"]), DataType::Float64);
        assert_eq!(of(&["9007199254740993", "0.5"]), DataType::Utf8);
        assert_eq!(of(&["9223372036854775808", "0.5"]), DataType::Utf8);
    }

    #[test]
    fn days_and_points_of_time_are_told_by_iso_8601() {
        let utc = || Some("UTC".into());
        assert_eq!(of(&["2024-01-02", "1600-01-02"]), DataType::Date32);
        assert_eq!(of(&["2024-01-02", "2024-01-02T03:04:05"]), DataType::Timestamp(TimeUnit::Microsecond, None));
        assert_eq!(of(&["2024-01-02 03:04:05.123456"]), DataType::Timestamp(TimeUnit::Microsecond, None));
        assert_eq!(of(&["2024-01-02 03:04:05.1234567"]), DataType::Timestamp(TimeUnit::Nanosecond, None));
        assert_eq!(of(&["2024-01-02 03:04:05.1234567", "1600-01-02"]), DataType::Utf8);
        assert_eq!(
            of(&["2024-01-02T03:04:05Z", "2024-01-02T03:04:05-08:00"]),
            DataType::Timestamp(TimeUnit::Microsecond, utc())
        );
        assert_eq!(of(&["2024-01-02T03:04:05Z", "2024-01-02T03:04:05"]), DataType::Utf8);
        assert_eq!(of(&["2024-01-02T03:04:05Z", "2024-01-02"]), DataType::Utf8);
        for text in
            ["2024-02-30", "2024-01", "20240102T030405", "-2024-01-01", "2024-01-02T03:04:05 noon", "2024-01-02T"]
        {
            assert_eq!(of(&[text]), DataType::Utf8, "{text:?}");
        }
        assert_eq!(inferred(&CsvOptions::default(), false, &["2024-01-02"]), DataType::Utf8);
    }

    #[test]
    fn patterns_say_what_days_and_points_of_time_are() {
        let options = |zone: &str| CsvOptions {
            date_format: Some("%Y%m%d".into()),
            timestamp_format: Some(format!("%d.%m.%Y %H:%M{zone}")),
            ..CsvOptions::default()
        };
        assert_eq!(inferred(&options(""), true, &["20240102"]), DataType::Date32);
        assert_eq!(inferred(&options(""), true, &["20240102", "1"]), DataType::Utf8);
        assert_eq!(
            inferred(&options(""), true, &["02.01.2024 03:04"]),
            DataType::Timestamp(TimeUnit::Microsecond, None)
        );
        let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        assert_eq!(inferred(&options(" %z"), true, &["02.01.2024 03:04 +0100"]), utc);
        assert_eq!(inferred(&options(""), true, &["2024-01-02"]), DataType::Utf8);
    }

    #[test]
    fn decimal_commas_are_floats() {
        let options = || CsvOptions { decimal_comma: true, delimiter: ';', ..CsvOptions::default() };
        assert_eq!(inferred(&options(), true, &["1,5", "2"]), DataType::Float64);
        assert_eq!(inferred(&options(), true, &["1.5"]), DataType::Utf8);
        assert_eq!(inferred(&options(), true, &["1,5,5"]), DataType::Utf8);
    }

    #[test]
    fn other_values_are_booleans_or_text() {
        assert_eq!(of(&["true", "False", "TRUE"]), DataType::Boolean);
        assert_eq!(of(&["true", "1"]), DataType::Utf8);
        assert_eq!(of(&[]), DataType::Utf8);
    }
}
