//! A file whose metadata says what a test wants it to say, and what pruning makes of it.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::ArrowWriter;
use parquet::basic::ColumnOrder;
use parquet::file::metadata::{ColumnChunkMetaData, FileMetaData, ParquetMetaDataBuilder, RowGroupMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::statistics::Statistics;
use spillway::error::Result;
use spillway::expression::bound::{Bound, ColumnRef, CompareOp};
use spillway::files::file::ParquetFile;
use spillway::prune::{PruneOptions, RowGroupVerdict, prune};
use spillway::source::IoMode;

use crate::naive;

#[expect(clippy::unnecessary_wraps, reason = "an evaluation may fail")]
pub fn evaluate(predicate: &Bound, batch: &RecordBatch) -> Result<BooleanArray> {
    Ok(naive::evaluate(predicate, batch))
}

/// A file of one column `c`, whose metadata can be changed after it was opened.
pub struct Written {
    _folder: tempfile::TempDir,
    pub file: ParquetFile,
    batch: RecordBatch,
}

/// Writes a column.
pub fn write_with(column: ArrayRef, properties: WriterProperties) -> Written {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("traps.parquet");
    let batch = RecordBatch::try_from_iter_with_nullable([("c", column, true)]).expect("batch");
    let out = std::fs::File::create(&path).expect("create");
    let mut writer = ArrowWriter::try_new(out, batch.schema(), Some(properties)).expect("writer");
    writer.write(&batch).expect("write");
    writer.close().expect("close");
    let file = ParquetFile::open(path.to_str().expect("UTF-8"), IoMode::Read).expect("open");
    Written { _folder: folder, file, batch }
}

/// A file with statistics of chunks and nothing else to prune by.
pub fn write(column: ArrayRef) -> Written {
    let properties = WriterProperties::builder()
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_dictionary_enabled(false)
        .set_write_page_header_statistics(false);
    write_with(column, properties.build())
}

impl Written {
    /// The same file with another idea of its first chunk.
    pub fn with_chunk(self, change: impl FnOnce(ColumnChunkMetaData) -> ColumnChunkMetaData) -> Self {
        self.with_row_group(|row_group| {
            let mut builder = row_group.into_builder();
            let mut chunks = builder.take_columns();
            let first = change(chunks.remove(0));
            chunks.insert(0, first);
            builder.set_column_metadata(chunks).build().expect("row group")
        })
    }

    pub fn with_statistics(self, statistics: Statistics) -> Self {
        self.with_chunk(|chunk| chunk.into_builder().set_statistics(statistics).build().expect("chunk"))
    }

    /// Without the histogram of definition levels, which tells of nulls too.
    pub fn without_levels(self) -> Self {
        self.with_chunk(|chunk| chunk.into_builder().set_definition_level_histogram(None).build().expect("chunk"))
    }

    pub fn with_row_group(mut self, change: impl FnOnce(RowGroupMetaData) -> RowGroupMetaData) -> Self {
        let mut builder = self.file.metadata.as_ref().clone().into_builder();
        let mut row_groups = builder.take_row_groups();
        let first = change(row_groups.remove(0));
        row_groups.insert(0, first);
        self.file.metadata = Arc::new(builder.set_row_groups(row_groups).build());
        self
    }

    pub fn with_order(mut self, order: Option<ColumnOrder>) -> Self {
        let old = self.file.metadata.file_metadata();
        let schema = old.schema_descr_ptr();
        let file = FileMetaData::new(old.version(), old.num_rows(), None, None, schema, order.map(|order| vec![order]));
        let row_groups = self.file.metadata.row_groups().to_vec();
        self.file.metadata = Arc::new(ParquetMetaDataBuilder::new(file).set_row_groups(row_groups).build());
        self
    }

    pub fn column(&self) -> ColumnRef {
        let data_type = self.batch.schema().field(0).data_type().clone();
        match data_type {
            DataType::Struct(fields) => {
                ColumnRef { root: 0, fields: vec![0], name: "c.x".into(), data_type: fields[0].data_type().clone() }
            }
            data_type => ColumnRef { root: 0, fields: Vec::new(), name: "c".into(), data_type },
        }
    }

    pub fn verdict(self, predicate: impl FnOnce(Bound) -> Bound) -> RowGroupVerdict {
        self.verdict_with(PruneOptions::default(), predicate)
    }

    pub fn verdict_with(self, options: PruneOptions, predicate: impl FnOnce(Bound) -> Bound) -> RowGroupVerdict {
        let predicate = predicate(Bound::Column(self.column()));
        let file = Arc::new(self.file);
        let schema = self.batch.schema();
        prune(&file, &predicate, &schema, &[0], &options, &evaluate).expect("prune").remove(0)
    }
}

pub fn is(op: CompareOp, value: ArrayRef) -> impl FnOnce(Bound) -> Bound {
    move |column| Bound::Compare { op, left: Box::new(column), right: Box::new(Bound::Literal(value)) }
}

pub fn is_null(column: Bound) -> Bound {
    Bound::IsNull(Box::new(column))
}

pub fn is_not_null(column: Bound) -> Bound {
    Bound::Not(Box::new(is_null(column)))
}

pub fn skipped(verdict: &RowGroupVerdict) -> bool {
    verdict.skipped_by.is_some()
}
