//! Arithmetic: null where there is no result.

use std::sync::Arc;

use arrow_arith::numeric;
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Decimal128Type, Decimal256Type, Float64Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, PrimitiveArray, new_empty_array, new_null_array};
use arrow_buffer::{ArrowNativeType, NullBuffer, i256};
use arrow_schema::{ArrowError, DataType};
use arrow_select::concat::concat;
use arrow_select::nullif::nullif;

use super::bound::ArithmeticOp;

/// The type of the result of two values of the types that binding gives them.
#[must_use]
pub fn result_type(op: ArithmeticOp, left: &DataType, right: &DataType) -> DataType {
    if left.is_integer() && op == ArithmeticOp::Div {
        return DataType::Float64;
    }
    if left.is_integer() || left.is_floating() {
        return left.clone();
    }
    let empty = (new_empty_array(left), new_empty_array(right));
    compute(op, &empty.0, &empty.1).map_or_else(|_| left.clone(), |result| result.data_type().clone())
}

/// Computes row by row. Integers and decimals that overflow or are divided by zero give null.
///
/// # Errors
/// Types that arithmetic is not done in.
pub fn compute(op: ArithmeticOp, left: &ArrayRef, right: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match left.data_type() {
        DataType::Int64 if op == ArithmeticOp::Div => Ok(quotients::<Int64Type>(left, right, |value| value as f64)),
        DataType::UInt64 if op == ArithmeticOp::Div => Ok(quotients::<UInt64Type>(left, right, |value| value as f64)),
        DataType::Int64 => Ok(integers::<Int64Type>(op, left, right, |left, right| match op {
            ArithmeticOp::Add => left.checked_add(right),
            ArithmeticOp::Sub => left.checked_sub(right),
            ArithmeticOp::Mul => left.checked_mul(right),
            // The least integer has no remainder by -1 in the processor's eyes; it is 0.
            _ => (right != 0).then(|| left.wrapping_rem(right)),
        })),
        DataType::UInt64 => Ok(integers::<UInt64Type>(op, left, right, |left, right| match op {
            ArithmeticOp::Add => left.checked_add(right),
            ArithmeticOp::Sub => left.checked_sub(right),
            ArithmeticOp::Mul => left.checked_mul(right),
            _ => left.checked_rem(right),
        })),
        DataType::Decimal128(..) | DataType::Decimal256(..) => decimals(op, left, right),
        _ => kernel(op, left, right),
    }
}

fn kernel(op: ArithmeticOp, left: &ArrayRef, right: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match op {
        ArithmeticOp::Add => numeric::add(left, right),
        ArithmeticOp::Sub => numeric::sub(left, right),
        ArithmeticOp::Mul => numeric::mul(left, right),
        ArithmeticOp::Div => numeric::div(left, right),
        ArithmeticOp::Mod => numeric::rem(left, right),
    }
}

fn integers<T: ArrowPrimitiveType>(
    op: ArithmeticOp,
    left: &ArrayRef,
    right: &ArrayRef,
    checked: impl Fn(T::Native, T::Native) -> Option<T::Native>,
) -> ArrayRef {
    if op != ArithmeticOp::Mod
        && let Ok(result) = kernel(op, left, right)
    {
        return result;
    }
    let (left, right) = (left.as_primitive::<T>(), right.as_primitive::<T>());
    let results = left.iter().zip(right).map(|(left, right)| checked(left?, right?));
    Arc::new(results.collect::<PrimitiveArray<T>>())
}

fn quotients<T: ArrowPrimitiveType>(left: &ArrayRef, right: &ArrayRef, double: impl Fn(T::Native) -> f64) -> ArrayRef {
    let (left, right) = (left.as_primitive::<T>(), right.as_primitive::<T>());
    let values = left.values().iter().zip(right.values()).map(|(left, right)| double(*left) / double(*right)).collect();
    let nulls = NullBuffer::union(left.nulls(), right.nulls());
    let not_zero: NullBuffer = right.values().iter().map(|value| *value != T::Native::usize_as(0)).collect();
    let nulls = NullBuffer::union(nulls.as_ref(), Some(&not_zero));
    Arc::new(PrimitiveArray::<Float64Type>::new(values, nulls))
}

fn decimals(op: ArithmeticOp, left: &ArrayRef, right: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let right = if matches!(op, ArithmeticOp::Div | ArithmeticOp::Mod) {
        let zeros: BooleanArray = match right.data_type() {
            DataType::Decimal128(..) => {
                right.as_primitive::<Decimal128Type>().iter().map(|v| Some(v == Some(0))).collect()
            }
            _ => right.as_primitive::<Decimal256Type>().iter().map(|v| Some(v == Some(i256::ZERO))).collect(),
        };
        &nullif(right, &zeros)?
    } else {
        right
    };
    let result = match kernel(op, left, right) {
        Ok(result) => result,
        Err(error) if left.is_empty() => return Err(error),
        Err(_) => {
            let empty = kernel(op, &new_empty_array(left.data_type()), &new_empty_array(right.data_type()))?;
            halved(op, left, right, empty.data_type())?
        }
    };
    let data_type = result.data_type().clone();
    Ok(match data_type {
        DataType::Decimal128(precision, _) => {
            let fitting = result.as_primitive::<Decimal128Type>().null_if_overflow_precision(precision);
            Arc::new(fitting.with_data_type(data_type))
        }
        DataType::Decimal256(precision, _) => {
            let fitting = result.as_primitive::<Decimal256Type>().null_if_overflow_precision(precision);
            Arc::new(fitting.with_data_type(data_type))
        }
        _ => result,
    })
}

/// Computes halves until those rows are found that overflow: overflows are few, and the kernel knows best what they are.
fn halved(op: ArithmeticOp, left: &ArrayRef, right: &ArrayRef, data_type: &DataType) -> Result<ArrayRef, ArrowError> {
    if let Ok(result) = kernel(op, left, right) {
        return Ok(result);
    }
    if left.len() == 1 {
        return Ok(new_null_array(data_type, 1));
    }
    let (half, rest) = (left.len() / 2, left.len() - left.len() / 2);
    let first = halved(op, &left.slice(0, half), &right.slice(0, half), data_type)?;
    let second = halved(op, &left.slice(half, rest), &right.slice(half, rest), data_type)?;
    concat(&[&first, &second])
}
