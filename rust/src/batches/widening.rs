//! Which types hold all values of another one exactly, so that files whose columns differ can be shown as one.

use arrow_array::ArrayRef;
use arrow_cast::{CastOptions, cast, cast_with_options};
use arrow_schema::{ArrowError, DECIMAL128_MAX_PRECISION, DataType, TimeUnit};

/// Whether two types are the same, whatever they say of nulls in nested fields.
#[must_use]
pub fn is_same(a: &DataType, b: &DataType) -> bool {
    match (a, b) {
        (DataType::Struct(a), DataType::Struct(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| a.name() == b.name() && is_same(a.data_type(), b.data_type()))
        }
        (DataType::List(a), DataType::List(b)) => is_same(a.data_type(), b.data_type()),
        (DataType::FixedSizeList(a, m), DataType::FixedSizeList(b, n)) => {
            m == n && is_same(a.data_type(), b.data_type())
        }
        (DataType::Map(a, m), DataType::Map(b, n)) => m == n && is_same(a.data_type(), b.data_type()),
        _ => a == b,
    }
}

/// Whether every value of `from` has its counterpart in `to`, and a cast gives it or fails: nothing is rounded.
#[must_use]
pub fn widens(from: &DataType, to: &DataType) -> bool {
    use DataType::{
        Binary, Date32, Date64, Decimal128, Dictionary, Float16, Float32, Float64, LargeBinary, LargeUtf8, Null,
        Time32, Time64, Timestamp, Utf8,
    };
    if let (Some((from_signed, from_bits)), Some((to_signed, to_bits))) = (integer(from), integer(to)) {
        return from_bits < to_bits && (to_signed || !from_signed);
    }
    match (from, to) {
        (Null, _)
        | (Float16, Float32 | Float64)
        | (Float32, Float64)
        | (Date32, Date64)
        | (Utf8, LargeUtf8)
        | (Binary, LargeBinary) => true,
        (Utf8 | LargeUtf8, Dictionary(_, values)) => matches!(values.as_ref(), Utf8 | LargeUtf8),
        (Dictionary(_, values), Utf8 | LargeUtf8) => is_same(values, to) || widens(values, to),
        (Decimal128(precision, scale), Decimal128(wider, finer)) => {
            finer >= scale && whole_digits(*wider, *finer) >= whole_digits(*precision, *scale)
        }
        (_, Decimal128(precision, scale)) => {
            digits(from).is_some_and(|digits| *scale >= 0 && whole_digits(*precision, *scale) >= digits)
        }
        // Days begin at midnight of the zone, which only UTC has every day.
        (Date32, Timestamp(_, zone)) => zone.as_deref().is_none_or(is_utc),
        (Timestamp(unit, zone), Timestamp(finer, other)) => zone == other && rank(*unit) < rank(*finer),
        (Time32(unit), Time32(finer) | Time64(finer)) | (Time64(unit), Time64(finer)) => rank(*unit) < rank(*finer),
        _ => false,
    }
}

/// The values in a type that is wider.
///
/// # Errors
/// A value that the type has no counterpart for, such as a time that its unit is too fine for.
pub fn widen(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    let exact = CastOptions { safe: false, ..CastOptions::default() };
    let (DataType::Date32, DataType::Timestamp(unit, zone)) = (array.data_type(), to) else {
        return cast_with_options(array, to, &exact);
    };
    let ticks = cast_with_options(array, &DataType::Timestamp(*unit, None), &exact)?;
    // From integers to a zone of any name: arrow sets the zone without asking for its offsets.
    if zone.is_some() { cast(&cast(&ticks, &DataType::Int64)?, to) } else { Ok(ticks) }
}

/// The narrowest type that holds the values of both.
#[must_use]
pub fn common(a: &DataType, b: &DataType) -> Option<DataType> {
    if is_same(a, b) {
        return Some(a.clone());
    }
    match (a, b) {
        // Not all files have a dictionary.
        (DataType::Dictionary(_, values), other) | (other, DataType::Dictionary(_, values)) => {
            return common(values, other);
        }
        _ => {}
    }
    if widens(b, a) {
        return Some(a.clone());
    }
    if widens(a, b) {
        return Some(b.clone());
    }
    if let (DataType::Decimal128(precision, scale), DataType::Decimal128(other_precision, other_scale)) = (a, b) {
        return common_decimal((*precision, *scale), (*other_precision, *other_scale));
    }
    let signed = [DataType::Int16, DataType::Int32, DataType::Int64];
    match (integer(a), integer(b)) {
        (Some(_), Some(_)) => signed.into_iter().find(|wide| widens(a, wide) && widens(b, wide)),
        _ => None,
    }
}

fn common_decimal((precision, scale): (u8, i8), (other_precision, other_scale): (u8, i8)) -> Option<DataType> {
    let digits = whole_digits(precision, scale).max(whole_digits(other_precision, other_scale));
    let scale = scale.max(other_scale);
    let precision = digits + i16::from(scale);
    let precision = u8::try_from(precision).ok().filter(|precision| *precision <= DECIMAL128_MAX_PRECISION)?;
    Some(DataType::Decimal128(precision, scale))
}

/// Whether an integer type has a sign, and its bits.
fn integer(data_type: &DataType) -> Option<(bool, u8)> {
    Some(match data_type {
        DataType::Int8 => (true, 8),
        DataType::Int16 => (true, 16),
        DataType::Int32 => (true, 32),
        DataType::Int64 => (true, 64),
        DataType::UInt8 => (false, 8),
        DataType::UInt16 => (false, 16),
        DataType::UInt32 => (false, 32),
        DataType::UInt64 => (false, 64),
        _ => return None,
    })
}

/// Decimal digits of the largest integer of a type.
fn digits(data_type: &DataType) -> Option<i16> {
    Some(match integer(data_type)? {
        (_, 8) => 3,
        (_, 16) => 5,
        (_, 32) => 10,
        (true, _) => 19,
        (false, _) => 20,
    })
}

fn whole_digits(precision: u8, scale: i8) -> i16 {
    i16::from(precision) - i16::from(scale)
}

fn is_utc(zone: &str) -> bool {
    matches!(zone, "UTC" | "Etc/UTC" | "Z" | "+00:00" | "+0000" | "+00")
}

fn rank(unit: TimeUnit) -> u8 {
    match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 1,
        TimeUnit::Microsecond => 2,
        TimeUnit::Nanosecond => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DataType::{
        Date32, Decimal128, Float32, Float64, Int8, Int16, Int32, Int64, LargeUtf8, Null, Timestamp, UInt8, UInt32,
        UInt64, Utf8,
    };

    fn stamp(unit: TimeUnit, zone: Option<&str>) -> DataType {
        Timestamp(unit, zone.map(Into::into))
    }

    #[test]
    fn only_what_holds_every_value_is_wider() {
        let micros = stamp(TimeUnit::Microsecond, Some("UTC"));
        for (from, to) in [
            (Int32, Int64),
            (UInt8, Int16),
            (UInt8, UInt32),
            (Float32, Float64),
            (Int32, Decimal128(12, 2)),
            (UInt64, Decimal128(20, 0)),
            (Decimal128(9, 2), Decimal128(11, 4)),
            (Date32, micros.clone()),
            (stamp(TimeUnit::Second, None), stamp(TimeUnit::Nanosecond, None)),
            (Utf8, LargeUtf8),
            (Utf8, DataType::Dictionary(Box::new(Int32), Box::new(Utf8))),
            (Null, Utf8),
        ] {
            assert!(widens(&from, &to), "{from} to {to}");
            assert!(!widens(&to, &from) || matches!(to, DataType::Dictionary(..)), "{to} to {from}");
        }
        for (from, to) in [
            (Int32, Int32),
            (Int8, UInt8),
            (UInt32, Int32),
            (Int64, Float64),
            (Int64, Decimal128(18, 0)),
            (Int32, Decimal128(11, 2)),
            (Decimal128(9, 2), Decimal128(10, 4)),
            (Date32, stamp(TimeUnit::Second, Some("Europe/Berlin"))),
            (stamp(TimeUnit::Second, None), micros),
            (Utf8, Int64),
        ] {
            assert!(!widens(&from, &to), "{from} to {to}");
        }
    }

    #[test]
    fn days_become_times_or_fail() {
        let days: ArrayRef = std::sync::Arc::new(arrow_array::Date32Array::from(vec![Some(1), None, Some(106_752)]));
        let wide = widen(&days, &stamp(TimeUnit::Microsecond, Some("UTC"))).expect("in range");
        assert_eq!(wide.data_type(), &stamp(TimeUnit::Microsecond, Some("UTC")));
        let ticks = cast(&wide, &DataType::Int64).expect("integers");
        let ticks: Vec<_> =
            arrow_array::cast::AsArray::as_primitive::<arrow_array::types::Int64Type>(&ticks).iter().collect();
        assert_eq!(ticks, [Some(86_400_000_000), None, Some(106_752 * 86_400_000_000)]);
        widen(&days, &stamp(TimeUnit::Nanosecond, None)).expect_err("beyond 64 bits");
    }

    #[test]
    fn two_types_meet_in_one_that_holds_both() {
        for (a, b, both) in [
            (Int32, Int64, Some(Int64)),
            (UInt32, Int32, Some(Int64)),
            (UInt8, Int8, Some(Int16)),
            (UInt64, Int64, None),
            (Decimal128(10, 4), Decimal128(9, 2), Some(Decimal128(11, 4))),
            (Decimal128(38, 0), Decimal128(38, 10), None),
            (Utf8, Int32, None),
            (DataType::Dictionary(Box::new(Int32), Box::new(Utf8)), Utf8, Some(Utf8)),
        ] {
            assert_eq!((common(&a, &b), common(&b, &a)), (both.clone(), both), "{a} and {b}");
        }
    }
}
