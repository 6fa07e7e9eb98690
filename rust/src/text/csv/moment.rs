//! What a cell's text says as a day, a time of the day or a point of time: no digit of it is dropped.

use arrow_array::timezone::Tz;
use arrow_array::types::{Date32Type, Date64Type, Time64NanosecondType};
use arrow_cast::parse::Parser;
use arrow_schema::ArrowError;

use crate::text::instant::{day_length, instant};

const SECONDS_PER_DAY: i64 = 86_400;

/// A day as `2024-05-06`, or with a sign and more digits of the year, in days since 1970.
#[must_use]
pub fn date(text: &str) -> Option<i32> {
    match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] | [b'+' | b'-', ..] => Date32Type::parse(text),
        _ => None,
    }
}

/// A day by a pattern, in days since 1970.
#[must_use]
pub fn date_by(text: &str, pattern: &str) -> Option<i32> {
    Date32Type::parse_formatted(text, pattern)
}

/// How far a type tells time apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// To the second.
    Second,
    /// To a thousandth of it.
    Milli,
    /// To a millionth.
    Micro,
    /// To a thousand millionth.
    Nano,
}

impl Resolution {
    /// Digits of a second.
    const fn digits(self) -> usize {
        match self {
            Self::Second => 0,
            Self::Milli => 3,
            Self::Micro => 6,
            Self::Nano => 9,
        }
    }

    const fn per_second(self) -> i64 {
        10_i64.pow(self.digits() as u32)
    }

    /// A point of time in this resolution; `None` where it is too far away.
    fn since_1970(self, seconds: i64, nanos: i64) -> Option<i64> {
        let fraction = nanos / (Self::Nano.per_second() / self.per_second());
        seconds.checked_mul(self.per_second())?.checked_add(fraction)
    }
}

/// Tells points of time as a column has them.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    resolution: Resolution,
    /// Where texts without a zone are; UTC for a column without one.
    zone: Tz,
    /// Whether the column has a zone. Texts that have one are for such columns only.
    zoned: bool,
}

impl Clock {
    /// A clock for columns of this resolution and zone.
    ///
    /// # Errors
    /// Those of arrow for a zone that is neither UTC nor an offset from it.
    pub fn new(resolution: Resolution, zone: Option<&str>) -> Result<Self, ArrowError> {
        let offset = match zone {
            None | Some("UTC" | "Z" | "Etc/UTC") => "+00:00",
            Some(offset) => offset,
        };
        Ok(Self { resolution, zone: offset.parse()?, zoned: zone.is_some() })
    }

    /// A point of time by ISO 8601, such as `2024-05-06T07:08:09.25+02:00`.
    #[must_use]
    pub fn timestamp(&self, text: &str) -> Option<i64> {
        let time = text.as_bytes().get(day_length(text) + 1..)?;
        if !fits(time, self.resolution) || !self.zoned && has_zone(time) {
            return None;
        }
        let (seconds, nanos) = instant(text, self.zone)?;
        self.resolution.since_1970(seconds, nanos)
    }

    /// Whether a point of time by ISO 8601 says its zone.
    #[must_use]
    pub fn is_zoned(text: &str) -> bool {
        text.as_bytes().get(day_length(text) + 1..).is_some_and(has_zone)
    }

    /// A point of time by a pattern, which says a time of the day too.
    #[must_use]
    pub fn timestamp_by(&self, text: &str, pattern: &str) -> Option<i64> {
        let millis = Date64Type::parse_formatted(text, pattern)?;
        // The first parser knows zones and milliseconds only, the second nanoseconds of the day.
        let nanos = Time64NanosecondType::parse_formatted(text, pattern).map_or(0, |nanos| nanos % 1_000_000);
        let nanos = millis.rem_euclid(1000) * 1_000_000 + nanos;
        let exact = nanos % (Resolution::Nano.per_second() / self.resolution.per_second()) == 0;
        exact.then(|| self.resolution.since_1970(millis.div_euclid(1000), nanos)).flatten()
    }

    /// The first moment of a day; `None` for columns with a zone, since a day has none.
    #[must_use]
    pub fn midnight(&self, days: i32) -> Option<i64> {
        if self.zoned { None } else { self.resolution.since_1970(i64::from(days) * SECONDS_PER_DAY, 0) }
    }
}

/// A time of the day, such as `07:08:09.25`.
#[must_use]
pub fn time<T: Parser>(text: &str, resolution: Resolution) -> Option<T::Native> {
    (text.contains(':') && fits(text.as_bytes(), resolution)).then(|| T::parse(text)).flatten()
}

/// Whether a time of the day has no more digits of a second than the resolution, zeros aside.
fn fits(time: &[u8], resolution: Resolution) -> bool {
    let Some(point) = memchr::memchr(b'.', time) else { return true };
    let digits = time[point + 1..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.skip(resolution.digits()).all(|digit| *digit == b'0')
}

/// Whether something follows the time of a day.
fn has_zone(time: &[u8]) -> bool {
    time.iter().any(|byte| !matches!(byte, b'0'..=b'9' | b':' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::types::{Time32SecondType, Time64MicrosecondType};

    fn clock(resolution: Resolution, zone: Option<&str>) -> Clock {
        Clock::new(resolution, zone).expect("zone")
    }

    #[test]
    fn dates_have_four_two_and_two_digits() {
        assert_eq!((date("1970-01-02"), date("1969-12-31")), (Some(1), Some(-1)));
        assert_eq!(date("+10000-01-01"), Some(2_932_897));
        for text in ["2024-02-30", "2024-1-1", "20240101", "2024-01-01T00:00:00", "2024-01-0a", "", "-", "+ä"] {
            assert_eq!(date(text), None, "{text:?}");
        }
        assert_eq!(date_by("02.01.1970", "%d.%m.%Y"), Some(1));
        assert_eq!(date_by("1970-01-02", "%d.%m.%Y"), None);
    }

    #[test]
    fn timestamps_keep_all_digits_or_are_none() {
        let micro = clock(Resolution::Micro, None);
        assert_eq!(micro.timestamp("1970-01-01T00:00:01.000002"), Some(1_000_002));
        assert_eq!(micro.timestamp("1970-01-01 00:00:01.500000000"), Some(1_500_000));
        assert_eq!(micro.timestamp("1969-12-31T23:59:59.999999"), Some(-1));
        assert_eq!(micro.timestamp("+10000-01-01T00:00:00.5"), Some(253_402_300_800_500_000));
        assert_eq!(micro.timestamp("+10000-01-01T00:00:00Z"), None);
        assert_eq!(micro.midnight(1), Some(86_400_000_000));
        assert_eq!(clock(Resolution::Micro, Some("UTC")).midnight(1), None);
        for text in [
            "1970-01-01T00:00:01.0000001",
            "1970-01-01T00:00:00Z",
            "1970-01-01T00:00:00+01:00",
            "1970-01-01T25:00:00",
            "",
            "1970-01-01T",
            "1970-01-02",
            "now",
            "1970-01-01T00:00:00 ",
            "1970-01-01T00:00:00.",
        ] {
            assert_eq!(micro.timestamp(text), None, "{text:?}");
        }
        let zoned = clock(Resolution::Second, Some("+00:00"));
        assert_eq!(zoned.timestamp("1970-01-01T01:00:00+01:00"), Some(0));
        assert_eq!(zoned.timestamp("1970-01-01T00:00:09Z"), Some(9));
        assert_eq!(zoned.timestamp("1970-01-01T00:00:09"), Some(9));
        assert_eq!(zoned.timestamp("1970-01-01T00:00:09.5"), None);
        assert_eq!(clock(Resolution::Nano, None).timestamp("1970-01-01T00:00:00.123456789"), Some(123_456_789));
        assert_eq!(clock(Resolution::Nano, None).timestamp("2300-01-01T00:00:00"), None);
        assert_eq!(clock(Resolution::Milli, Some("+02:00")).timestamp("1970-01-01T02:00:00.001"), Some(1));
    }

    #[test]
    fn patterns_tell_days_zones_and_parts_of_seconds() {
        let micro = clock(Resolution::Micro, None);
        assert_eq!(micro.timestamp_by("01/02/1970 00:00:00.000001", "%m/%d/%Y %H:%M:%S%.f"), Some(86_400_000_001));
        assert_eq!(micro.timestamp_by("31.12.1969 23:59", "%d.%m.%Y %H:%M"), Some(-60_000_000));
        assert_eq!(micro.timestamp_by("1970-01-01 02:00:00.25 +0200", "%Y-%m-%d %H:%M:%S%.f %z"), Some(250_000));
        assert_eq!(micro.timestamp_by("02.01.1970", "%d.%m.%Y"), None);
        assert_eq!(clock(Resolution::Milli, None).timestamp_by("1970-01-01 0:0:0.0001", "%Y-%m-%d %H:%M:%S%.f"), None);
        assert_eq!(micro.timestamp_by("1970-01-01", "%Q"), None);
    }

    #[test]
    fn times_of_the_day_fit_their_type() {
        assert_eq!(time::<Time64MicrosecondType>("00:00:01.000001", Resolution::Micro), Some(1_000_001));
        assert_eq!(time::<Time64MicrosecondType>("00:00:01.0000001", Resolution::Micro), None);
        assert_eq!(time::<Time32SecondType>("01:02", Resolution::Second), Some(3720));
        assert_eq!(time::<Time32SecondType>("62", Resolution::Second), None);
    }
}
