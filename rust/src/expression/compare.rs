//! Comparisons of arrays: NaN equals NaN and is greater than every number, and -0.0 equals 0.0.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, Decimal256Type, Float16Type, Float32Type, Float64Type, Int64Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BooleanArray, Datum, PrimitiveArray, Scalar};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_cast::cast;
use arrow_ord::cmp;
use arrow_schema::{ArrowError, DataType};

use super::bound::CompareOp;
use super::exact::Exact;
use super::literal::DAY;
use super::types::{is_date_or_timestamp, nanoseconds, precision_and_scale};

/// Compares an array with one value of its type.
///
/// # Errors
/// Types that differ, or have no order.
pub fn compare_value(op: CompareOp, array: &ArrayRef, value: &ArrayRef) -> Result<BooleanArray, ArrowError> {
    if value.is_null(0) {
        return Ok(BooleanArray::new_null(array.len()));
    }
    match (array.data_type(), value.data_type()) {
        (DataType::Float64, DataType::Float64) => Ok(floats::<Float64Type>(op, array, value)),
        (DataType::Float32, DataType::Float32) => Ok(floats::<Float32Type>(op, array, value)),
        (DataType::Float16, DataType::Float16) => Ok(floats::<Float16Type>(op, array, value)),
        (left, right) if left != right => {
            let wide = arrow_select::take::take(value, &arrow_array::UInt32Array::from(vec![0; array.len()]), None)?;
            compare(op, array, &wide)
        }
        _ => kernel(op, array, &Scalar::new(Arc::clone(value))),
    }
}

/// Compares two arrays of one type, or of two that binding lets meet.
///
/// # Errors
/// Types that have no order.
pub fn compare(op: CompareOp, left: &ArrayRef, right: &ArrayRef) -> Result<BooleanArray, ArrowError> {
    match (left.data_type(), right.data_type()) {
        (left_type, right_type) if left_type == right_type && left_type.is_floating() => {
            kernel(op, &normal(left)?, &normal(right)?)
        }
        (left_type, right_type) if left_type != right_type => {
            if left_type.is_floating() && !right_type.is_floating() {
                apart(op.flipped(), right, left)
            } else {
                apart(op, left, right)
            }
        }
        _ => kernel(op, left, right),
    }
}

fn kernel(op: CompareOp, left: &dyn Datum, right: &dyn Datum) -> Result<BooleanArray, ArrowError> {
    match op {
        CompareOp::Eq => cmp::eq(left, right),
        CompareOp::Ne => cmp::neq(left, right),
        CompareOp::Lt => cmp::lt(left, right),
        CompareOp::Le => cmp::lt_eq(left, right),
        CompareOp::Gt => cmp::gt(left, right),
        CompareOp::Ge => cmp::gt_eq(left, right),
    }
}

/// One pass over the values as they are: the processor's own comparisons treat zeros right, and only NaN needs care.
#[expect(clippy::neg_cmp_op_on_partial_ord, reason = "NaN is greater than every number")]
fn floats<T: ArrowPrimitiveType>(op: CompareOp, array: &ArrayRef, value: &ArrayRef) -> BooleanArray
where
    T::Native: PartialOrd,
{
    let array = array.as_primitive::<T>();
    let (values, value) = (array.values(), value.as_primitive::<T>().value(0));
    // Only NaN differs from itself.
    #[expect(clippy::eq_op, reason = "the test for NaN that every float type has")]
    let is_nan = |value: T::Native| value != value;
    let bits =
        |test: &dyn Fn(T::Native) -> bool| BooleanBuffer::collect_bool(values.len(), |index| test(values[index]));
    macro_rules! each {
        ($test:expr) => {
            BooleanBuffer::collect_bool(values.len(), |index| $test(values[index]))
        };
    }
    let result = match (op, is_nan(value)) {
        (CompareOp::Eq, false) => each!(|v| v == value),
        (CompareOp::Ne, false) => each!(|v| v != value),
        (CompareOp::Lt, false) => each!(|v| v < value),
        (CompareOp::Le, false) => each!(|v| v <= value),
        (CompareOp::Gt, false) => each!(|v| !(v <= value)),
        (CompareOp::Ge, false) => each!(|v| !(v < value)),
        (CompareOp::Eq | CompareOp::Ge, true) => bits(&is_nan),
        (CompareOp::Ne | CompareOp::Lt, true) => bits(&|v| !is_nan(v)),
        (CompareOp::Le, true) => BooleanBuffer::new_set(values.len()),
        (CompareOp::Gt, true) => BooleanBuffer::new_unset(values.len()),
    };
    BooleanArray::new(result, array.nulls().cloned())
}

/// Floats in the form whose bits arrow compares: one zero, one NaN.
fn normal(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    Ok(match array.data_type() {
        DataType::Float64 => Arc::new(
            array
                .as_primitive::<Float64Type>()
                .unary::<_, Float64Type>(|v| if v.is_nan() { f64::NAN } else { v + 0.0 }),
        ),
        DataType::Float32 => Arc::new(
            array
                .as_primitive::<Float32Type>()
                .unary::<_, Float32Type>(|v| if v.is_nan() { f32::NAN } else { v + 0.0 }),
        ),
        _ => normal(&cast(array, &DataType::Float32)?)?,
    })
}

/// Compares row by row, exactly: the left side is the one that is no float, if one is.
fn apart(op: CompareOp, left: &ArrayRef, right: &ArrayRef) -> Result<BooleanArray, ArrowError> {
    let (left_type, right_type) = (left.data_type().clone(), right.data_type().clone());
    let is_temporal =
        |data_type: &DataType| is_date_or_timestamp(data_type) || matches!(data_type, DataType::Duration(_));
    if is_temporal(&left_type) && is_temporal(&right_type) {
        let (left_ticks, left_unit) = ticks(left)?;
        let (right_ticks, right_unit) = ticks(right)?;
        return Ok(rows(op, left, right, |row| {
            let nanoseconds = |ticks: &PrimitiveArray<Int64Type>, unit: i128| i128::from(ticks.value(row)) * unit;
            nanoseconds(&left_ticks, left_unit).cmp(&nanoseconds(&right_ticks, right_unit))
        }));
    }
    let doubles = cast(right, &DataType::Float64)?;
    let Some(doubles) = doubles.as_primitive_opt::<Float64Type>().filter(|_| right_type.is_floating()) else {
        return Err(ArrowError::InvalidArgumentError(format!("{left_type} and {right_type} have no common order")));
    };
    Ok(match &left_type {
        DataType::UInt64 => {
            let integers = left.as_primitive::<UInt64Type>();
            rows(op, left, right, |row| integer_and_double(i128::from(integers.value(row)), doubles.value(row)))
        }
        DataType::Decimal256(_, scale) => {
            let decimals = left.as_primitive::<Decimal256Type>();
            rows(op, left, right, |row| {
                decimal_and_double(&decimals.value(row).to_string(), *scale, doubles.value(row))
            })
        }
        other if precision_and_scale(other).is_some() => {
            let (precision, scale) = precision_and_scale(other).unwrap_or_default();
            let decimals = cast(left, &DataType::Decimal128(precision, scale))?;
            let decimals = decimals.as_primitive::<Decimal128Type>();
            rows(op, left, right, |row| small_decimal_and_double(decimals.value(row), scale, doubles.value(row)))
        }
        _ => {
            let integers = cast(left, &DataType::Int64)?;
            let integers = integers.as_primitive::<Int64Type>();
            rows(op, left, right, |row| integer_and_double(i128::from(integers.value(row)), doubles.value(row)))
        }
    })
}

fn rows(op: CompareOp, left: &ArrayRef, right: &ArrayRef, order: impl Fn(usize) -> Ordering) -> BooleanArray {
    let nulls = NullBuffer::union(left.logical_nulls().as_ref(), right.logical_nulls().as_ref());
    let is_valid = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
    let values = BooleanBuffer::collect_bool(left.len(), |row| is_valid(row) && op.holds(order(row)));
    BooleanArray::new(values, nulls)
}

/// The counts of a date, timestamp or duration, and their unit in nanoseconds.
pub(super) fn ticks(array: &ArrayRef) -> Result<(PrimitiveArray<Int64Type>, i128), ArrowError> {
    let unit = match array.data_type() {
        DataType::Timestamp(unit, _) | DataType::Duration(unit) => nanoseconds(*unit),
        DataType::Date64 => 1_000_000,
        _ => DAY,
    };
    Ok((cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone(), unit))
}

/// The order of an integer of 64 bits, with or without a sign, and a double.
fn integer_and_double(integer: i128, double: f64) -> Ordering {
    if double.is_nan() || double >= 18_446_744_073_709_551_616.0 {
        return Ordering::Less;
    }
    if double < -9_223_372_036_854_775_808.0 {
        return Ordering::Greater;
    }
    let whole = double.trunc();
    // A fraction takes a double away from zero; between the two zeros there is no difference.
    let fraction = || whole.partial_cmp(&double).unwrap_or(Ordering::Equal);
    integer.cmp(&(whole as i128)).then_with(fraction)
}

/// The order of a decimal and a double: a rounded quotient decides, unless the two are close.
fn small_decimal_and_double(unscaled: i128, scale: i8, double: f64) -> Ordering {
    if double.is_nan() {
        return Ordering::Less;
    }
    let near = unscaled as f64 / 10f64.powi(i32::from(scale));
    if (near - double).abs() > 1e-9 * near.abs().max(double.abs()) {
        return if near < double { Ordering::Less } else { Ordering::Greater };
    }
    // Amounts are mostly whole or quarters: a double that is a small multiple of 1/16 is exact.
    if (0..=18).contains(&scale) && double.abs() < 1e9 && (double * 16.0).fract() == 0.0 {
        return (unscaled * 16).cmp(&((double * 16.0) as i128 * 10i128.pow(u32::from(scale.unsigned_abs()))));
    }
    decimal_and_double(&unscaled.to_string(), scale, double)
}

fn decimal_and_double(unscaled: &str, scale: i8, double: f64) -> Ordering {
    match (Exact::of_decimal(unscaled, scale), Exact::of_double(double)) {
        (Some(decimal), Some(double)) => decimal.cmp(&double),
        _ if double == f64::NEG_INFINITY => Ordering::Greater,
        _ => Ordering::Less,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_doubles_are_ordered_exactly() {
        use Ordering::{Equal, Greater, Less};
        let cases = [
            (i128::from(i64::MAX), 9_223_372_036_854_775_808.0, Less),
            (i128::from(i64::MIN), -9_223_372_036_854_775_808.0, Equal),
            (i128::from(i64::MIN), -1e300, Greater),
            (i128::from(u64::MAX), 18_446_744_073_709_551_616.0, Less),
            (i128::from(u64::MAX), 18_446_744_073_709_549_568.0, Greater),
            (9_007_199_254_740_993, 9_007_199_254_740_992.0, Greater),
            (1, 1.5, Less),
            (2, 1.5, Greater),
            (-1, -1.5, Greater),
            (-2, -1.5, Less),
            (0, -0.0, Equal),
            (0, 5e-324, Less),
            (0, -5e-324, Greater),
            (7, f64::NAN, Less),
            (7, f64::INFINITY, Less),
            (7, f64::NEG_INFINITY, Greater),
        ];
        for (integer, double, order) in cases {
            assert_eq!(integer_and_double(integer, double), order, "{integer} {double}");
        }
    }

    #[test]
    fn decimals_and_doubles_are_ordered_exactly() {
        use Ordering::{Equal, Greater, Less};
        let cases = [
            (5, 2, 0.05, Less),
            (25, 2, 0.25, Equal),
            (100, 2, 1.0, Equal),
            (1, 1, 0.1, Less),
            (-1, 1, -0.1, Greater),
            (i128::MAX, 0, 1.701_411_834_604_692_3e38, Less),
            (0, 3, -0.0, Equal),
            (12, -2, 1200.0, Equal),
            (1, 0, f64::NAN, Less),
            (1, 0, f64::NEG_INFINITY, Greater),
            (1, 0, f64::INFINITY, Less),
            (1, 38, 1e-38, Less),
        ];
        for (unscaled, scale, double, order) in cases {
            let exact = decimal_and_double(&unscaled.to_string(), scale, double);
            assert_eq!(small_decimal_and_double(unscaled, scale, double), exact, "{unscaled} {scale} {double}");
            if unscaled != 1 || scale != 38 {
                assert_eq!(exact, order, "{unscaled} {scale} {double}");
            }
        }
    }
}
