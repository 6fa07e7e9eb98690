//! Constants as expressions hold them, before it is known what they stand beside.

use std::fmt;

use arrow_array::timezone::Tz;
use arrow_array::types::{Date32Type, Time64NanosecondType};
use arrow_cast::parse::{Parser, string_to_datetime};
use serde_json::{Map, Value};

use super::exact::Exact;

/// Nanoseconds of a day.
pub const DAY: i128 = 86_400_000_000_000;

/// A constant. Times are counted from 1970 in UTC.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// No value.
    Null,
    /// True or false.
    Boolean(bool),
    /// A number of JavaScript.
    Number(f64),
    /// A bigint of any length.
    BigInt(Exact),
    /// A decimal: what a cast of a constant gives.
    Decimal(Exact),
    /// A text.
    String(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Milliseconds: JavaScript's `Date`.
    Date(i64),
    /// Nanoseconds.
    Instant(i128),
    /// Days.
    PlainDate(i32),
    /// Nanoseconds, of a clock without a zone.
    PlainDateTime(i128),
    /// Nanoseconds of the day.
    PlainTime(i64),
}

impl Literal {
    /// Reads the members `type` and `value`.
    ///
    /// # Errors
    /// Text of what is wrong with them.
    pub fn from_members(members: &Map<String, Value>) -> std::result::Result<Self, String> {
        let kind = members.get("type").and_then(Value::as_str).ok_or("a literal needs a `type`")?;
        let value = members.get("value").unwrap_or(&Value::Null);
        let wrong = || format!("{value} is no value of a literal of type '{kind}'");
        let text = || value.as_str().ok_or_else(wrong);
        Ok(match kind {
            "null" if value.is_null() => Self::Null,
            "boolean" => Self::Boolean(value.as_bool().ok_or_else(wrong)?),
            "number" => Self::Number(number(value).ok_or_else(wrong)?),
            "bigint" => {
                let exact = Exact::parse(text()?).filter(Exact::is_whole);
                Self::BigInt(exact.ok_or_else(wrong)?)
            }
            "string" => Self::String(text()?.to_owned()),
            "bytes" => Self::Bytes(parse_hex(text()?).ok_or_else(wrong)?),
            "date" => {
                let milliseconds = number(value).filter(|number| number.abs() <= 8.64e15 && number.fract() == 0.0);
                Self::Date(milliseconds.ok_or_else(wrong)? as i64)
            }
            "instant" => Self::Instant(text()?.parse().map_err(|_| wrong())?),
            "plainDate" => Self::PlainDate(parse_date(text()?).ok_or_else(wrong)?),
            "plainDateTime" => Self::PlainDateTime(parse_date_time(text()?).ok_or_else(wrong)?),
            "plainTime" => Self::PlainTime(parse_time(text()?).ok_or_else(wrong)?),
            _ => return Err(wrong()),
        })
    }

    /// What it is, for messages: "the number 1.5".
    #[must_use]
    pub fn describe(&self) -> String {
        let kind = match self {
            Self::Null => return "null".into(),
            Self::Boolean(_) => "boolean",
            Self::Number(_) => "number",
            Self::BigInt(_) => "bigint",
            Self::Decimal(_) => "decimal",
            Self::String(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::Date(_) | Self::Instant(_) => "timestamp",
            Self::PlainDate(_) => "date",
            Self::PlainDateTime(_) => "date and time",
            Self::PlainTime(_) => "time",
        };
        format!("the {kind} {self}")
    }

    /// Whether it is a number of some kind.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        matches!(self, Self::Number(_) | Self::BigInt(_) | Self::Decimal(_))
    }

    /// Nanoseconds since 1970 of a date or an instant.
    #[must_use]
    pub fn instant(&self) -> Option<i128> {
        match self {
            Self::Date(milliseconds) => Some(i128::from(*milliseconds) * 1_000_000),
            Self::Instant(nanoseconds) | Self::PlainDateTime(nanoseconds) => Some(*nanoseconds),
            Self::PlainDate(days) => Some(i128::from(*days) * DAY),
            _ => None,
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    match value.as_str() {
        None => value.as_f64(),
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        Some("-0") => Some(-0.0),
        Some(_) => None,
    }
}

/// Bytes of hexadecimal text.
pub(crate) fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| if let [high, low] = pair { Some(digit(*high)? << 4 | digit(*low)?) } else { None }).collect()
}

/// Days since 1970 of an ISO 8601 date.
#[must_use]
pub fn parse_date(text: &str) -> Option<i32> {
    if !matches!(text.len(), 10..=13) {
        return None;
    }
    Date32Type::parse(text)
}

/// Nanoseconds of the day of an ISO 8601 time; more than nine decimals are refused.
#[must_use]
pub fn parse_time(text: &str) -> Option<i64> {
    if text.len() < 5 || !text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.')) {
        return None;
    }
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    if fraction.len() > 9 {
        return None;
    }
    Time64NanosecondType::parse(text).filter(|time| i128::from(*time) < DAY)
}

/// Nanoseconds since 1970 of an ISO 8601 date, with or without a time and an offset; UTC where there is none.
#[must_use]
pub fn parse_date_time(text: &str) -> Option<i128> {
    let split = text.find(['T', 't', ' ']);
    let Some(split) = split else { return parse_date(text).map(|days| i128::from(days) * DAY) };
    let (date, time) = text.split_at(split);
    let days = parse_date(date)?;
    let decimals = time.split_once('.').map_or("", |(_, fraction)| fraction);
    if decimals.bytes().take_while(u8::is_ascii_digit).count() > 9 {
        return None;
    }
    // The parser of whole texts knows the years 0 to 9999 only: the time is read as one of 1970.
    let utc: Tz = "+00:00".parse().ok()?;
    let moment = string_to_datetime(&utc, &format!("1970-01-01T{}", &time[1..])).ok()?;
    let nanoseconds = i128::from(moment.timestamp()) * 1_000_000_000 + i128::from(moment.timestamp_subsec_nanos());
    Some(i128::from(days) * DAY + nanoseconds)
}

/// Writes a text as SQL does.
pub(crate) fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write!(f, "'{}'", text.replace('\'', "''"))
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Boolean(value) => f.write_str(if *value { "TRUE" } else { "FALSE" }),
            Self::Number(value) => match value {
                value if value.is_nan() => f.write_str("NaN"),
                value if value.is_infinite() => f.write_str(if *value > 0.0 { "Infinity" } else { "-Infinity" }),
                value if value.abs() >= 1e21 || (*value != 0.0 && value.abs() < 1e-6) => write!(f, "{value:e}"),
                value => write!(f, "{value}"),
            },
            Self::BigInt(value) | Self::Decimal(value) => write!(f, "{value}"),
            Self::String(value) => write_quoted(f, value),
            Self::Bytes(bytes) => {
                f.write_str("X'")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str("'")
            }
            Self::Date(_) | Self::Instant(_) => {
                write!(f, "TIMESTAMP '{}Z'", DateTime(self.instant().unwrap_or_default()))
            }
            Self::PlainDateTime(nanoseconds) => write!(f, "TIMESTAMP '{}'", DateTime(*nanoseconds)),
            Self::PlainDate(days) => write!(f, "DATE '{}'", DateTime::date(i128::from(*days))),
            Self::PlainTime(nanoseconds) => write!(f, "TIME '{}'", DateTime::time(i128::from(*nanoseconds))),
        }
    }
}

/// Prints nanoseconds since 1970 by the calendar, whatever the year.
pub(crate) struct DateTime(pub(crate) i128);

impl DateTime {
    fn date(days: i128) -> String {
        // Howard Hinnant's civil_from_days: years begin in March, so that the leap day comes last.
        let shifted = days + 719_468;
        let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i128::from(month <= 2);
        if (0..=9999).contains(&year) {
            format!("{year:04}-{month:02}-{day:02}")
        } else {
            format!("{}{:06}-{month:02}-{day:02}", if year < 0 { '-' } else { '+' }, year.abs())
        }
    }

    fn time(nanoseconds: i128) -> String {
        let (seconds, fraction) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        let decimals = match fraction {
            0 => String::new(),
            _ if fraction % 1_000_000 == 0 => format!(".{:03}", fraction / 1_000_000),
            _ if fraction % 1_000 == 0 => format!(".{:06}", fraction / 1_000),
            _ => format!(".{fraction:09}"),
        };
        format!("{hour:02}:{minute:02}:{second:02}{decimals}")
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}", Self::date(self.0.div_euclid(DAY)), Self::time(self.0.rem_euclid(DAY)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(kind: &str, value: &Value) -> Option<Literal> {
        Literal::from_members(json!({ "type": kind, "value": value }).as_object().expect("object")).ok()
    }

    #[test]
    fn literals_of_every_type_are_read_and_printed() {
        let cases = [
            ("number", json!(1.5), "1.5"),
            ("number", json!(9_007_199_254_740_993_u64), "9007199254740992"),
            ("number", json!("NaN"), "NaN"),
            ("number", json!("-Infinity"), "-Infinity"),
            ("number", json!("-0"), "-0"),
            ("number", json!(1e300), "1e300"),
            ("bigint", json!("-123456789012345678901234567890"), "-123456789012345678901234567890"),
            ("string", json!("it's ü"), "'it''s ü'"),
            ("boolean", json!(true), "TRUE"),
            ("null", json!(null), "NULL"),
            ("date", json!(-1), "TIMESTAMP '1969-12-31T23:59:59.999Z'"),
            ("instant", json!("1"), "TIMESTAMP '1970-01-01T00:00:00.000000001Z'"),
            ("instant", json!("-8640000000000000000000"), "TIMESTAMP '-271821-04-20T00:00:00Z'"),
            ("plainDate", json!("2024-02-29"), "DATE '2024-02-29'"),
            ("plainDate", json!("+012026-01-31"), "DATE '+012026-01-31'"),
            ("plainDateTime", json!("1969-12-31T10:00:00.123456"), "TIMESTAMP '1969-12-31T10:00:00.123456'"),
            ("plainTime", json!("10:00:00.5"), "TIME '10:00:00.500'"),
            ("bytes", json!("00ff"), "X'00ff'"),
        ];
        for (kind, value, printed) in cases {
            assert_eq!(
                read(kind, &value).map(|literal| literal.to_string()).as_deref(),
                Some(printed),
                "{kind} {value}"
            );
        }
    }

    #[test]
    fn wrong_values_are_refused() {
        let cases = [
            ("number", json!("1")),
            ("number", json!(true)),
            ("bigint", json!("1.5")),
            ("bigint", json!(1)),
            ("string", json!(1)),
            ("boolean", json!("true")),
            ("null", json!(0)),
            ("date", json!(1e16)),
            ("date", json!("NaN")),
            ("date", json!(0.5)),
            ("instant", json!("1.5")),
            ("plainDate", json!("2026-02-30")),
            ("plainDate", json!("2026-01-31T10:00:00")),
            ("plainDateTime", json!("soon")),
            ("plainTime", json!("25:00:00")),
            ("plainTime", json!("10:00:00.1234567891")),
            ("bytes", json!("0")),
            ("bytes", json!("zz")),
            ("symbol", json!("x")),
        ];
        for (kind, value) in cases {
            assert_eq!(read(kind, &value), None, "{kind} {value}");
        }
        let error = Literal::from_members(json!({"type": "bigint", "value": "x"}).as_object().expect("object"));
        assert_eq!(error, Err("\"x\" is no value of a literal of type 'bigint'".into()));
    }

    #[test]
    fn texts_of_times_have_offsets_and_fractions() {
        let day = 20_484 * DAY;
        let cases = [
            ("2026-01-31", Some(day)),
            ("2026-01-31T00:00:00Z", Some(day)),
            ("2026-01-31T02:00:00+02:00", Some(day)),
            ("2026-01-30 22:00:00-02:00", Some(day)),
            ("2026-01-31T00:00:00.000000001", Some(day + 1)),
            ("2026-01-31T00:00:00.0000000001", None),
            ("2026-01-31T25:00:00", None),
            ("1969-12-31T23:59:59.999Z", Some(-1_000_000)),
            ("-000001-12-31T00:00:00Z", Some(-719_529 * DAY)),
            ("2026-1-3", None),
            ("20260131", None),
            ("ü026-01-31", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_date_time(text), expected, "{text}");
        }
        assert_eq!(
            (parse_time("10:00"), parse_time("24:00:00"), parse_time("1")),
            (Some(36_000_000_000_000), None, None)
        );
    }
}
