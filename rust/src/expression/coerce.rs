//! The types in which two values meet.

use arrow_schema::{DataType, TimeUnit};

use super::types::{
    decimal_type, is_binary, is_date_or_timestamp, is_string, is_time, precision_and_scale, value_type,
};

/// How two values of different types are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meeting {
    /// Both in this type, which holds all values of both.
    In(DataType),
    /// Each in its own of these types, since no type holds both exactly.
    Apart(DataType, DataType),
}

/// How values of two types are compared, without losing anything; none where that makes no sense.
#[must_use]
pub fn meeting(left: &DataType, right: &DataType) -> Option<Meeting> {
    let (left, right) = (value_type(left), value_type(right));
    if left == right {
        return super::types::is_comparable(left).then(|| Meeting::In(left.clone()));
    }
    if left.is_floating() && !right.is_floating() && right.is_numeric() {
        return meeting(right, left).map(|meeting| match meeting {
            Meeting::Apart(right, left) => Meeting::Apart(left, right),
            same @ Meeting::In(_) => same,
        });
    }
    Some(match (left, right) {
        (DataType::Null, other) | (other, DataType::Null) if super::types::is_comparable(other) => {
            Meeting::In(other.clone())
        }
        _ if left.is_integer() && right.is_integer() => Meeting::In(integers(left, right)),
        _ if left.is_floating() && right.is_floating() => Meeting::In(floats(left, right)),
        (DataType::Int64 | DataType::UInt64, _) if right.is_floating() => {
            Meeting::Apart(left.clone(), DataType::Float64)
        }
        _ if left.is_integer() && right.is_floating() => Meeting::In(DataType::Float64),
        _ if precision_and_scale(left).is_some() && right.is_floating() => {
            Meeting::Apart(wide_decimal(left)?, DataType::Float64)
        }
        _ if left.is_numeric() && right.is_numeric() => Meeting::In(decimals(left, right)?),
        _ if is_string(left) && is_string(right) => Meeting::In(DataType::Utf8View),
        _ if is_binary(left) && is_binary(right) => Meeting::In(DataType::BinaryView),
        // Not in the finer unit: the year 9999 has no nanoseconds in 64 bits.
        (DataType::Timestamp(unit, _), DataType::Timestamp(other, _)) if unit == other => Meeting::In(left.clone()),
        _ if is_date_or_timestamp(left) && is_date_or_timestamp(right) => Meeting::Apart(left.clone(), right.clone()),
        _ if is_time(left) && is_time(right) => Meeting::In(DataType::Time64(TimeUnit::Nanosecond)),
        (DataType::Duration(_), DataType::Duration(_)) => Meeting::Apart(left.clone(), right.clone()),
        _ => return None,
    })
}

/// The type of a value that may be either of two, as a column: where nothing holds both exactly, the usual one.
#[must_use]
pub fn common_type(left: &DataType, right: &DataType) -> Option<DataType> {
    let (left, right) = (value_type(left), value_type(right));
    if left == right {
        return Some(left.clone());
    }
    Some(match meeting(left, right)? {
        Meeting::In(DataType::Utf8View) => DataType::Utf8,
        Meeting::In(DataType::BinaryView) => DataType::Binary,
        Meeting::In(data_type) => data_type,
        Meeting::Apart(left, right) if left.is_floating() || right.is_floating() => DataType::Float64,
        Meeting::Apart(left, right) => match (&left, &right) {
            (DataType::Timestamp(unit, zone), DataType::Timestamp(other, _)) => {
                DataType::Timestamp(*unit.max(other), zone.clone())
            }
            (DataType::Duration(unit), DataType::Duration(other)) => DataType::Duration(*unit.max(other)),
            (DataType::Timestamp(..), _) => left,
            (_, DataType::Timestamp(..)) => right,
            _ => DataType::Date64,
        },
    })
}

fn integers(left: &DataType, right: &DataType) -> DataType {
    let bits = |data_type: &DataType| 8 * data_type.primitive_width().unwrap_or(8);
    match (left.is_signed_integer(), right.is_signed_integer()) {
        (true, true) | (false, false) => if bits(left) > bits(right) { left } else { right }.clone(),
        (true, false) => match bits(left).max(2 * bits(right)) {
            ..=16 => DataType::Int16,
            17..=32 => DataType::Int32,
            33..=64 => DataType::Int64,
            // No integer holds both those of 64 bits with a sign and those without.
            _ => DataType::Decimal128(20, 0),
        },
        (false, true) => integers(right, left),
    }
}

fn floats(left: &DataType, right: &DataType) -> DataType {
    let width = |data_type: &DataType| data_type.primitive_width();
    if width(left) > width(right) { left } else { right }.clone()
}

/// The decimal that holds both, where there is one.
fn decimals(left: &DataType, right: &DataType) -> Option<DataType> {
    let ((left_precision, left_scale), (right_precision, right_scale)) = (as_decimal(left)?, as_decimal(right)?);
    let scale = left_scale.max(right_scale).max(0);
    let whole =
        (i16::from(left_precision) - i16::from(left_scale)).max(i16::from(right_precision) - i16::from(right_scale));
    decimal_type(u8::try_from((whole + i16::from(scale)).max(1)).ok()?, scale)
}

/// Precision and scale of a decimal, or of the decimal that holds an integer.
#[must_use]
pub fn as_decimal(data_type: &DataType) -> Option<(u8, i8)> {
    precision_and_scale(data_type).or_else(|| {
        let precision = match data_type {
            DataType::Int8 | DataType::UInt8 => 3,
            DataType::Int16 | DataType::UInt16 => 5,
            DataType::Int32 | DataType::UInt32 => 10,
            DataType::Int64 => 19,
            DataType::UInt64 => 20,
            _ => return None,
        };
        Some((precision, 0))
    })
}

/// The decimal of 128 bits for the narrower ones, which have less room for results.
#[must_use]
pub fn wide_decimal(data_type: &DataType) -> Option<DataType> {
    let (precision, scale) = as_decimal(data_type)?;
    Some(match data_type {
        DataType::Decimal256(..) => data_type.clone(),
        _ => DataType::Decimal128(precision, scale),
    })
}
