//! Usual dates, timestamps and decimals as text, digit by digit: the general way through `std::fmt` takes most of the
//! time in which a table of them is written. What is not usual here is left to it.

use arrow_array::cast::AsArray;
use arrow_array::temporal_conversions::as_datetime;
use arrow_array::types::{
    ArrowPrimitiveType, ArrowTimestampType, Date32Type, Decimal128Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, PrimitiveArray};
use arrow_schema::{DataType, TimeUnit};
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

/// Decimals of so many digits fit into 64 bits.
const MAX_DIGITS: usize = 18;

/// The values of an array that has usual ones.
pub(super) enum Usual<'a> {
    /// Days.
    Dates(&'a PrimitiveArray<Date32Type>),
    /// Timestamps in UTC, or without a zone.
    Timestamps { array: &'a dyn Array, unit: TimeUnit, is_utc: bool },
    /// Numbers with as many digits after the point.
    Decimals { array: &'a PrimitiveArray<Decimal128Type>, limit: u64, scale: usize },
}

impl<'a> Usual<'a> {
    /// None for an array of another type, and of a zone that isn't UTC.
    pub(super) fn new(array: &'a dyn Array) -> Option<Self> {
        match array.data_type() {
            DataType::Date32 => Some(Self::Dates(array.as_primitive())),
            DataType::Timestamp(unit, None) => Some(Self::Timestamps { array, unit: *unit, is_utc: false }),
            DataType::Timestamp(unit, Some(zone)) if zone.as_ref() == "+00:00" => {
                Some(Self::Timestamps { array, unit: *unit, is_utc: true })
            }
            DataType::Decimal128(precision, scale) => {
                let scale = usize::try_from(*scale).ok().filter(|scale| *scale <= MAX_DIGITS)?;
                let limit = 10_u64.pow(u32::from(*precision).min(MAX_DIGITS as u32));
                Some(Self::Decimals { array: array.as_primitive(), limit, scale })
            }
            _ => None,
        }
    }

    /// Appends the text of a value, unless it is no usual one; whether it did.
    pub(super) fn write(&self, row: usize, out: &mut String) -> bool {
        match *self {
            Self::Dates(array) => push(date_of(array.value(row)), out, push_date),
            Self::Timestamps { array, unit, is_utc } => {
                let instant = match unit {
                    TimeUnit::Second => instant_of::<TimestampSecondType>(array, row),
                    TimeUnit::Millisecond => instant_of::<TimestampMillisecondType>(array, row),
                    TimeUnit::Microsecond => instant_of::<TimestampMicrosecondType>(array, row),
                    TimeUnit::Nanosecond => instant_of::<TimestampNanosecondType>(array, row),
                };
                let written = push(instant, out, push_instant);
                if written && is_utc {
                    out.push('Z');
                }
                written
            }
            Self::Decimals { array, limit, scale } => push_decimal(array.value(row), limit, scale, out),
        }
    }
}

fn push<T>(value: Option<T>, out: &mut String, push: impl FnOnce(T, &mut String)) -> bool {
    value.map(|value| push(value, out)).is_some()
}

/// The date of a number of days, if its year has four digits.
fn date_of(days: i32) -> Option<NaiveDate> {
    as_datetime::<Date32Type>(i64::from(days)).map(|instant| instant.date()).filter(|date| has_usual_year(*date))
}

fn instant_of<T: ArrowTimestampType + ArrowPrimitiveType<Native = i64>>(
    array: &dyn Array,
    row: usize,
) -> Option<NaiveDateTime> {
    as_datetime::<T>(array.as_primitive::<T>().value(row)).filter(|instant| has_usual_year(instant.date()))
}

fn has_usual_year(date: NaiveDate) -> bool {
    (0..=9999).contains(&date.year())
}

fn push_date(date: NaiveDate, out: &mut String) {
    push_digits(date.year().unsigned_abs(), 4, out);
    out.push('-');
    push_digits(date.month(), 2, out);
    out.push('-');
    push_digits(date.day(), 2, out);
}

/// With no digits after the second, or as many groups of three as are needed.
fn push_instant(instant: NaiveDateTime, out: &mut String) {
    push_date(instant.date(), out);
    for (sign, number) in [('T', instant.hour()), (':', instant.minute()), (':', instant.second())] {
        out.push(sign);
        push_digits(number, 2, out);
    }
    let (fraction, digits) = match instant.nanosecond() {
        0 => return,
        nanoseconds if nanoseconds % 1_000_000 == 0 => (nanoseconds / 1_000_000, 3),
        nanoseconds if nanoseconds % 1_000 == 0 => (nanoseconds / 1_000, 6),
        nanoseconds => (nanoseconds, 9),
    };
    out.push('.');
    push_digits(fraction, digits, out);
}

fn push_decimal(value: i128, limit: u64, scale: usize, out: &mut String) -> bool {
    let Some(magnitude) = u64::try_from(value.unsigned_abs()).ok().filter(|magnitude| *magnitude < limit) else {
        return false;
    };
    if value < 0 {
        out.push('-');
    }
    let one = 10_u64.pow(scale as u32);
    out.push_str(itoa::Buffer::new().format(magnitude / one));
    if scale > 0 {
        let fraction = magnitude % one;
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(fraction);
        out.push('.');
        out.extend(std::iter::repeat_n('0', scale - digits.len()));
        out.push_str(digits);
    }
    true
}

/// Appends the number with zeros before it; it has at most so many digits.
fn push_digits(mut number: u32, digits: usize, out: &mut String) {
    let mut text = [b'0'; 9];
    for digit in text[..digits].iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    out.extend(text[..digits].iter().map(|digit| char::from(*digit)));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Decimal128Array};
    use arrow_buffer::ScalarBuffer;
    use arrow_cast::display::{ArrayFormatter, FormatOptions};

    use super::*;

    /// Numbers of all sizes, of both signs.
    fn numbers() -> impl Iterator<Item = i64> {
        let mut state = 17_u64;
        (0..4_000).map(move |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state as i64) >> (state % 64)
        })
    }

    /// Compares each value's text with Arrow's; how many were usual.
    fn compare(array: &dyn Array) -> usize {
        let usual = Usual::new(array).expect("usual values");
        let formatter = ArrayFormatter::try_new(array, &FormatOptions::new()).expect("formatter");
        let written = (0..array.len()).filter(|&row| {
            let mut text = String::new();
            let written = usual.write(row, &mut text);
            let expected = if written { formatter.value(row).to_string() } else { String::new() };
            assert_eq!(text, expected, "row {row} of {}", array.data_type());
            written
        });
        written.count()
    }

    fn timestamps<T: ArrowTimestampType>(zone: Option<&str>) -> ArrayRef {
        let array = PrimitiveArray::<T>::new(ScalarBuffer::from_iter(numbers()), None);
        Arc::new(array.with_timezone_opt(zone))
    }

    #[test]
    fn usual_values_are_written_as_arrow_writes_them() {
        let days = numbers().map(|number| (number >> 32) as i32);
        assert!(compare(&PrimitiveArray::<Date32Type>::from_iter_values(days)) > 1_000);
        for zone in [None, Some("+00:00")] {
            assert!(compare(&timestamps::<TimestampSecondType>(zone)) > 1_000);
            assert!(compare(&timestamps::<TimestampMillisecondType>(zone)) > 1_000);
            assert!(compare(&timestamps::<TimestampMicrosecondType>(zone)) > 1_000);
            assert!(compare(&timestamps::<TimestampNanosecondType>(zone)) > 1_000);
        }
        for (precision, scale) in [(38, 2), (15, 2), (18, 18), (18, 0), (9, 0), (3, 3), (1, 1), (38, 18)] {
            let values = numbers().map(i128::from);
            let array = Decimal128Array::from_iter_values(values);
            // Without a check that values fit the type.
            let array = array.into_data().into_builder().data_type(DataType::Decimal128(precision, scale));
            let array = Decimal128Array::from(array.build().expect("decimals"));
            assert!(compare(&array) > 100, "{precision} {scale}");
        }
    }

    #[test]
    fn other_types_are_left_to_arrow() {
        assert!(Usual::new(&timestamps::<TimestampSecondType>(Some("+01:00"))).is_none());
        let decimals = |precision, scale| {
            Decimal128Array::from(vec![1]).with_precision_and_scale(precision, scale).expect("decimals")
        };
        assert!(Usual::new(&decimals(38, 19)).is_none());
        assert!(Usual::new(&decimals(5, -2)).is_none());
        assert!(Usual::new(&arrow_array::Int32Array::from(vec![1])).is_none());
    }
}
