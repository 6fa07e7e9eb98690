//! Batches to files.

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_cast::cast;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, FieldRef, Schema};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

pub type Outcome = Result<(), Box<dyn Error>>;

/// Writes `name.parquet`.
pub fn parquet(
    directory: &Path,
    name: &str,
    batches: impl IntoIterator<Item = RecordBatch>,
    properties: WriterProperties,
) -> Outcome {
    let file = File::create(directory.join(format!("{name}.parquet")))?;
    let mut batches = batches.into_iter();
    let first = batches.next().ok_or("A file needs a batch, even if it is empty")?;
    let mut writer = ArrowWriter::try_new(file, first.schema(), Some(properties))?;
    writer.write(&first)?;
    for batch in batches {
        writer.write(&batch)?;
    }
    writer.close()?;
    Ok(())
}

/// Writes `name.arrow`: the batch in types that apache-arrow for JavaScript holds.
pub fn expected(directory: &Path, name: &str, batch: &RecordBatch) -> Outcome {
    let schema = batch.schema();
    let fields = schema.fields().iter().map(plain_field).collect::<Vec<_>>();
    let columns = batch
        .columns()
        .iter()
        .zip(&fields)
        .map(|(column, field)| {
            // A list view is cast by its values, and those by their own type.
            let column = match column.data_type() {
                DataType::ListView(item) => cast(column, &DataType::List(item.clone()))?,
                _ => column.clone(),
            };
            cast(&column, field.data_type())
        })
        .collect::<Result<Vec<_>, _>>()?;
    let plain = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
    let mut writer = FileWriter::try_new(File::create(directory.join(format!("{name}.arrow")))?, &plain.schema())?;
    writer.write(&plain)?;
    writer.finish()?;
    Ok(())
}

fn plain_field(field: &FieldRef) -> FieldRef {
    Arc::new(Field::new(field.name(), plain_type(field.data_type()), field.is_nullable()))
}

fn plain_type(data_type: &DataType) -> DataType {
    use DataType as T;
    match data_type {
        T::Utf8View => T::Utf8,
        T::BinaryView => T::Binary,
        T::Decimal32(precision, scale) | T::Decimal64(precision, scale) => T::Decimal128(*precision, *scale),
        T::Dictionary(_, of) => plain_type(of),
        T::RunEndEncoded(_, of) => plain_type(of.data_type()),
        T::List(item) | T::ListView(item) => T::List(plain_field(item)),
        T::LargeList(item) => T::LargeList(plain_field(item)),
        T::FixedSizeList(item, size) => T::FixedSizeList(plain_field(item), *size),
        T::Struct(fields) => T::Struct(fields.iter().map(plain_field).collect()),
        T::Map(entries, ordered) => T::Map(plain_field(entries), *ordered),
        other => other.clone(),
    }
}
