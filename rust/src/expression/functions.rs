//! Functions of values, and casts.

use std::sync::Arc;

use arrow_arith::temporal::{DatePart, date_part};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int64Type,
};
use arrow_array::{Array, ArrayRef, ArrowNativeTypeOp, Int32Array, PrimitiveArray};
use arrow_cast::cast as arrow_cast;
use arrow_schema::{ArrowError, DataType, TimeUnit};
use arrow_select::zip::zip;

use super::bound::Function;
use super::compare::ticks;
use super::literal::DAY;
use super::text::map_text;
use super::types::{is_date_or_timestamp, is_utc, nanoseconds, with_offset};

/// Calls a function of as many arguments as it takes, each as long as the others.
///
/// # Errors
/// Types that binding does not give it.
pub fn call(function: Function, arguments: &[ArrayRef], data_type: &DataType) -> Result<ArrayRef, ArrowError> {
    let Some((first, rest)) = arguments.split_first() else {
        return Err(ArrowError::InvalidArgumentError("a function without arguments".into()));
    };
    match function {
        Function::Neg => negated(first),
        Function::Abs => absolute(first),
        Function::Lower => map_text(first, str::to_lowercase),
        Function::Upper => map_text(first, str::to_uppercase),
        Function::Length => length(first),
        Function::Year => part(first, DatePart::Year, data_type),
        Function::Month => part(first, DatePart::Month, data_type),
        Function::Day => part(first, DatePart::Day, data_type),
        Function::Coalesce => rest.iter().try_fold(Arc::clone(first), |result, next| {
            if result.logical_null_count() == 0 {
                return Ok(result);
            }
            zip(&arrow_arith::boolean::is_not_null(&result)?, &result, next)
        }),
    }
}

fn negated(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match array.data_type() {
        DataType::Int64 => Ok(Arc::new(array.as_primitive::<Int64Type>().unary_opt::<_, Int64Type>(i64::checked_neg))),
        _ => arrow_arith::numeric::neg_wrapping(array),
    }
}

fn absolute(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    fn of<T: ArrowPrimitiveType>(array: &ArrayRef) -> ArrayRef {
        let array = array.as_primitive::<T>();
        let positive = |value: T::Native| if value.is_lt(T::Native::ZERO) { value.neg_wrapping() } else { value };
        Arc::new(array.unary::<_, T>(positive).with_data_type(array.data_type().clone()))
    }
    Ok(match array.data_type() {
        DataType::Int64 => Arc::new(array.as_primitive::<Int64Type>().unary_opt::<_, Int64Type>(i64::checked_abs)),
        DataType::UInt64 => Arc::clone(array),
        DataType::Float32 => Arc::new(array.as_primitive::<Float32Type>().unary::<_, Float32Type>(f32::abs)),
        DataType::Float64 => Arc::new(array.as_primitive::<Float64Type>().unary::<_, Float64Type>(f64::abs)),
        DataType::Decimal128(..) => of::<Decimal128Type>(array),
        DataType::Decimal256(..) => of::<Decimal256Type>(array),
        other => return Err(ArrowError::InvalidArgumentError(format!("{other} has no absolute value"))),
    })
}

fn length(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    fn count(size: usize) -> i32 {
        i32::try_from(size).unwrap_or(i32::MAX)
    }
    let characters = |text: Option<&str>| text.map(|text| count(text.chars().count()));
    let bytes = |bytes: Option<&[u8]>| bytes.map(|bytes| count(bytes.len()));
    let items = |row: usize, length: usize| array.is_valid(row).then(|| count(length));
    let lengths: Int32Array = match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().map(characters).collect(),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().map(characters).collect(),
        DataType::Utf8View => array.as_string_view().iter().map(characters).collect(),
        DataType::Binary => array.as_binary::<i32>().iter().map(bytes).collect(),
        DataType::LargeBinary => array.as_binary::<i64>().iter().map(bytes).collect(),
        DataType::BinaryView => array.as_binary_view().iter().map(bytes).collect(),
        DataType::FixedSizeBinary(size) | DataType::FixedSizeList(_, size) => {
            (0..array.len()).map(|row| array.is_valid(row).then_some(*size)).collect()
        }
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            (0..array.len()).map(|row| items(row, list.value_length(row) as usize)).collect()
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            (0..array.len()).map(|row| items(row, list.value_length(row) as usize)).collect()
        }
        DataType::Map(..) => {
            let map = array.as_map();
            (0..array.len()).map(|row| items(row, map.value_length(row) as usize)).collect()
        }
        other => return Err(ArrowError::InvalidArgumentError(format!("{other} has no length"))),
    };
    Ok(Arc::new(lengths))
}

fn part(array: &ArrayRef, part: DatePart, data_type: &DataType) -> Result<ArrayRef, ArrowError> {
    let local = match array.data_type() {
        // Days are all that is asked for: dates reach further than what arrow's calendar takes of timestamps.
        DataType::Timestamp(..) => cast(array, &DataType::Date32)?,
        _ => Arc::clone(array),
    };
    arrow_cast(&date_part(&local, part)?, data_type)
}

/// Casts, with null where a value has no counterpart.
///
/// # Errors
/// Types between which there is no cast.
pub fn cast(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    let unpacked;
    let array = match array.data_type() {
        DataType::Dictionary(_, value) if value.as_ref() != to => {
            unpacked = arrow_cast(array, value)?;
            &unpacked
        }
        _ => array,
    };
    match (array.data_type(), to) {
        (from, to) if from == to => Ok(Arc::clone(array)),
        (from, to) if is_date_or_timestamp(from) && is_date_or_timestamp(to) => temporal(array, to),
        (from, to) => {
            let array = temporal(array, &with_offset(from))?;
            temporal(&arrow_cast(&array, &with_offset(to))?, to)
        }
    }
}

/// Casts between dates and timestamps, downwards also before 1970, where arrow rounds towards it. A zone only says how an
/// instant is shown, and on which day it is. Leaves all else as it is.
fn temporal(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    if let (DataType::Timestamp(_, Some(zone)), DataType::Date32 | DataType::Date64) = (array.data_type(), to)
        && !is_utc(zone)
    {
        return arrow_cast(&arrow_cast(array, &DataType::Date32)?, to);
    }
    let (counts, unit) = ticks(array)?;
    let to_unit = match to {
        DataType::Timestamp(unit, _) => nanoseconds(*unit),
        _ => DAY,
    };
    let milliseconds_a_day = DAY / nanoseconds(TimeUnit::Millisecond);
    let converted = |count: i64| {
        let units = (i128::from(count) * unit).div_euclid(to_unit);
        if *to == DataType::Date64 { units * milliseconds_a_day } else { units }
    };
    if *to == DataType::Date32 {
        let days: PrimitiveArray<Date32Type> = counts.unary_opt(|count| i32::try_from(converted(count)).ok());
        return Ok(Arc::new(days));
    }
    let counts: PrimitiveArray<Int64Type> = counts.unary_opt(|count| i64::try_from(converted(count)).ok());
    let counts: ArrayRef = Arc::new(counts);
    // From integers to a zone of any name: arrow sets the zone without asking for its offsets.
    arrow_cast(&counts, to)
}
