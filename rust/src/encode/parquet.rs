//! The Parquet encoder: the columns of a row group are encoded side by side, each by parquet's own column writers.

use std::cmp::Reverse;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{FieldRef, Schema, SchemaRef};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, ArrowWriterOptions, compute_leaves};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

use crate::batches::shown_bytes::shown_bytes;
use crate::encode::column_orders::name_known_orders;
use crate::encode::column_writers::ColumnWriters;
use crate::encode::parquet_options::{Columns, ParquetOptions};
use crate::encode::sorting::SortOrder;
use crate::encode::storage::{is_storable, stored_batch, stored_schema};
use crate::encode::{Encoder, Output, encode_error};
use crate::error::{ErrorCode, Result, SpillwayError};

/// Encodes Parquet. An open row group's pages wait in memory, encoded and compressed, until the group ends.
pub struct ParquetEncoder {
    schema: SchemaRef,
    writer: SerializedFileWriter<SharedBytes>,
    bytes: SharedBytes,
    columns: ColumnWriters,
    /// Whether columns are written without a dictionary once they outgrew theirs.
    drops_dictionaries: bool,
    group: Vec<FieldWriter>,
    group_rows: usize,
    /// Columns of the row group before, which are appended while the next one's are encoded.
    closed: Vec<ArrowColumnChunk>,
    groups: usize,
    most_rows: usize,
    most_bytes: usize,
    order: Option<SortOrder>,
}

/// The leaves of a column, in the open row group.
struct FieldWriter {
    field: FieldRef,
    leaves: Vec<ArrowColumnWriter>,
}

impl ParquetEncoder {
    /// An encoder of batches of `schema`.
    ///
    /// # Errors
    /// `UNSUPPORTED_FEATURE` for a column whose type Parquet has no like of; those of the options.
    pub fn new(options: &ParquetOptions, schema: &SchemaRef) -> Result<Self> {
        let order = SortOrder::new(&options.sorting_columns, schema)?;
        let schema = stored_schema(schema);
        // Names of nested fields as the format's specification wants them.
        let descriptor = ArrowSchemaConverter::new().with_coerce_types(true).convert(&schema);
        let descriptor = descriptor.map_err(|error| unsupported(&schema, &error))?;
        if let Some(field) = schema.fields().iter().find(|field| !is_storable(field.data_type())) {
            return Err(nothing_for(field));
        }
        let properties = options.properties(&descriptor)?;
        let bytes = SharedBytes::default();
        let options_of_arrow = ArrowWriterOptions::new().with_properties(properties).with_parquet_schema(descriptor);
        let writer = ArrowWriter::try_new_with_options(bytes.clone(), Arc::clone(&schema), options_of_arrow);
        let writer = writer.and_then(ArrowWriter::into_serialized_writer);
        let (writer, _) = writer.map_err(|error| encode_error(&error))?;
        let columns = ColumnWriters::new(&writer, &schema);
        Ok(Self {
            schema,
            writer,
            bytes,
            columns,
            drops_dictionaries: matches!(options.dictionary, Columns::All(true)),
            group: Vec::new(),
            group_rows: 0,
            closed: Vec::new(),
            groups: 0,
            most_rows: options.row_group_rows.max(1),
            most_bytes: options.row_group_bytes.max(1),
            order,
        })
    }

    /// Encodes rows of the open row group.
    fn encode(&mut self, slices: &[RecordBatch], out: &mut dyn Output) -> Result<()> {
        if self.group.is_empty() {
            self.group = self.field_writers()?;
        }
        let mut group = std::mem::take(&mut self.group);
        let (appended, encoded) = rayon::join(|| self.append_closed(out), || encode_columns(&mut group, slices));
        self.group = group;
        appended?;
        encoded?;
        self.group_rows += slices.iter().map(RecordBatch::num_rows).sum::<usize>();
        Ok(())
    }

    fn field_writers(&self) -> Result<Vec<FieldWriter>> {
        let leaves = self.columns.create(self.groups);
        let mut leaves = leaves.map_err(|error| encode_error(&error))?.into_iter();
        let field_writer = |field: &FieldRef| {
            let count = leaf_count(field);
            FieldWriter { field: Arc::clone(field), leaves: leaves.by_ref().take(count).collect() }
        };
        Ok(self.schema.fields().iter().map(field_writer).collect())
    }

    fn end_row_group(&mut self) -> Result<()> {
        if self.group_rows == 0 {
            return Ok(());
        }
        let columns = std::mem::take(&mut self.group);
        let chunks = columns.into_par_iter().with_max_len(1).map(FieldWriter::close).collect::<Result<Vec<_>>>()?;
        self.closed = chunks.into_iter().flatten().collect();
        if self.drops_dictionaries {
            self.columns.drop_outgrown(&self.closed).map_err(|error| encode_error(&error))?;
        }
        self.group_rows = 0;
        self.groups += 1;
        Ok(())
    }

    /// Ends the open row group and appends it.
    fn append_row_group(&mut self, out: &mut dyn Output) -> Result<()> {
        self.end_row_group()?;
        self.append_closed(out)
    }

    /// Appends the row group that was ended, a column chunk at a time.
    fn append_closed(&mut self, out: &mut dyn Output) -> Result<()> {
        if self.closed.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group().map_err(|error| encode_error(&error))?;
        for chunk in std::mem::take(&mut self.closed) {
            self.bytes.reserve(chunk_bytes(&chunk));
            chunk.append_to_row_group(&mut group).map_err(|error| encode_error(&error))?;
            self.bytes.take_into(out.bytes());
            out.drain()?;
        }
        group.close().map(drop).map_err(|error| encode_error(&error))
    }

    /// Encoded bytes of the open row group, about.
    fn group_bytes(&self) -> usize {
        self.group.iter().flat_map(|column| &column.leaves).map(ArrowColumnWriter::get_estimated_total_bytes).sum()
    }

    /// Bytes of the row group that was ended and is not appended.
    fn closed_bytes(&self) -> usize {
        self.closed.iter().map(chunk_bytes).sum()
    }
}

/// Encodes rows of all columns side by side.
fn encode_columns(group: &mut [FieldWriter], slices: &[RecordBatch]) -> Result<()> {
    let mut columns: Vec<(usize, &mut FieldWriter)> = group.iter_mut().enumerate().collect();
    // The one with most bytes first, or all other threads would wait for it at the end.
    let bytes = |index: usize| slices.iter().map(|slice| shown_bytes(slice.column(index))).sum::<usize>();
    columns.sort_by_cached_key(|(index, _)| Reverse(bytes(*index)));
    let outcome = Mutex::new(Ok(()));
    let outcome_of_all = &outcome;
    rayon::scope_fifo(|scope| {
        for (index, column) in columns {
            scope.spawn_fifo(move |_| {
                let written = slices.iter().try_for_each(|slice| column.write(slice.column(index)));
                if written.is_err() {
                    *crate::lock(outcome_of_all) = written;
                }
            });
        }
    });
    outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl Encoder for ParquetEncoder {
    fn write(&mut self, batches: &[RecordBatch], out: &mut dyn Output) -> Result<()> {
        // Where a row group ends is looked at by batch, however many are there: the same batches make the same file each
        // time. While all of its rows take less in memory than a row group may have encoded, that can't be here, so that
        // several batches are encoded in one go, which keeps all threads busy.
        let mut slices = Vec::new();
        let mut at_most = self.group_bytes();
        for batch in batches {
            if self.schema.fields().is_empty() && batch.num_rows() > 0 {
                return Err(without_columns());
            }
            if let Some(order) = &mut self.order {
                order.check(batch)?;
            }
            let batch = stored_batch(batch, &self.schema)?;
            let mut start = 0;
            while start < batch.num_rows() {
                let gathered: usize = slices.iter().map(RecordBatch::num_rows).sum();
                let room = self.most_rows - self.group_rows - gathered;
                let rows = room.min(batch.num_rows() - start);
                let slice = batch.slice(start, rows);
                start += rows;
                at_most += slice.columns().iter().map(|column| shown_bytes(column)).sum::<usize>();
                slices.push(slice);
                if rows == room || at_most > self.most_bytes {
                    self.encode(&std::mem::take(&mut slices), out)?;
                    if self.group_rows == self.most_rows || self.group_bytes() > self.most_bytes {
                        self.end_row_group()?;
                    }
                    at_most = self.group_bytes();
                }
            }
        }
        if !slices.is_empty() {
            self.encode(&slices, out)?;
        }
        self.bytes.take_into(out.bytes());
        Ok(())
    }

    fn flush(&mut self, out: &mut dyn Output) -> Result<()> {
        self.append_row_group(out)?;
        self.bytes.take_into(out.bytes());
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Output) -> Result<()> {
        self.append_row_group(out)?;
        self.writer.finish().map_err(|error| encode_error(&error))?;
        name_known_orders(&mut crate::lock(&self.bytes.0));
        self.bytes.take_into(out.bytes());
        Ok(())
    }

    fn buffered_bytes(&self) -> usize {
        let open = self.group.iter().flat_map(|column| &column.leaves).map(ArrowColumnWriter::memory_size);
        open.sum::<usize>() + self.closed_bytes()
    }

    fn pending_bytes(&self) -> usize {
        self.group_bytes() + self.closed_bytes()
    }

    fn row_groups(&self) -> usize {
        self.groups
    }
}

impl FieldWriter {
    fn write(&mut self, array: &ArrayRef) -> Result<()> {
        let failed = |error: &ParquetError| encode_error(error).at_column(self.field.name());
        let leaves = compute_leaves(&self.field, array).map_err(|error| failed(&error))?;
        let mut writers = self.leaves.iter_mut();
        leaves.iter().try_for_each(|leaf| match writers.next() {
            Some(writer) => writer.write(leaf).map_err(|error| failed(&error)),
            None => Err(SpillwayError::internal("a column has more leaves than writers")),
        })
    }

    fn close(self) -> Result<Vec<ArrowColumnChunk>> {
        let closed = self.leaves.into_iter().map(ArrowColumnWriter::close).collect::<std::result::Result<_, _>>();
        closed.map_err(|error| encode_error(&error).at_column(self.field.name()))
    }
}

/// Encoded bytes of a column chunk.
fn chunk_bytes(chunk: &ArrowColumnChunk) -> usize {
    chunk.close().bytes_written as usize
}

/// Leaves of a column, each a column chunk of its own.
fn leaf_count(field: &FieldRef) -> usize {
    use arrow_schema::DataType::{FixedSizeList, LargeList, List, Map, Struct};
    match field.data_type() {
        List(item) | LargeList(item) | FixedSizeList(item, _) | Map(item, _) => leaf_count(item),
        Struct(fields) => fields.iter().map(leaf_count).sum(),
        _ => 1,
    }
}

fn without_columns() -> SpillwayError {
    let message =
        "Cannot write rows without columns as Parquet: a file counts the values of its columns; select at least one";
    SpillwayError::new(ErrorCode::UnsupportedFeature, message)
}

/// Names the column that can't be stored.
fn unsupported(schema: &SchemaRef, error: &ParquetError) -> SpillwayError {
    let converts = |field: &&FieldRef| {
        let one = Schema::new(vec![Arc::clone(field)]);
        ArrowSchemaConverter::new().with_coerce_types(true).convert(&one).is_err()
    };
    let Some(field) = schema.fields().iter().find(converts) else { return encode_error(error) };
    nothing_for(field).with_cause(error)
}

fn nothing_for(field: &FieldRef) -> SpillwayError {
    let (name, data_type) = (field.name(), field.data_type());
    let message = format!(
        "Cannot write column '{name}' as Parquet: the format has nothing for its type {data_type}; leave the column out or convert it"
    );
    SpillwayError::new(ErrorCode::UnsupportedFeature, message).at_column(name)
}

/// What the file writer has written and nobody took yet.
#[derive(Clone, Default)]
struct SharedBytes(Arc<Mutex<Vec<u8>>>);

impl SharedBytes {
    /// Makes room for so many bytes at once, which is cheaper than by doubling.
    fn reserve(&self, bytes: usize) {
        crate::lock(&self.0).reserve(bytes);
    }

    fn take_into(&self, out: &mut Vec<u8>) {
        let mut bytes = crate::lock(&self.0);
        if out.is_empty() && !bytes.is_empty() {
            std::mem::swap(out, &mut bytes);
        } else {
            out.append(&mut bytes);
        }
    }
}

impl Write for SharedBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        crate::lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Int64Array;
    use bytes::Bytes;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
    use serde_json::json;

    use super::*;
    use crate::encode::fixtures::parquet_options;

    /// What was taken away, time after time.
    #[derive(Default)]
    struct Taken {
        bytes: Vec<u8>,
        parts: Vec<Vec<u8>>,
    }

    impl Output for Taken {
        fn bytes(&mut self) -> &mut Vec<u8> {
            &mut self.bytes
        }

        fn drain(&mut self) -> Result<()> {
            self.parts.push(std::mem::take(&mut self.bytes));
            Ok(())
        }
    }

    #[test]
    fn the_columns_of_a_row_group_are_taken_one_by_one() {
        let column = |step: i64| Arc::new(Int64Array::from_iter_values((0..20_000).map(|row| row * step))) as ArrayRef;
        let columns = [("a", column(1)), ("b", column(2)), ("c", column(3))];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let options = parquet_options(json!({"rowGroupRows": 10_000, "dictionary": false}));
        let mut encoder = ParquetEncoder::new(&options, batch.schema_ref()).expect("an encoder");
        let mut taken = Taken::default();
        encoder.write(std::slice::from_ref(&batch), &mut taken).expect("written");
        // The first row group was appended while the second was encoded.
        assert_eq!(taken.parts.len(), 3);
        encoder.finish(&mut taken).expect("ended");
        taken.drain().expect("taken");
        // 10,000 integers of 8 bytes are a column chunk; the last part is the footer.
        let lengths: Vec<usize> = taken.parts.iter().map(Vec::len).collect();
        assert_eq!(lengths.len(), 7, "{lengths:?}");
        assert!(lengths.iter().all(|length| *length < 100_000), "{lengths:?}");
        let file = Bytes::from(taken.parts.concat());
        let read = ParquetRecordBatchReader::try_new(file, 20_000).expect("a file").next().expect("rows");
        assert_eq!(read.expect("a batch").columns(), batch.columns());
    }
}
