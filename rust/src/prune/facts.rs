//! What is known of a column over some rows, as plain data.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float16Type, Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType};
use arrow_schema::DataType;

use crate::expression::bound::ColumnRef;

/// Which of the values are null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// Some, none or all.
    Unknown,
    /// None of them.
    None,
    /// All of them.
    All,
}

/// Facts of a column over some rows. Bounds may be wider than the values are.
#[derive(Debug, Clone)]
pub struct Facts {
    /// A value that no number or text of the rows is below, as an array of one value; NaN and null have no place in it.
    pub lower: Option<ArrayRef>,
    /// A value that none is above, NaN aside.
    pub upper: Option<ArrayRef>,
    /// Which values are null.
    pub nulls: Nulls,
    /// Whether NaN may be among the values. It is outside the bounds: greater than every number.
    pub may_be_nan: bool,
}

impl Facts {
    /// Of a column about which nothing is known.
    #[must_use]
    pub fn unknown(data_type: &DataType) -> Self {
        Self { lower: None, upper: None, nulls: Nulls::Unknown, may_be_nan: data_type.is_floating() }
    }

    /// These facts, completed by those of more rows, which hold for these too.
    #[must_use]
    pub fn or(self, wider: &Self) -> Self {
        let known = self.nulls != Nulls::Unknown;
        Self {
            lower: self.lower.or_else(|| wider.lower.clone()),
            upper: self.upper.or_else(|| wider.upper.clone()),
            nulls: if known { self.nulls } else { wider.nulls },
            may_be_nan: self.may_be_nan && wider.may_be_nan,
        }
    }
}

/// Facts of all columns over some rows.
pub trait ColumnFacts {
    /// Number of rows.
    fn rows(&self) -> u64;

    /// Facts of a column; bounds in the column's type, or in that of its values where it is a dictionary.
    fn facts(&self, column: &ColumnRef) -> Facts;

    /// Whether a value, of the column's type or of that of its values, may occur; only asked for one within the bounds.
    fn may_hold(&self, column: &ColumnRef, values: &ArrayRef, index: usize) -> bool {
        let _ = (column, values, index);
        true
    }
}

/// The type of the values: that of a dictionary's values, else the type itself.
#[must_use]
pub fn value_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, value) => value_type(value),
        other => other,
    }
}

/// An array in a form whose order is that of expressions: dictionaries unpacked, -0.0 as 0.0. `None` where that fails.
#[must_use]
pub fn comparable(array: &ArrayRef) -> Option<ArrayRef> {
    Some(match array.data_type() {
        DataType::Dictionary(_, value) => return comparable(&arrow_cast::cast(array, value).ok()?),
        DataType::Float16 => Arc::new(
            array
                .as_primitive::<Float16Type>()
                .unary::<_, Float16Type>(|v| if v.to_bits() == 0x8000 { Float16Type::default_value() } else { v }),
        ),
        // The sum of -0.0 and 0.0 is 0.0, and every other value's is the value.
        DataType::Float32 => Arc::new(array.as_primitive::<Float32Type>().unary::<_, Float32Type>(|v| v + 0.0)),
        DataType::Float64 => Arc::new(array.as_primitive::<Float64Type>().unary::<_, Float64Type>(|v| v + 0.0)),
        _ => Arc::clone(array),
    })
}

/// Whether a value is NaN.
#[must_use]
pub fn is_nan(array: &ArrayRef, index: usize) -> bool {
    array.is_valid(index)
        && match array.data_type() {
            DataType::Float16 => array.as_primitive::<Float16Type>().value(index).is_nan(),
            DataType::Float32 => array.as_primitive::<Float32Type>().value(index).is_nan(),
            DataType::Float64 => array.as_primitive::<Float64Type>().value(index).is_nan(),
            _ => false,
        }
}

/// The bytes of a text or binary value; `None` for null and other types.
#[must_use]
pub fn bytes_of(array: &ArrayRef, index: usize) -> Option<&[u8]> {
    if array.is_null(index) {
        return None;
    }
    Some(match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(index).as_bytes(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(index).as_bytes(),
        DataType::Utf8View => array.as_string_view().value(index).as_bytes(),
        DataType::Binary => array.as_binary::<i32>().value(index),
        DataType::LargeBinary => array.as_binary::<i64>().value(index),
        DataType::BinaryView => array.as_binary_view().value(index),
        DataType::FixedSizeBinary(_) => array.as_fixed_size_binary().value(index),
        _ => return None,
    })
}
