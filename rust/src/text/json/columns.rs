//! Which builder reads the values of a column.

use arrow_array::types::{
    Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_schema::{DataType, Field, FieldRef, Fields, Metadata, TimeUnit};

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::text::format::Wanted;
use crate::text::json::nested::{ObjectFields, Structs};
use crate::text::json::scalar::{Booleans, Nulls, Texts, decimals, floats, integers, moments, times};
use crate::text::json::spans::{Lists, Maps};
use crate::text::json::value::ValueBuilder;

/// Arrow's own mark of text columns that hold JSON.
const EXTENSION: &str = "ARROW:extension:name";
const JSON: &str = "arrow.json";

/// A column that holds values of any kind, as JSON text.
#[must_use]
pub fn json_field(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true).with_metadata(Metadata::new().with(EXTENSION, JSON))
}

/// Whether a column of texts holds JSON.
fn is_json(field: &Field) -> bool {
    field.metadata().get(EXTENSION).is_some_and(|name| name == JSON)
}

/// Readers of an object's fields: of those that are wanted, in this order, for about `rows` objects.
///
/// # Errors
/// `UNSUPPORTED_FEATURE` for a type that is not read from JSON, with its column.
pub fn object_fields(known: &Fields, wanted: &[Wanted], rows: usize) -> Result<ObjectFields> {
    let field = |(place, field): (usize, &FieldRef)| {
        let wanted = wanted.iter().find(|wanted| wanted.column == place);
        let column = wanted.map(|wanted| builder(field, &wanted.field, rows)).transpose();
        Ok((field.name().clone(), column.map_err(|error| error.at_column(field.name()))?))
    };
    known.iter().enumerate().map(field).collect::<Result<_>>().map(ObjectFields::new)
}

/// A reader of values of `known`, which gives them as `wanted` has them: objects with some of their fields only.
fn builder(known: &Field, wanted: &Field, rows: usize) -> Result<Box<dyn ValueBuilder>> {
    let data_type = known.data_type();
    Ok(match data_type {
        DataType::Null => Box::new(Nulls::default()),
        DataType::Boolean => Booleans::boxed(rows),
        DataType::Int8 => integers::<Int8Type>(data_type, rows),
        DataType::Int16 => integers::<Int16Type>(data_type, rows),
        DataType::Int32 => integers::<Int32Type>(data_type, rows),
        DataType::Int64 => integers::<Int64Type>(data_type, rows),
        DataType::UInt8 => integers::<UInt8Type>(data_type, rows),
        DataType::UInt16 => integers::<UInt16Type>(data_type, rows),
        DataType::UInt32 => integers::<UInt32Type>(data_type, rows),
        DataType::UInt64 => integers::<UInt64Type>(data_type, rows),
        DataType::Float32 => floats::<Float32Type>(data_type, rows),
        DataType::Float64 => floats::<Float64Type>(data_type, rows),
        DataType::Decimal128(precision, scale) => decimals(*precision, *scale, data_type, rows),
        DataType::Date32 => times::<Date32Type>(data_type, rows),
        DataType::Date64 => moments::<Date64Type>(data_type, rows, TimeUnit::Millisecond),
        DataType::Time32(TimeUnit::Second) => times::<Time32SecondType>(data_type, rows),
        DataType::Time32(TimeUnit::Millisecond) => times::<Time32MillisecondType>(data_type, rows),
        DataType::Time64(TimeUnit::Microsecond) => times::<Time64MicrosecondType>(data_type, rows),
        DataType::Time64(TimeUnit::Nanosecond) => times::<Time64NanosecondType>(data_type, rows),
        DataType::Timestamp(TimeUnit::Second, _) => moments::<TimestampSecondType>(data_type, rows, TimeUnit::Second),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            moments::<TimestampMillisecondType>(data_type, rows, TimeUnit::Millisecond)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            moments::<TimestampMicrosecondType>(data_type, rows, TimeUnit::Microsecond)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            moments::<TimestampNanosecondType>(data_type, rows, TimeUnit::Nanosecond)
        }
        DataType::Utf8 => Texts::<i32>::boxed(rows, is_json(known)),
        DataType::LargeUtf8 => Texts::<i64>::boxed(rows, is_json(known)),
        DataType::List(item) => Lists::<i32>::boxed(item, items(item)?, rows),
        DataType::LargeList(item) => Lists::<i64>::boxed(item, items(item)?, rows),
        DataType::Struct(known) => structs(known, wanted, rows)?,
        DataType::Map(entries, is_sorted) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 && fields[0].data_type() == &DataType::Utf8 => {
                Maps::boxed(entries, fields, *is_sorted, items(&fields[1])?, rows)
            }
            _ => return Err(unsupported(data_type)),
        },
        _ => return Err(unsupported(data_type)),
    })
}

/// How many items lists have is not known before.
fn items(field: &Field) -> Result<Box<dyn ValueBuilder>> {
    builder(field, field, 0)
}

fn structs(known: &Fields, wanted: &Field, rows: usize) -> Result<Box<dyn ValueBuilder>> {
    let DataType::Struct(fields) = wanted.data_type() else {
        return Err(SpillwayError::internal("a part of an object is wanted as something else"));
    };
    let place = |field: &FieldRef| known.iter().position(|known| known.name() == field.name());
    let wanted = |field| Some(Wanted { column: place(field)?, field: FieldRef::clone(field) });
    let wanted: Vec<Wanted> = fields.iter().filter_map(wanted).collect();
    Ok(Structs::boxed(fields, object_fields(known, &wanted, rows)?, rows))
}

fn unsupported(data_type: &DataType) -> SpillwayError {
    let message = format!("Cannot read JSON to a column of type {data_type}; give another type, such as text");
    SpillwayError::new(ErrorCode::UnsupportedFeature, message)
}
