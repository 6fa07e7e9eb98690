//! What a column of JavaScript's says of itself, checked: nothing of it is believed.

use arrow_array::types::{Decimal128Type, DecimalType};
use arrow_array::{ArrayRef, Decimal128Array, Decimal256Array, OffsetSizeTrait};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};
use arrow_data::ArrayData;
use arrow_schema::{ArrowError, DataType};

/// So many bytes are checked as fast as offsets are moved.
const WORTH_LEAVING_OUT: usize = 4096;

/// Checks that decimals have no more digits than their type says: encoders would cut them off without a word.
pub(super) fn within_precision(data: &ArrayData) -> std::result::Result<(), ArrowError> {
    match *data.data_type() {
        DataType::Decimal128(precision, _) => {
            let array = Decimal128Array::from(data.clone());
            let most = Decimal128Type::MAX_FOR_EACH_PRECISION.get(usize::from(precision)).copied().unwrap_or(0);
            let is_beyond = |value: &i128| value.wrapping_add(most).cast_unsigned() > 2 * most.cast_unsigned();
            // Most often none is, nor what nulls hide: seen without a branch for each.
            let any_beyond = array.values().iter().fold(false, |any, value| any | is_beyond(value));
            if any_beyond { array.validate_decimal_precision(precision) } else { Ok(()) }
        }
        DataType::Decimal256(precision, _) => Decimal256Array::from(data.clone()).validate_decimal_precision(precision),
        _ => Ok(()),
    }
}

/// The most rows that Arrow recommends an array to have. Some types take no bytes: nothing else bounds what is made of a row.
const MOST_ROWS: usize = i32::MAX as usize;

/// A column of these parts, with all that it says checked.
pub(super) fn checked(
    data_type: &DataType,
    length: usize,
    null_count: usize,
    bit_offset: usize,
    mut buffers: Vec<Buffer>,
    children: Vec<ArrayData>,
) -> std::result::Result<ArrayData, ArrowError> {
    let invalid = |message: String| ArrowError::InvalidArgumentError(message);
    if length > MOST_ROWS {
        return Err(invalid(format!("{length} values are too many, a batch may have {MOST_ROWS}")));
    }
    if data_type == &DataType::Null {
        return ArrayData::builder(DataType::Null).len(length).build();
    }
    if buffers.is_empty() {
        return Err(invalid(format!("a column of type {data_type} has no buffers")));
    }
    let validity = buffers.remove(0);
    let end = bit_offset.checked_add(length).filter(|end| isize::try_from(*end).is_ok());
    let Some(end) = end else { return Err(invalid(format!("{length} values are too many"))) };
    // Without a count of nulls a bitmap means nothing to apache-arrow.
    let nulls = if null_count == 0 || validity.is_empty() {
        None
    } else if validity.len() < end.div_ceil(8) {
        let message = format!("the bitmap of {end} values has {} bytes, not {}", validity.len(), end.div_ceil(8));
        return Err(invalid(message));
    } else {
        Some(NullBuffer::new(BooleanBuffer::new(validity, bit_offset, length)))
    };
    whole(data_type, &mut buffers)?;
    match data_type {
        DataType::Utf8 | DataType::Binary => used_values::<i32>(length, &mut buffers),
        DataType::LargeUtf8 | DataType::LargeBinary => used_values::<i64>(length, &mut buffers),
        _ => {}
    }
    let is_plain = match data_type {
        DataType::Utf8 => is_plain_text::<i32>(length, &buffers),
        DataType::LargeUtf8 => is_plain_text::<i64>(length, &buffers),
        _ => false,
    };
    let offset = if data_type == &DataType::Boolean { bit_offset } else { 0 };
    let builder = ArrayData::builder(data_type.clone()).len(length).offset(offset).nulls(nulls);
    let builder = builder.buffers(buffers).child_data(children).align_buffers(true);
    if is_plain {
        // SAFETY: offsets and texts were looked at, and lengths are below.
        let data = unsafe { builder.build_unchecked() };
        return data.validate().map(|()| data);
    }
    // The children were checked when they were read.
    builder.build()
}

/// Whether these are texts of ASCII, as most are: arrow's check of any text looks at each by itself, which takes many times
/// as long.
fn is_plain_text<O: OffsetSizeTrait>(length: usize, buffers: &[Buffer]) -> bool {
    let [offsets, values] = buffers else { return false };
    let Some(shown) = offsets.typed_data::<O>().get(..=length) else { return false };
    let descends = |(start, end): (&O, &O)| start > end;
    // Seen without a branch for each.
    let any_descends = shown.iter().zip(&shown[1..]).fold(false, |any, pair| any | descends(pair));
    let start = shown.first().and_then(|offset| offset.to_usize());
    let end = shown.last().and_then(|offset| offset.to_usize());
    let (false, Some(start), Some(end)) = (any_descends, start, end) else { return false };
    values.as_slice().get(start..end).is_some_and(<[u8]>::is_ascii)
}

/// Sees to it that offsets, views and keys, the first of the buffers, are aligned and whole: arrow's checks take that for
/// granted.
fn whole(data_type: &DataType, buffers: &mut [Buffer]) -> std::result::Result<(), ArrowError> {
    let width = match data_type {
        DataType::Utf8 | DataType::Binary | DataType::List(_) | DataType::Map(..) => Some(size_of::<i32>()),
        DataType::LargeUtf8 | DataType::LargeBinary | DataType::LargeList(_) => Some(size_of::<i64>()),
        DataType::Utf8View | DataType::BinaryView => Some(size_of::<u128>()),
        DataType::Dictionary(keys, _) => keys.primitive_width(),
        _ => None,
    };
    let (Some(width), Some(first)) = (width, buffers.first_mut()) else { return Ok(()) };
    if !first.len().is_multiple_of(width) {
        let message = format!("its first values have {} bytes, which is no multiple of {width}", first.len());
        return Err(ArrowError::InvalidArgumentError(message));
    }
    if first.as_ptr().align_offset(width) != 0 {
        *first = Buffer::from_slice_ref(first.as_slice());
    }
    Ok(())
}

/// Leaves out the bytes of texts that a slice doesn't show, or checking them would cost each slice as much as the whole.
/// Offsets that make no sense stay as they are, to be found by the check.
fn used_values<O: OffsetSizeTrait>(length: usize, buffers: &mut [Buffer]) {
    let [offsets, values] = buffers else { return };
    let shown: &[O] = offsets.typed_data();
    let (Some(first), Some(last)) = (shown.first(), shown.get(length)) else { return };
    let (Some(start), Some(end)) = (first.to_usize(), last.to_usize()) else { return };
    if start > end || end > values.len() || values.len() - (end - start) < WORTH_LEAVING_OUT {
        return;
    }
    if start > 0 {
        let from_zero = shown[..=length].iter().map(|offset| offset.checked_sub(first).unwrap_or(*last));
        *offsets = Buffer::from_iter(from_zero);
    }
    *values = values.slice_with_length(start, end - start);
}

/// The types of a column's children, but for a dictionary's.
pub(super) fn child_types(data_type: &DataType) -> Vec<&DataType> {
    match data_type {
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => vec![item.data_type()],
        DataType::Struct(fields) => fields.iter().map(|field| field.data_type()).collect(),
        _ => Vec::new(),
    }
}

/// The values of a dictionary: several chunks where it has grown.
pub(super) fn joined(chunks: &[ArrayRef], values: &DataType) -> std::result::Result<ArrayData, ArrowError> {
    match chunks {
        [] => Ok(ArrayData::new_empty(values)),
        [single] => Ok(single.to_data()),
        several => {
            let parts: Vec<&dyn arrow_array::Array> = several.iter().map(AsRef::as_ref).collect();
            Ok(arrow_select::concat::concat(&parts)?.to_data())
        }
    }
}
