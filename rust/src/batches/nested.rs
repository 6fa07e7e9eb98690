//! Lists, structs, maps and the rarer types: arrays are joined and cast by arrow's kernels, then laid out in pre-order.

use arrow_array::{Array, ArrayRef, new_empty_array};
use arrow_buffer::NullBuffer;
use arrow_data::ArrayData;
use arrow_data::transform::MutableArrayData;
use arrow_schema::{ArrowError, DataType};

use crate::batches::column::{Column, ColumnBuffer, Node};
use crate::error::{ErrorCode, Result, SpillwayError};

/// One column from the decoder's arrays, cast to the type that the batch shows.
///
/// # Errors
/// `UNSUPPORTED_FEATURE` when arrow has no cast to that type, `CORRUPT_FILE` when a value does not survive it.
pub fn export(arrays: &[ArrayRef], data_type: &DataType) -> Result<Column> {
    let joined = match arrays {
        [] => new_empty_array(data_type),
        [single] => single.clone(),
        several => {
            let parts: Vec<&dyn Array> = several.iter().map(AsRef::as_ref).collect();
            arrow_select::concat::concat(&parts).map_err(|e| kernel_error(&e))?
        }
    };
    let cast = if joined.data_type() == data_type {
        joined
    } else {
        arrow_cast::cast(&joined, data_type).map_err(|e| kernel_error(&e))?
    };
    let data = cast.to_data();
    check_required(&data).map_err(|e| kernel_error(&e))?;
    Ok(laid_out(&from_zero(&data)?))
}

/// Checks that children that may not be null have none: a file's schema may say it of a field within one that is null,
/// and parquet believes it. Costs next to nothing where there are no nulls.
fn check_required(data: &ArrayData) -> std::result::Result<(), ArrowError> {
    data.validate_nulls()?;
    data.child_data().iter().try_for_each(check_required)
}

/// The column of data whose offsets are all 0.
#[must_use]
pub fn laid_out(data: &ArrayData) -> Column {
    let mut column = Column::default();
    push(data, &mut column);
    column
}

/// The same values with every offset 0; copies where they are not.
fn from_zero(data: &ArrayData) -> Result<ArrayData> {
    if starts_at_zero(data) { Ok(data.clone()) } else { copied(data) }
}

/// The same values in memory of their own, with every offset 0; the values of dictionaries stay where they are.
///
/// # Errors
/// `CORRUPT_FILE` where they don't fit the type's offsets.
pub fn copied(data: &ArrayData) -> Result<ArrayData> {
    let mut copy = MutableArrayData::new(vec![data], false, data.len());
    copy.try_extend(0, 0, data.len()).map_err(|e| kernel_error(&e))?;
    Ok(copy.freeze())
}

fn starts_at_zero(data: &ArrayData) -> bool {
    let own = data.offset() == 0 && data.nulls().is_none_or(|nulls| nulls.offset() == 0);
    let offsets = match data.data_type() {
        DataType::Utf8 | DataType::Binary | DataType::List(_) | DataType::Map(..) => {
            data.is_empty() || data.buffers()[0].typed_data::<i32>().first() == Some(&0)
        }
        DataType::LargeUtf8 | DataType::LargeBinary | DataType::LargeList(_) => {
            data.is_empty() || data.buffers()[0].typed_data::<i64>().first() == Some(&0)
        }
        _ => true,
    };
    own && offsets && data.child_data().iter().all(starts_at_zero)
}

fn push(data: &ArrayData, column: &mut Column) {
    let nulls = data.nulls().filter(|nulls| nulls.null_count() > 0);
    let null_count =
        if data.data_type() == &DataType::Null { data.len() } else { nulls.map_or(0, NullBuffer::null_count) };
    column.nodes.push(Node { length: data.len(), null_count });
    if data.data_type() == &DataType::Null {
        return;
    }
    let validity = nulls.map_or(ColumnBuffer::Empty, |nulls| ColumnBuffer::Shared(nulls.buffer().clone()));
    column.buffers.push(validity);
    let offset_bytes = match data.data_type() {
        DataType::Utf8 | DataType::Binary | DataType::List(_) | DataType::Map(..) => Some(4),
        DataType::LargeUtf8 | DataType::LargeBinary | DataType::LargeList(_) => Some(8),
        _ => None,
    };
    for (index, buffer) in data.buffers().iter().enumerate() {
        let length = match offset_bytes {
            Some(bytes) if index == 0 => (data.len() + 1) * bytes,
            _ => buffer.len(),
        };
        // An empty array may come without its one offset.
        let exact = if buffer.len() < length {
            arrow_buffer::Buffer::from(vec![0_u8; length])
        } else {
            buffer.slice_with_length(0, length)
        };
        column.buffers.push(ColumnBuffer::Shared(exact));
    }
    // A dictionary's values stay where they are: only the rows' keys are given.
    if matches!(data.data_type(), DataType::Dictionary(..)) {
        return;
    }
    for child in data.child_data() {
        push(child, column);
    }
}

fn kernel_error(error: &ArrowError) -> SpillwayError {
    let code = match error {
        ArrowError::NotYetImplemented(_) => ErrorCode::UnsupportedFeature,
        _ => ErrorCode::CorruptFile,
    };
    SpillwayError::new(code, format!("Cannot convert a decoded column: {error}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::builder::{Int32Builder, ListBuilder};
    use arrow_array::{Decimal64Array, Int32Array};

    use super::*;

    fn list_of(values: &[Option<Vec<i32>>]) -> ArrayRef {
        let mut builder = ListBuilder::new(Int32Builder::new());
        for value in values {
            match value {
                Some(items) => {
                    builder.values().append_slice(items);
                    builder.append(true);
                }
                None => builder.append(false),
            }
        }
        Arc::new(builder.finish())
    }

    #[test]
    fn slices_are_moved_to_offset_zero() {
        let whole = list_of(&[Some(vec![1]), Some(vec![2, 3]), None, Some(vec![4])]);
        let column = export(&[whole.slice(1, 2)], whole.data_type()).expect("export");
        assert_eq!(column.nodes[0], Node { length: 2, null_count: 1 });
        assert_eq!(column.nodes[1].length, 2);
        assert_eq!(column.buffers[1].as_slice(), [0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]);
        assert_eq!(column.buffers[3].as_slice(), [2, 0, 0, 0, 3, 0, 0, 0]);
    }

    #[test]
    fn several_arrays_become_one() {
        let column =
            export(&[list_of(&[Some(vec![1])]), list_of(&[Some(vec![2])])], list_of(&[]).data_type()).expect("export");
        assert_eq!(column.nodes[0], Node { length: 2, null_count: 0 });
        assert!(column.buffers[0].as_slice().is_empty());
    }

    #[test]
    fn an_empty_list_has_one_offset() {
        let column = export(&[], list_of(&[]).data_type()).expect("export");
        assert_eq!(column.buffers[1].as_slice(), [0, 0, 0, 0]);
    }

    #[test]
    fn small_decimals_widen() {
        let array: ArrayRef =
            Arc::new(Decimal64Array::from(vec![1, -1]).with_precision_and_scale(10, 2).expect("decimal"));
        let column = export(&[array], &DataType::Decimal128(10, 2)).expect("export");
        assert_eq!(column.buffers[1].as_slice()[..16], 1_i128.to_le_bytes());
        assert_eq!(column.buffers[1].as_slice()[16..], (-1_i128).to_le_bytes());
    }

    #[test]
    fn an_impossible_cast_is_an_error() {
        assert!(export(&[list_of(&[Some(vec![1])])], &DataType::Int32).is_err());
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        assert!(export(&[numbers], &DataType::Int32).is_ok());
    }
}
