//! Membership in a list of constants, prepared once for all batches.

use std::collections::HashSet;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float64Type};
use arrow_array::{
    Array, ArrayAccessor, ArrayRef, ArrowNativeTypeOp, BooleanArray, PrimitiveArray, downcast_primitive_array,
};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_cast::cast;
use arrow_ord::sort::sort;
use arrow_schema::{ArrowError, DataType};

use super::types::{is_binary, is_string};

/// Lists up to this length are looked through; longer ones are searched.
const SHORT: usize = 8;

/// A list of constants.
#[derive(Debug)]
pub struct InSet {
    members: Members,
    has_null: bool,
}

#[derive(Debug)]
enum Members {
    /// Ascending.
    Doubles(Vec<f64>),
    Bytes {
        values: HashSet<Box<[u8]>>,
        /// A bit for each length modulo 64 that a member has: most other texts are told apart by it.
        lengths: u64,
    },
    Booleans {
        holds_true: bool,
        holds_false: bool,
    },
    /// Ascending, of the value's type.
    Sorted(ArrayRef),
}

impl InSet {
    /// Prepares a list of distinct values.
    ///
    /// # Errors
    /// Types that have no order.
    pub fn new(list: &ArrayRef, has_null: bool) -> Result<Self, ArrowError> {
        let members = match list.data_type() {
            data_type if data_type.is_floating() => {
                let doubles = cast(list, &DataType::Float64)?;
                let mut doubles: Vec<f64> =
                    doubles.as_primitive::<Float64Type>().values().iter().map(|v| one(*v)).collect();
                doubles.sort_by(f64::total_cmp);
                Members::Doubles(doubles)
            }
            data_type if is_string(data_type) || is_binary(data_type) => {
                let bytes = cast(list, &DataType::Binary)?;
                let values: HashSet<Box<[u8]>> = bytes.as_binary::<i32>().iter().flatten().map(Into::into).collect();
                let lengths = values.iter().fold(0, |lengths, value| lengths | length_bit(value));
                Members::Bytes { values, lengths }
            }
            DataType::Boolean => {
                let list = list.as_boolean();
                Members::Booleans { holds_true: list.true_count() > 0, holds_false: list.false_count() > 0 }
            }
            _ => Members::Sorted(sort(list, None)?),
        };
        Ok(Self { members, has_null })
    }

    /// Which values are members: null where a value is null, or is not in a list that holds null.
    ///
    /// # Errors
    /// Values of another type than the list.
    pub fn contains(&self, array: &ArrayRef) -> Result<BooleanArray, ArrowError> {
        let found =
            match &self.members {
                Members::Doubles(doubles) => {
                    let values = cast(array, &DataType::Float64)?;
                    let values = values.as_primitive::<Float64Type>().values();
                    BooleanBuffer::collect_bool(values.len(), |row| {
                        doubles.binary_search_by(|member| member.total_cmp(&one(values[row]))).is_ok()
                    })
                }
                Members::Bytes { values, lengths } => bytes_in(array, values, *lengths)?,
                Members::Booleans { holds_true, holds_false } => match array.as_boolean_opt() {
                    Some(array) => BooleanBuffer::collect_bool(array.len(), |row| {
                        if array.value(row) { *holds_true } else { *holds_false }
                    }),
                    None => return Err(mismatch(array)),
                },
                Members::Sorted(list) if list.data_type() == array.data_type() => {
                    let values = array.as_ref();
                    downcast_primitive_array! {
                        values => primitives_in(values, list),
                        _ => return Err(mismatch(array))
                    }
                }
                Members::Sorted(_) => return Err(mismatch(array)),
            };
        let nulls = array.logical_nulls();
        let nulls = if self.has_null { NullBuffer::union(nulls.as_ref(), Some(&found.clone().into())) } else { nulls };
        Ok(BooleanArray::new(found, nulls))
    }
}

fn primitives_in<T: ArrowPrimitiveType>(values: &PrimitiveArray<T>, list: &ArrayRef) -> BooleanBuffer {
    let (values, list) = (values.values(), list.as_primitive::<T>().values());
    if list.len() <= SHORT {
        BooleanBuffer::collect_bool(values.len(), |row| list.iter().any(|member| member.is_eq(values[row])))
    } else {
        BooleanBuffer::collect_bool(values.len(), |row| {
            list.binary_search_by(|member| member.compare(values[row])).is_ok()
        })
    }
}

fn bytes_in(array: &ArrayRef, members: &HashSet<Box<[u8]>>, lengths: u64) -> Result<BooleanBuffer, ArrowError> {
    fn test<'a, A: ArrayAccessor>(
        array: &A,
        members: &HashSet<Box<[u8]>>,
        lengths: u64,
        bytes: impl Fn(A::Item) -> &'a [u8],
    ) -> BooleanBuffer {
        let rows = array.len();
        BooleanBuffer::collect_bool(rows, |row| {
            let value = bytes(array.value(row));
            lengths & length_bit(value) != 0 && members.contains(value)
        })
    }
    Ok(match array.data_type() {
        DataType::Utf8 => test(&array.as_string::<i32>(), members, lengths, str::as_bytes),
        DataType::LargeUtf8 => test(&array.as_string::<i64>(), members, lengths, str::as_bytes),
        DataType::Utf8View => test(&array.as_string_view(), members, lengths, str::as_bytes),
        DataType::Binary => test(&array.as_binary::<i32>(), members, lengths, |value| value),
        DataType::LargeBinary => test(&array.as_binary::<i64>(), members, lengths, |value| value),
        DataType::BinaryView => test(&array.as_binary_view(), members, lengths, |value| value),
        DataType::FixedSizeBinary(_) => test(&array.as_fixed_size_binary(), members, lengths, |value| value),
        _ => return Err(mismatch(array)),
    })
}

fn length_bit(value: &[u8]) -> u64 {
    1 << (value.len() % 64)
}

/// One zero and one NaN for all.
fn one(value: f64) -> f64 {
    if value.is_nan() { f64::NAN } else { value + 0.0 }
}

fn mismatch(array: &ArrayRef) -> ArrowError {
    ArrowError::InvalidArgumentError(format!("{} is not the type of the list", array.data_type()))
}
