//! Points of time by ISO 8601, also of years with a sign and more than four digits, as writers have them that go so far.

use arrow_array::timezone::Tz;
use arrow_cast::parse::string_to_datetime;

/// The calendar repeats after so many years, which have this many seconds.
const CYCLE_YEARS: i64 = 400;
const CYCLE_SECONDS: i64 = 146_097 * 86_400;
/// Digits of a year with a sign: more are beyond the calendars of readers.
const YEAR_DIGITS: std::ops::RangeInclusive<usize> = 4..=6;

/// Seconds since 1970, and nanoseconds behind them. A text without a zone is in `zone`.
#[must_use]
pub fn instant(text: &str, zone: Tz) -> Option<(i64, i64)> {
    let Some((year, rest)) = signed_year(text) else { return of_four_digits(text, zone) };
    let from_2000 = year - 2000;
    let (seconds, nanos) = of_four_digits(&format!("{}{rest}", 2000 + from_2000.rem_euclid(CYCLE_YEARS)), zone)?;
    Some((seconds + from_2000.div_euclid(CYCLE_YEARS) * CYCLE_SECONDS, nanos))
}

/// The length of the day that a text begins with, in bytes, if it begins with one.
#[must_use]
pub fn day_length(text: &str) -> usize {
    let year = signed_year(text).map_or(4, |(_, rest)| text.len() - rest.len());
    year + "-01-01".len()
}

/// A year with a sign in front, and what follows it.
fn signed_year(text: &str) -> Option<(i64, &str)> {
    let digits = text.strip_prefix(['+', '-'])?;
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let is_year = YEAR_DIGITS.contains(&length) && digits.as_bytes().get(length) == Some(&b'-');
    let (year, rest) = text.split_at(1 + length);
    is_year.then(|| year.parse().ok().map(|year| (year, rest))).flatten()
}

/// What arrow's parser says, which knows years of four digits only.
fn of_four_digits(text: &str, zone: Tz) -> Option<(i64, i64)> {
    let moment = string_to_datetime(&zone, text).ok()?;
    Some((moment.timestamp(), i64::from(moment.timestamp_subsec_nanos())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_may_have_a_sign_and_up_to_six_digits() {
        let utc: Tz = "+00:00".parse().expect("a zone");
        for (text, expected) in [
            ("1970-01-02T00:00:01.5", Some((86_401, 500_000_000))),
            ("+1970-01-02T00:00:01.5", Some((86_401, 500_000_000))),
            ("+10000-01-01T00:00:00", Some((253_402_300_800, 0))),
            ("+52951-07-27T10:00:00Z", Some((1_608_822_900_000, 0))),
            ("-0001-12-31T23:59:59.999", Some((-62_167_219_201, 999_000_000))),
            ("+10000-01-01T02:00:00+02:00", Some((253_402_300_800, 0))),
            ("+12000-02-29", Some((316_521_302_400, 0))),
            ("+11900-02-29", None),
            ("+999-01-01T00:00:00", None),
            ("+1000000-01-01T00:00:00", None),
            ("10000-01-01T00:00:00", None),
            ("+2024", None),
            ("-", None),
            ("+ä", None),
            ("", None),
        ] {
            assert_eq!(instant(text, utc), expected, "{text:?}");
        }
    }

    #[test]
    fn days_end_where_times_begin() {
        for text in ["2024-05-06T", "+12024-05-06T", "-0001-05-06T"] {
            assert_eq!(day_length(text), text.len() - 1, "{text}");
        }
    }
}
