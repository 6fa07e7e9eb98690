//! What batches show of columns as they are stored: types that apache-arrow holds, and dictionaries as their values.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, StructArray};
use arrow_schema::{DataType, Field, FieldRef, Schema};

use super::message::caught;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::schema::shown_type;
use crate::options::Strings;
use crate::transform::nullable;

/// Widest value of a dictionary of binaries of a fixed size: a row of a few bytes becomes one of so many.
const WIDEST: i32 = 4096;

/// The field as batches show it. It may have nulls, and so may its children.
///
/// # Errors
/// `UNSUPPORTED_FEATURE` for a type that can't be shown, or that a few bytes could blow up beyond all memory.
pub fn shown_field(field: &FieldRef, strings: Strings) -> Result<FieldRef> {
    check(field.data_type(), true).map_err(|what| {
        let message = format!(
            "Cannot read column '{}': it holds {what}, which is not supported; leave the column out or write it in another way",
            field.name()
        );
        SpillwayError::new(ErrorCode::UnsupportedFeature, message).at_column(field.name())
    })?;
    let data_type = shown_type(field.data_type(), strings == Strings::Preserve);
    Ok(nullable(&Arc::new(field.as_ref().clone().with_data_type(data_type))))
}

/// The schema as batches show it; columns that can't be shown are as they are stored.
#[must_use]
pub fn shown_schema(stored: &Schema, strings: Strings) -> Schema {
    let field = |field: &FieldRef| shown_field(field, strings).unwrap_or_else(|_| Arc::clone(field));
    let fields: Vec<FieldRef> = stored.fields().iter().map(field).collect();
    Schema::new_with_metadata(fields, stored.metadata().clone())
}

/// The values as `field` shows them: of the type that [`shown_field`] gives, or of structs with some of their fields only.
///
/// Costs nothing where the types are the same.
///
/// # Errors
/// `MEMORY_LIMIT` where texts pass 2 GiB, and those of arrow's casts.
pub fn shown(array: &ArrayRef, field: &Field) -> Result<ArrayRef> {
    let array = narrowed(array, field.data_type())?;
    if array.data_type() == field.data_type() {
        return Ok(array);
    }
    if text_bytes(&array) > i32::MAX as u64 {
        let message = format!(
            "Cannot read column '{}': the texts of one batch take more than 2 GiB; read fewer rows a batch with `batchSize`",
            field.name()
        );
        return Err(SpillwayError::new(ErrorCode::MemoryLimit, message).at_column(field.name()));
    }
    caught(|| arrow_cast::cast(&array, field.data_type()).map_err(|error| SpillwayError::from_arrow(&error)))
        .map_err(|error| error.at_column(field.name()))
}

/// Bytes of texts by view, which may show the same bytes many times.
fn text_bytes(array: &ArrayRef) -> u64 {
    // A view's low 32 bits are the value's length.
    let sum = |views: &[u128]| views.iter().map(|view| u64::from(*view as u32)).sum();
    match array.data_type() {
        DataType::Utf8View => sum(array.as_string_view().views()),
        DataType::BinaryView => sum(array.as_binary_view().views()),
        _ => 0,
    }
}

/// The array with those fields of its structs that `data_type` has.
fn narrowed(array: &ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    let (DataType::Struct(has), DataType::Struct(wanted)) = (array.data_type(), data_type) else {
        return Ok(Arc::clone(array));
    };
    let array = array.as_struct();
    let mut fields: Vec<FieldRef> = Vec::with_capacity(wanted.len());
    let mut columns = Vec::with_capacity(wanted.len());
    for field in wanted {
        let Some((own, column)) = has.iter().zip(array.columns()).find(|(own, _)| own.name() == field.name()) else {
            return Err(SpillwayError::internal("a field that is wanted is not there").at_column(field.name()));
        };
        let column = narrowed(column, field.data_type())?;
        fields.push(Arc::new(own.as_ref().clone().with_data_type(column.data_type().clone())));
        columns.push(column);
    }
    if columns.is_empty() {
        return Ok(Arc::new(StructArray::new_empty_fields(array.len(), array.nulls().cloned())));
    }
    let narrowed = StructArray::try_new(fields.into(), columns, array.nulls().cloned());
    narrowed.map(|array| Arc::new(array) as ArrayRef).map_err(|error| SpillwayError::from_arrow(&error))
}

/// Says what of a type is not supported.
fn check(data_type: &DataType, top_level: bool) -> std::result::Result<(), String> {
    use DataType::{
        Dictionary, FixedSizeBinary, FixedSizeList, LargeList, LargeListView, List, ListView, Map, RunEndEncoded,
        Struct, Union,
    };
    match data_type {
        Union(..) => Err("a union".to_owned()),
        // Rows may show the same values many times.
        ListView(_) | LargeListView(_) => Err("lists by view".to_owned()),
        RunEndEncoded(..) if !top_level => Err("runs within lists or structs".to_owned()),
        RunEndEncoded(_, values) if values.data_type().is_nested() => Err("runs of lists or structs".to_owned()),
        Dictionary(_, values) if values.is_nested() => Err(format!("a dictionary of {values}")),
        Dictionary(_, values) => match values.as_ref() {
            FixedSizeBinary(width) if !top_level || *width > WIDEST => Err(format!("a dictionary of {values}")),
            _ => Ok(()),
        },
        List(item) | LargeList(item) | FixedSizeList(item, _) | Map(item, _) => check(item.data_type(), false),
        Struct(fields) => fields.iter().try_for_each(|field| check(field.data_type(), false)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
