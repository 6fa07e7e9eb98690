//! What of Arrow's types Parquet has no like of, and the nearest that it has.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, make_array};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_data::ArrayData;
use arrow_schema::{ArrowError, DataType, FieldRef, IntervalUnit, Schema, SchemaRef, TimeUnit};

use crate::encode::encode_error;
use crate::error::Result;

/// The columns as they are stored: seconds become milliseconds, and `Date64` a timestamp in UTC, which keeps the time of
/// day that JavaScript's dates have. All else stays.
pub fn stored_schema(schema: &Schema) -> SchemaRef {
    let fields: Vec<FieldRef> = schema.fields().iter().map(stored_field).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// A batch with its columns as they are stored.
///
/// # Errors
/// A time that milliseconds can't hold.
pub fn stored_batch(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let column = |(array, field): (&ArrayRef, &FieldRef)| {
        if array.data_type() == field.data_type() {
            return Ok(Arc::clone(array));
        }
        let data = stored_data(array.to_data(), field.data_type());
        data.map(make_array).map_err(|error| encode_error(&error).at_column(field.name()))
    };
    let columns = batch.columns().iter().zip(schema.fields()).map(column).collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(|error| encode_error(&error))
}

fn stored_data(data: ArrayData, data_type: &DataType) -> std::result::Result<ArrayData, ArrowError> {
    if data.data_type() == data_type {
        return Ok(data);
    }
    let types: Vec<&DataType> = match data_type {
        // The same milliseconds; a cast would look each of them up in a calendar that ends before they do.
        DataType::Timestamp(..) if data.data_type() == &DataType::Date64 => Vec::new(),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => vec![item.data_type()],
        DataType::Struct(fields) => fields.iter().map(|field| field.data_type()).collect(),
        DataType::Dictionary(_, values) => vec![values],
        _ => {
            let options = CastOptions { safe: false, ..CastOptions::default() };
            return Ok(cast_with_options(&make_array(data), data_type, &options)?.to_data());
        }
    };
    let children = data.child_data().iter().cloned().zip(types);
    let children =
        children.map(|(child, data_type)| stored_data(child, data_type)).collect::<std::result::Result<_, _>>()?;
    data.into_builder().data_type(data_type.clone()).child_data(children).build()
}

/// Whether a stored type has a place in the format, which no conversion of schemas tells of intervals in nanoseconds: its
/// own intervals have milliseconds.
pub fn is_storable(data_type: &DataType) -> bool {
    let field = |field: &FieldRef| is_storable(field.data_type());
    match data_type {
        DataType::Interval(IntervalUnit::MonthDayNano) | DataType::FixedSizeBinary(0) => false,
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => field(item),
        DataType::Struct(fields) => fields.iter().all(field),
        DataType::Dictionary(_, values) => is_storable(values),
        _ => true,
    }
}

fn stored_field(field: &FieldRef) -> FieldRef {
    let data_type = stored(field.data_type());
    if &data_type == field.data_type() {
        return Arc::clone(field);
    }
    Arc::new(field.as_ref().clone().with_data_type(data_type))
}

fn stored(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Timestamp(TimeUnit::Second, zone) => DataType::Timestamp(TimeUnit::Millisecond, zone.clone()),
        DataType::Time32(TimeUnit::Second) => DataType::Time32(TimeUnit::Millisecond),
        DataType::Date64 => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        DataType::List(item) => DataType::List(stored_field(item)),
        DataType::LargeList(item) => DataType::LargeList(stored_field(item)),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(stored_field(item), *size),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(stored_field).collect()),
        DataType::Map(entries, sorted) => DataType::Map(stored_field(entries), *sorted),
        DataType::Dictionary(keys, values) => DataType::Dictionary(keys.clone(), Box::new(stored(values))),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Date64Type, Int8Type, TimestampMillisecondType};
    use arrow_array::{
        Date64Array, DictionaryArray, Int8Array, ListArray, TimestampMillisecondArray, TimestampSecondArray,
    };
    use arrow_schema::Field;

    use super::*;

    #[test]
    fn dates_with_a_time_of_day_keep_it() {
        let array = Arc::new(Date64Array::from(vec![Some(1_700_000_000_123), None, Some(i64::MAX)])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("at", array)]).expect("a batch");
        let stored = stored_batch(&batch, &stored_schema(&batch.schema())).expect("stored");
        let values = stored.column(0).as_primitive::<TimestampMillisecondType>();
        assert_eq!(values.iter().collect::<Vec<_>>(), [Some(1_700_000_000_123), None, Some(i64::MAX)]);
    }

    #[test]
    fn seconds_beyond_what_milliseconds_hold_are_an_error() {
        let array = Arc::new(TimestampSecondArray::from(vec![i64::MAX])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("at", array)]).expect("a batch");
        let error = stored_batch(&batch, &stored_schema(&batch.schema())).expect_err("too far");
        assert_eq!(error.column(), Some("at"));
    }

    #[test]
    fn values_within_lists_and_dictionaries_are_changed_and_slices_stay_slices() {
        let lists =
            ListArray::from_iter_primitive::<Date64Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![Some(3)])]);
        let seconds = Arc::new(TimestampSecondArray::from(vec![7, 9]));
        let words = DictionaryArray::new(Int8Array::from(vec![Some(1), None, Some(0)]), seconds);
        let columns = [("l", Arc::new(lists) as ArrayRef), ("d", Arc::new(words) as ArrayRef)];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch").slice(1, 2);
        let stored = stored_batch(&batch, &stored_schema(&batch.schema())).expect("stored");
        let lists = stored.column(0).as_list::<i32>();
        assert!(lists.is_null(0));
        assert_eq!(lists.value(1).as_primitive::<TimestampMillisecondType>().values(), &[3]);
        let words = stored.column(1).as_dictionary::<Int8Type>();
        let words = words.downcast_dict::<TimestampMillisecondArray>().expect("timestamps");
        assert_eq!(words.into_iter().collect::<Vec<_>>(), [None, Some(7000)]);
    }

    #[test]
    fn values_of_no_bytes_cannot_be_stored() {
        let width = |bytes: i32| Arc::new(Field::new("item", DataType::FixedSizeBinary(bytes), true));
        for (bytes, expected) in [(0, false), (1, true)] {
            let data_type = DataType::FixedSizeBinary(bytes);
            assert_eq!(is_storable(&data_type), expected);
            assert_eq!(is_storable(&DataType::List(width(bytes))), expected);
            assert_eq!(is_storable(&DataType::Struct(vec![width(bytes)].into())), expected);
        }
    }

    #[test]
    fn nested_fields_are_changed_where_they_are() {
        let item = Arc::new(Field::new("item", DataType::Timestamp(TimeUnit::Second, None), true));
        let schema =
            Schema::new(vec![Field::new("l", DataType::List(item), true), Field::new("n", DataType::Int8, false)]);
        let stored = stored_schema(&schema);
        let DataType::List(item) = stored.field(0).data_type() else { panic!("a list") };
        assert_eq!(item.data_type(), &DataType::Timestamp(TimeUnit::Millisecond, None));
        assert_eq!(stored.field(1), schema.field(1));
    }
}
