//! A column chunk as the only one of a file of its own: parquet's readers then read its parts without touching others,
//! and what is corrupt of one chunk spoils no other's.

use std::sync::Arc;

use parquet::basic::{ConvertedType, Repetition};
use parquet::errors::Result;
use parquet::file::metadata::{
    ColumnChunkMetaData, ColumnChunkMetaDataBuilder, FileMetaData, ParquetMetaData, RowGroupMetaData,
};
use parquet::schema::types::{ColumnDescriptor, SchemaDescPtr, SchemaDescriptor, Type};

/// Name of the column.
pub(super) const COLUMN: &str = "column";

/// Metadata of a file with one required column of a leaf's type, and one row group of `rows` rows.
///
/// # Errors
/// Those of parquet's builders, for a type that contradicts itself.
pub(super) fn lone_chunk(
    leaf: &ColumnDescriptor,
    rows: usize,
    build: impl FnOnce(ColumnChunkMetaDataBuilder) -> ColumnChunkMetaDataBuilder,
) -> Result<ParquetMetaData> {
    let schema = lone_schema(leaf)?;
    let chunk = ColumnChunkMetaData::builder(schema.column(0)).set_num_values(rows as i64);
    let row_group = RowGroupMetaData::builder(Arc::clone(&schema))
        .set_num_rows(rows as i64)
        .set_column_metadata(vec![build(chunk).build()?])
        .build()?;
    let file = FileMetaData::new(2, rows as i64, None, None, schema, None);
    Ok(ParquetMetaData::new(file, vec![row_group]))
}

fn lone_schema(leaf: &ColumnDescriptor) -> Result<SchemaDescPtr> {
    let mut column = Type::primitive_type_builder(COLUMN, leaf.physical_type())
        .with_repetition(Repetition::REQUIRED)
        .with_converted_type(leaf.converted_type())
        .with_logical_type(leaf.logical_type_ref().cloned())
        .with_length(leaf.type_length());
    if leaf.converted_type() == ConvertedType::DECIMAL || leaf.type_precision() > 0 {
        column = column.with_precision(leaf.type_precision()).with_scale(leaf.type_scale());
    }
    let root = Type::group_type_builder("schema").with_fields(vec![Arc::new(column.build()?)]).build()?;
    Ok(Arc::new(SchemaDescriptor::new(Arc::new(root))))
}
