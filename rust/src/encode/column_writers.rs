//! The writers of a row group's columns, by what is known of the columns.
//!
//! parquet begins each column of a row group with a dictionary, and goes on without one where that outgrows its limit:
//! looking the values up was for nothing then, and half a dictionary makes the file larger. So columns that outgrew
//! theirs in one row group have none in those that follow.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_schema::SchemaRef;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory};
use parquet::basic::{Encoding, PageType};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, TypePtr};

/// Makes the writers of row group after row group.
pub(super) struct ColumnWriters {
    schema: SchemaRef,
    root: TypePtr,
    properties: WriterProperties,
    factory: ArrowRowGroupWriterFactory,
}

impl ColumnWriters {
    /// Those of a file's columns.
    pub(super) fn new<W: Write + Send>(file: &SerializedFileWriter<W>, schema: &SchemaRef) -> Self {
        Self {
            schema: Arc::clone(schema),
            root: file.schema_descr().root_schema_ptr(),
            properties: file.properties().as_ref().clone(),
            factory: ArrowRowGroupWriterFactory::new(file, Arc::clone(schema)),
        }
    }

    /// The writers of all leaf columns of a row group.
    ///
    /// # Errors
    /// Those of parquet.
    pub(super) fn create(&self, row_group: usize) -> Result<Vec<ArrowColumnWriter>> {
        self.factory.create_column_writers(row_group)
    }

    /// Leaves out the dictionaries of columns that outgrew theirs.
    ///
    /// # Errors
    /// Those of parquet.
    pub(super) fn drop_outgrown(&mut self, columns: &[ArrowColumnChunk]) -> Result<()> {
        let outgrown: Vec<ColumnPath> = columns.iter().filter_map(outgrown).collect();
        if outgrown.is_empty() {
            return Ok(());
        }
        let mut builder = self.properties.clone().into_builder();
        for path in outgrown {
            builder = builder.set_column_dictionary_enabled(path, false);
        }
        self.properties = builder.build();
        // A factory takes its properties from a file's writer; this one writes nowhere.
        let properties = Arc::new(self.properties.clone());
        let nowhere = SerializedFileWriter::new(io::sink(), Arc::clone(&self.root), properties)?;
        self.factory = ArrowRowGroupWriterFactory::new(&nowhere, Arc::clone(&self.schema));
        Ok(())
    }
}

/// The path of a column that has values of a dictionary and others.
fn outgrown(column: &ArrowColumnChunk) -> Option<ColumnPath> {
    let chunk = &column.close().metadata;
    let pages = chunk.page_encoding_stats()?;
    let has_dictionary = pages.iter().any(|pages| pages.page_type == PageType::DICTIONARY_PAGE);
    let has_others = pages.iter().any(|pages| {
        matches!(pages.page_type, PageType::DATA_PAGE | PageType::DATA_PAGE_V2)
            && !matches!(pages.encoding, Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY)
    });
    (has_dictionary && has_others).then(|| chunk.column_path().clone())
}

#[cfg(test)]
mod tests {
    use arrow_array::Int64Array;
    use bytes::Bytes;
    use parquet::file::metadata::ColumnChunkMetaData;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use serde_json::{Value, json};

    use super::*;
    use crate::encode::fixtures::{batch, encoded, parquet_options};
    use crate::encode::parquet::ParquetEncoder;

    const ROWS: i64 = 200_000;

    /// For each row group, whether its columns have a dictionary: one of different values and one of the same.
    fn dictionaries(option: &Value) -> Vec<Vec<bool>> {
        let options = parquet_options(json!({ "rowGroupRows": ROWS, "dictionary": option }));
        // A dictionary has a megabyte: 131,072 numbers, about.
        let rows = batch(vec![
            ("different", Arc::new(Int64Array::from_iter_values(0..3 * ROWS))),
            ("same", Arc::new(Int64Array::from_iter_values((0..3 * ROWS).map(|row| row % 100)))),
        ]);
        let mut encoder = ParquetEncoder::new(&options, &rows.schema()).expect("encoder");
        let file = SerializedFileReader::new(Bytes::from(encoded(&mut encoder, &[rows]))).expect("a file");
        let has = |column: &ColumnChunkMetaData| column.dictionary_page_offset().is_some();
        let row_groups = file.metadata().row_groups().iter();
        row_groups.map(|row_group| row_group.columns().iter().map(has).collect()).collect()
    }

    #[test]
    fn columns_that_outgrew_their_dictionary_have_none_in_later_row_groups() {
        assert_eq!(dictionaries(&json!(true)), [[true, true], [false, true], [false, true]]);
    }

    #[test]
    fn columns_that_are_to_have_one_begin_with_one_each_time() {
        assert_eq!(dictionaries(&json!(["different"])), [[true, false]; 3]);
        assert_eq!(dictionaries(&json!(false)), [[false; 2]; 3]);
    }
}
