//! Batches with some types replaced wherever they are, also within lists and structs.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};

/// The type with `replace` applied to it and to all types within it, from the outside in.
pub(super) fn retype(data_type: &DataType, replace: &impl Fn(&DataType) -> Option<DataType>) -> DataType {
    use DataType::{Dictionary, FixedSizeList, LargeList, LargeListView, List, ListView, Map, Struct};
    if let Some(other) = replace(data_type) {
        return retype(&other, replace);
    }
    let field = |field: &FieldRef| retype_field(field, replace);
    match data_type {
        List(item) => List(field(item)),
        LargeList(item) => LargeList(field(item)),
        ListView(item) => ListView(field(item)),
        LargeListView(item) => LargeListView(field(item)),
        FixedSizeList(item, length) => FixedSizeList(field(item), *length),
        Struct(fields) => Struct(fields.iter().map(field).collect()),
        Map(entries, ordered) => Map(field(entries), *ordered),
        Dictionary(keys, values) => Dictionary(keys.clone(), Box::new(retype(values, replace))),
        other => other.clone(),
    }
}

fn retype_field(field: &FieldRef, replace: &impl Fn(&DataType) -> Option<DataType>) -> FieldRef {
    let data_type = retype(field.data_type(), replace);
    if data_type == *field.data_type() {
        return Arc::clone(field);
    }
    Arc::new(Field::clone(field).with_data_type(data_type))
}

/// The schema with `replace` applied to all types of its columns.
pub(super) fn retype_schema(schema: &SchemaRef, replace: &impl Fn(&DataType) -> Option<DataType>) -> SchemaRef {
    let fields: Vec<FieldRef> = schema.fields().iter().map(|field| retype_field(field, replace)).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// The batch with its columns in the types of `schema`; columns that have them already are shared.
///
/// # Errors
/// That of a cast, as of a type that Arrow cannot cast.
pub(super) fn cast_batch(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| {
        if column.data_type() == field.data_type() { Ok(Arc::clone(column)) } else { cast(column, field.data_type()) }
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_replaced_at_every_depth() {
        let text = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
        let with = |leaf: &DataType| {
            let pair = Field::new("pair", DataType::Struct(vec![Field::new("leaf", leaf.clone(), true)].into()), true);
            DataType::List(Arc::new(pair))
        };
        let plain = |data_type: &DataType| match data_type {
            DataType::Dictionary(_, values) => Some(values.as_ref().clone()),
            _ => None,
        };
        assert_eq!(retype(&with(&text), &plain), with(&DataType::Utf8));
        let map = |leaf: &DataType| {
            let entries = [Field::new("keys", DataType::Utf8, false), Field::new("values", leaf.clone(), true)];
            let entries = Field::new("entries", DataType::Struct(entries.into_iter().collect()), false);
            DataType::Map(Arc::new(entries), false)
        };
        assert_eq!(retype(&map(&with(&text)), &plain), map(&with(&DataType::Utf8)));
        assert_eq!(retype(&DataType::Int32, &plain), DataType::Int32);
    }
}
