//! Arrow IPC: the batches' buffers as they are in memory, as a stream or as a file with an index.

use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{DictionaryHandling, FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use serde::Deserialize;

use super::pieces::{cannot_hold, check_columns, encode_error};
use super::retype::{cast_batch, retype_schema};
use super::{Encoder, Output};
use crate::error::Result;

/// How Arrow IPC is written.
///
/// A stream has dictionaries as they come: one that grows is continued, and one that changes is replaced. A file has room
/// for one dictionary a column, which is known too late: its dictionary columns are written as their values.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ArrowIpcOptions {
    /// Whether to write the file format, which readers may enter anywhere, instead of the stream format.
    pub file: bool,
    /// How buffers are compressed; not at all when absent, so that readers can map them into memory.
    pub compression: Option<IpcCompression>,
}

/// How buffers are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IpcCompression {
    /// LZ4 frames: fast.
    Lz4,
    /// Zstandard: small.
    Zstd,
}

/// Writes batches as Arrow IPC.
pub struct ArrowIpcEncoder {
    schema: SchemaRef,
    /// The columns as they are written.
    written: SchemaRef,
    writer: Writer,
}

impl ArrowIpcEncoder {
    /// An encoder of batches of the schema.
    ///
    /// # Errors
    /// `UNSUPPORTED_FEATURE` for a schema that Arrow IPC can't hold.
    pub fn new(options: &ArrowIpcOptions, schema: &SchemaRef) -> Result<Self> {
        let written = if options.file { retype_schema(schema, &without_dictionary) } else { SchemaRef::clone(schema) };
        if options.file {
            for field in written.fields() {
                check_dictionaries(field.data_type(), field.name())?;
            }
        }
        let writer = Writer::new(options, &written).map_err(failed)?;
        Ok(Self { schema: SchemaRef::clone(schema), written, writer })
    }
}

impl Encoder for ArrowIpcEncoder {
    fn write(&mut self, batches: &[RecordBatch], out: &mut dyn Output) -> Result<()> {
        check_columns(batches, &self.schema)?;
        for batch in batches.iter().filter(|batch| batch.num_rows() > 0) {
            self.writer.write(&cast_batch(batch, &self.written).map_err(failed)?).map_err(failed)?;
            out.bytes().append(self.writer.bytes());
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Output) -> Result<()> {
        self.writer.finish().map_err(failed)?;
        out.bytes().append(self.writer.bytes());
        Ok(())
    }
}

enum Writer {
    Stream(Box<StreamWriter<Vec<u8>>>),
    File(Box<FileWriter<Vec<u8>>>),
}

impl Writer {
    fn new(options: &ArrowIpcOptions, schema: &SchemaRef) -> std::result::Result<Self, ArrowError> {
        let compression = options.compression.map(|compression| match compression {
            IpcCompression::Lz4 => CompressionType::LZ4_FRAME,
            IpcCompression::Zstd => CompressionType::ZSTD,
        });
        // By default buffers are aligned to 64 bytes, as Arrow advises.
        let write_options = IpcWriteOptions::default()
            .try_with_compression(compression)?
            .with_dictionary_handling(DictionaryHandling::Delta);
        Ok(if options.file {
            Self::File(Box::new(FileWriter::try_new_with_options(Vec::new(), schema, write_options)?))
        } else {
            Self::Stream(Box::new(StreamWriter::try_new_with_options(Vec::new(), schema, write_options)?))
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> std::result::Result<(), ArrowError> {
        match self {
            Self::Stream(writer) => writer.write(batch),
            Self::File(writer) => writer.write(batch),
        }
    }

    fn finish(&mut self) -> std::result::Result<(), ArrowError> {
        match self {
            Self::Stream(writer) => writer.finish(),
            Self::File(writer) => writer.finish(),
        }
    }

    fn bytes(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Stream(writer) => writer.get_mut(),
            Self::File(writer) => writer.get_mut(),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` wants")]
fn failed(error: ArrowError) -> crate::error::SpillwayError {
    encode_error(&error, "Arrow IPC")
}

fn without_dictionary(data_type: &DataType) -> Option<DataType> {
    match data_type {
        DataType::Dictionary(_, values) => Some(values.as_ref().clone()),
        _ => None,
    }
}

/// Refuses dictionaries where they can't be replaced: Arrow casts no unions.
fn check_dictionaries(data_type: &DataType, column: &str) -> Result<()> {
    use DataType::{
        Dictionary, FixedSizeList, LargeList, LargeListView, List, ListView, Map, RunEndEncoded, Struct, Union,
    };
    match data_type {
        Dictionary(..) => {
            let what = "a union or run-end encoding of dictionaries";
            Err(cannot_hold(column, what, "an Arrow file", "write the stream format"))
        }
        List(item)
        | LargeList(item)
        | ListView(item)
        | LargeListView(item)
        | FixedSizeList(item, _)
        | Map(item, _)
        | RunEndEncoded(_, item) => check_dictionaries(item.data_type(), column),
        Struct(fields) => fields.iter().try_for_each(|field| check_dictionaries(field.data_type(), column)),
        Union(fields, _) => fields.iter().try_for_each(|(_, field)| check_dictionaries(field.data_type(), column)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
