//! A record batch that was found and is not decoded yet: what one worker decodes at once.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::reader::{RecordBatchDecoder, read_dictionary};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::malformed::{malformed, undecodable};
use super::message::{Buffers, Message, caught};
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::source::{IoMode, Source};

/// Dictionaries by their number in the schema.
pub(super) type Dictionaries = HashMap<i64, ArrayRef>;

/// Where a message's body is.
#[derive(Debug, Clone)]
pub(super) enum Body {
    /// In a file.
    InFile {
        /// The file.
        source: Source,
        /// Where in it.
        range: Range<u64>,
        /// How it is read.
        io: IoMode,
    },
    /// In memory.
    Pushed(Buffer),
}

impl Body {
    fn length(&self) -> u64 {
        match self {
            Self::InFile { range, .. } => range.end - range.start,
            Self::Pushed(bytes) => bytes.len() as u64,
        }
    }

    /// Its bytes: all of them where they are mapped or in memory, else those of the `parts` alone.
    fn bytes(&self, parts: &[Range<u64>]) -> Result<Buffer> {
        match self {
            Self::InFile { source, range, io: IoMode::Mmap } => source.region(range.clone(), IoMode::Mmap),
            Self::InFile { source, range, io: IoMode::Read } => source.parts(range.clone(), parts),
            Self::Pushed(bytes) => Ok(bytes.clone()),
        }
    }

    /// A few bytes of it.
    fn peek(&self, part: Range<u64>) -> Result<Buffer> {
        match self {
            Self::InFile { source, range, .. } => {
                source.region(range.start + part.start..range.start + part.end, IoMode::Read)
            }
            Self::Pushed(bytes) => Ok(slice(bytes, &part)),
        }
    }

    /// Fails when the file is no longer as it was: what was decoded of it may be wrong.
    fn check_unchanged(&self) -> Result<()> {
        match self {
            Self::InFile { source, .. } => source.check_unchanged(),
            Self::Pushed(_) => Ok(()),
        }
    }

    /// The file that it is in.
    pub(super) fn source(&self) -> Option<&Source> {
        match self {
            Self::InFile { source, .. } => Some(source),
            Self::Pushed(_) => None,
        }
    }
}

/// A record batch that is not decoded yet. Costs nothing but its metadata where it lies in a file.
#[derive(Debug, Clone)]
pub struct EncodedBatch {
    pub(super) message: Message,
    pub(super) body: Body,
    pub(super) schema: SchemaRef,
    pub(super) dictionaries: Arc<Dictionaries>,
}

/// A record batch.
#[derive(Debug)]
pub struct DecodedBatch {
    /// The columns that are wanted, as they are stored.
    pub batch: RecordBatch,
    /// Whether its buffers are memory of their own, and not parts of a mapped file or of a message.
    pub is_owned: bool,
}

impl EncodedBatch {
    /// Its rows.
    ///
    /// # Errors
    /// `MALFORMED_DATA` for a negative number.
    pub fn rows(&self) -> Result<u64> {
        let rows = self.message.batch()?.length();
        u64::try_from(rows).map_err(|_| malformed("a batch has a negative number of rows"))
    }

    /// Bytes of its message, of all columns.
    #[must_use]
    pub fn body_bytes(&self) -> u64 {
        self.body.length()
    }

    /// Whether its message is in memory, as one that was pushed is.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        matches!(self.body, Body::Pushed(_))
    }

    /// Whether its buffers are parts of a mapped file once they are decoded.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        let is_compressed = self.message.batch().is_ok_and(|header| header.compression().is_some());
        matches!(self.body, Body::InFile { io: IoMode::Mmap, .. }) && !is_compressed
    }

    /// The same with what the columns at the places `wanted` need of its message in memory, or mapped.
    ///
    /// # Errors
    /// Those of reading a file.
    pub fn loaded(&self, wanted: &[usize]) -> Result<Self> {
        let parts = self.buffers(wanted)?.ranges;
        Ok(Self { body: Body::Pushed(self.body.bytes(&parts)?), ..self.clone() })
    }

    /// Fails when the file is no longer as it was: what was decoded of it may be wrong.
    ///
    /// # Errors
    /// `FILE_CHANGED`.
    pub fn check_unchanged(&self) -> Result<()> {
        self.body.check_unchanged()
    }

    /// Bytes that the buffers of the columns at the places `wanted` have when they are decoded.
    ///
    /// # Errors
    /// `MALFORMED_DATA` for metadata that contradicts itself, and those of reading a file.
    pub fn decoded_bytes(&self, wanted: &[usize]) -> Result<u64> {
        self.buffers(wanted)?.decoded_bytes(|part| self.body.peek(part))
    }

    /// Decodes the columns at the places `wanted`, in that order, each of which may come once.
    ///
    /// # Errors
    /// `MALFORMED_DATA` for data that contradicts itself, `FILE_CHANGED`, `MEMORY_LIMIT` where the buffers decompress to
    /// more than `most_bytes`, and those of reading a file.
    pub fn decode(&self, wanted: &[usize], most_bytes: u64) -> Result<DecodedBatch> {
        let buffers = self.buffers(wanted)?;
        // To count rows nothing is read.
        let bytes =
            if wanted.is_empty() { Buffer::from(Vec::<u8>::new()) } else { self.body.bytes(&buffers.ranges)? };
        check_decompressed(&buffers, &bytes, most_bytes)?;
        let (header, version) = (self.message.batch()?, self.message.version());
        let batch = caught(|| {
            RecordBatchDecoder::try_new(&bytes, header, Arc::clone(&self.schema), &self.dictionaries, &version)
                .map(|decoder| decoder.with_projection(Some(wanted)))
                .and_then(RecordBatchDecoder::read_record_batch)
                .map_err(|error| undecodable(&error))
        })?;
        self.body.check_unchanged()?;
        Ok(DecodedBatch { batch, is_owned: buffers.is_compressed() })
    }

    fn buffers(&self, wanted: &[usize]) -> Result<Buffers> {
        Buffers::of(&self.message.batch()?, self.message.version(), &self.schema, wanted, self.body.length())
    }
}

/// Takes a dictionary, or values that one grows by, if a column of `wanted`, a part of the `schema`, needs it.
///
/// # Errors
/// As [`EncodedBatch::decode`].
pub(super) fn take_dictionary(
    dictionaries: &mut Arc<Dictionaries>,
    message: &Message,
    body: &Body,
    schema: &Schema,
    wanted: &Schema,
    most_bytes: u64,
) -> Result<()> {
    let header = message.dictionary()?;
    let values = value_type(schema, header.id()).ok_or_else(|| malformed("a dictionary is of no column"))?;
    let Some(data) = header.data().filter(|_| value_type(wanted, header.id()).is_some()) else { return Ok(()) };
    let only = Schema::new(vec![Field::new("values", values, true)]);
    let buffers = Buffers::of(&data, message.version(), &only, &[0], body.length())?;
    let bytes = body.bytes(&buffers.ranges)?;
    check_decompressed(&buffers, &bytes, most_bytes)?;
    caught(|| {
        let dictionaries = Arc::make_mut(dictionaries);
        read_dictionary(&bytes, header, schema, dictionaries, &message.version()).map_err(|error| undecodable(&error))
    })?;
    body.check_unchanged()
}

/// Checks what compressed buffers decompress to, before any is.
fn check_decompressed(buffers: &Buffers, body: &Buffer, most_bytes: u64) -> Result<()> {
    if !buffers.is_compressed() {
        return Ok(());
    }
    let decoded = buffers.decoded_bytes(|part| Ok(slice(body, &part)))?;
    if decoded > most_bytes {
        return Err(too_large(decoded, most_bytes));
    }
    buffers.check_frames(body)
}

fn slice(bytes: &Buffer, part: &Range<u64>) -> Buffer {
    bytes.slice_with_length(part.start as usize, (part.end - part.start) as usize)
}

/// The type of a dictionary's values, if the schema has it.
fn value_type(schema: &Schema, id: i64) -> Option<DataType> {
    #[expect(deprecated, reason = "arrow-ipc's readers find dictionaries by these numbers and offer no other way")]
    let fields = schema.fields_with_dict_id(id);
    match fields.first()?.data_type() {
        DataType::Dictionary(_, values) => Some(values.as_ref().clone()),
        _ => None,
    }
}

fn too_large(bytes: u64, limit: u64) -> SpillwayError {
    let message = format!(
        "Cannot decompress a batch of {bytes} bytes: the stream's memory limit is {limit} bytes; raise `memoryLimit`, \
         read fewer columns, or write smaller batches"
    );
    SpillwayError::new(ErrorCode::MemoryLimit, message)
}
