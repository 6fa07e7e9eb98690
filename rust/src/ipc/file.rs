//! Arrow IPC files: the file format, which has an index at its end, and streams that were saved as they came.

use std::sync::Arc;

use arrow_ipc::{Block, root_as_footer};
use arrow_schema::{Schema, SchemaRef};

use super::encoded_batch::{Body, Dictionaries, EncodedBatch, take_dictionary};
use super::malformed::{cut_off, malformed, of_another_format};
use super::message::{Kind, Message, Prefix, schema_of};
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::limits::{FileOptions, Limit, ReadLimits};
use crate::source::{IoMode, Source};

/// What the file format begins and ends with.
pub(super) const MAGIC: &[u8; 6] = b"ARROW1";
/// The length of the footer and the magic behind it.
const TRAILER: u64 = 10;
/// What the file format has before its messages, at least.
const HEAD: u64 = 8;

/// A file whose schema is known.
#[derive(Debug, Clone)]
pub struct ArrowFile {
    source: Source,
    options: FileOptions,
    schema: SchemaRef,
    layout: Layout,
}

#[derive(Debug, Clone)]
enum Layout {
    /// Where the footer says that the messages are.
    File { dictionaries: Arc<[Block]>, batches: Arc<[Block]> },
    /// One after the other, from here on.
    Stream { start: u64 },
}

impl ArrowFile {
    /// Opens a file of either format, which its first bytes tell.
    ///
    /// # Errors
    /// `MALFORMED_DATA` for a file of another format, `TRUNCATED_FILE`, and those of [`Source::open`].
    pub fn open(path: &str, options: impl Into<FileOptions>) -> Result<Self> {
        // Messages are mapped one by one, so that what was read is let go.
        let source = Source::open(path, IoMode::Read)?;
        let options = options.into();
        source.guarded(|| Self::of(source.clone(), options)).map_err(|error| error.at_path(path))
    }

    fn of(source: Source, options: FileOptions) -> Result<Self> {
        let head = bytes(&source, 0, HEAD.min(length(&source)))?;
        if head.starts_with(MAGIC) { Self::of_file(source, options) } else { Self::of_stream(source, options) }
    }

    fn of_file(source: Source, options: FileOptions) -> Result<Self> {
        let end = length(&source);
        if end < HEAD + TRAILER {
            return Err(cut_off());
        }
        let trailer = bytes(&source, end - TRAILER, TRAILER)?;
        let (footer_length, magic) = trailer.split_at(4);
        if magic != MAGIC {
            return Err(cut_off());
        }
        let footer_length = footer_length.try_into().map_or(-1, i32::from_le_bytes);
        let start = u64::try_from(footer_length).ok().and_then(|length| (end - TRAILER).checked_sub(length));
        let start = start.filter(|start| *start >= HEAD).ok_or_else(|| malformed("its footer has no length"))?;
        let limits = options.limits;
        limits.check(Limit::MetadataBytes, end - TRAILER - start, || "its footer".into())?;
        let footer = bytes(&source, start, end - TRAILER - start)?;
        let footer = root_as_footer(&footer).map_err(|error| malformed("its footer is none").with_cause(&error))?;
        let schema = schema_of(footer.schema(), limits)?;
        Ok(Self {
            options,
            schema: Arc::new(schema),
            layout: Layout::File {
                dictionaries: footer.dictionaries().iter().flatten().copied().collect(),
                batches: footer.recordBatches().iter().flatten().copied().collect(),
            },
            source,
        })
    }

    fn of_stream(source: Source, options: FileOptions) -> Result<Self> {
        let first = message_at(&source, 0, options.limits).map_err(|error| match error.code() {
            ErrorCode::MalformedData => of_another_format(),
            _ => error,
        })?;
        let (message, start) =
            first.filter(|(message, _)| matches!(message.kind(), Ok(Kind::Schema))).ok_or_else(of_another_format)?;
        let start = start + message.body_length()?;
        Ok(Self {
            options,
            schema: Arc::new(message.schema(options.limits)?),
            layout: Layout::Stream { start },
            source,
        })
    }

    /// The same, of which messages are read and not mapped.
    #[must_use]
    pub fn unmapped(self) -> Self {
        Self { options: FileOptions { io: IoMode::Read, ..self.options }, ..self }
    }

    /// Whether large messages are mapped.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        self.options.io == IoMode::Mmap
    }

    /// The columns as they are stored.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The file.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The record batches of the file format, where the footer tells their number.
    #[must_use]
    pub fn batch_count(&self) -> Option<usize> {
        match &self.layout {
            Layout::File { batches, .. } => Some(batches.len()),
            Layout::Stream { .. } => None,
        }
    }

    /// The record batches in order. Dictionaries that the columns at the places `wanted` need are decoded as they come, to
    /// at most `most_bytes` each.
    ///
    /// # Errors
    /// `INTERNAL` for a place without a column.
    pub fn batches(&self, wanted: &[usize], most_bytes: u64) -> Result<Batches> {
        let at = match self.layout {
            Layout::Stream { start } => start,
            Layout::File { .. } => 0,
        };
        let wanted = self.schema.project(wanted).map_err(|error| SpillwayError::internal(&error.to_string()))?;
        Ok(Batches { file: self.clone(), wanted, dictionaries: None, at, next: 0, most_bytes })
    }

    fn body(&self, start: u64, length: u64) -> Result<Body> {
        let end = start.checked_add(length).filter(|end| *end <= self::length(&self.source)).ok_or_else(cut_off)?;
        Ok(Body::InFile { source: self.source.clone(), range: start..end, io: self.options.io })
    }
}

/// Finds the record batches of a file.
#[derive(Debug)]
pub struct Batches {
    file: ArrowFile,
    /// The columns that are wanted.
    wanted: Schema,
    /// Absent before the first is wanted: those of the file format are all read then.
    dictionaries: Option<Arc<Dictionaries>>,
    at: u64,
    next: usize,
    most_bytes: u64,
}

impl Iterator for Batches {
    type Item = Result<EncodedBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        self.find().transpose()
    }
}

impl Batches {
    fn find(&mut self) -> Result<Option<EncodedBatch>> {
        match self.file.layout.clone() {
            Layout::File { dictionaries, batches } => {
                if self.dictionaries.is_none() {
                    self.dictionaries = Some(Arc::default());
                    for block in dictionaries.iter() {
                        let (message, body) = self.block(block)?;
                        if message.kind()? != Kind::Dictionary {
                            return Err(malformed("its footer names a dictionary that is none"));
                        }
                        self.take(&message, &body)?;
                    }
                }
                let Some(block) = batches.get(self.next) else { return Ok(None) };
                self.next += 1;
                let (message, body) = self.block(block)?;
                if message.kind()? != Kind::Batch {
                    return Err(malformed("its footer names a record batch that is none"));
                }
                Ok(Some(self.batch(message, body)))
            }
            Layout::Stream { .. } => {
                while let Some((message, start)) = message_at(&self.file.source, self.at, self.file.options.limits)? {
                    let body = self.file.body(start, message.body_length()?)?;
                    self.at = start + message.body_length()?;
                    match message.kind()? {
                        Kind::Batch => return Ok(Some(self.batch(message, body))),
                        Kind::Dictionary => self.take(&message, &body)?,
                        Kind::Schema => return Err(malformed("a second schema follows")),
                        Kind::Other => {}
                    }
                }
                Ok(None)
            }
        }
    }

    fn block(&self, block: &Block) -> Result<(Message, Body)> {
        let lengths = u64::try_from(block.offset()).ok().zip(u64::try_from(block.metaDataLength()).ok());
        let lengths = lengths.zip(u64::try_from(block.bodyLength()).ok());
        let ((offset, metadata), body) = lengths.ok_or_else(|| malformed("its footer has negative lengths"))?;
        let Some((message, _)) = message_at(&self.file.source, offset, self.file.options.limits)? else {
            return Err(malformed("its footer names a message that is none"));
        };
        let start = offset.checked_add(metadata).ok_or_else(cut_off)?;
        Ok((message, self.file.body(start, body)?))
    }

    fn batch(&self, message: Message, body: Body) -> EncodedBatch {
        let dictionaries = self.dictionaries.clone().unwrap_or_default();
        EncodedBatch { message, body, schema: Arc::clone(&self.file.schema), dictionaries }
    }

    fn take(&mut self, message: &Message, body: &Body) -> Result<()> {
        let dictionaries = self.dictionaries.get_or_insert_default();
        take_dictionary(dictionaries, message, body, &self.file.schema, &self.wanted, self.most_bytes)
    }
}

/// The message at a place and where its body begins; `None` at the end.
fn message_at(source: &Source, at: u64, limits: ReadLimits) -> Result<Option<(Message, u64)>> {
    let left = length(source).checked_sub(at).ok_or_else(cut_off)?;
    if left == 0 {
        // Writers may leave out the end's marker.
        return Ok(None);
    }
    let head = bytes(source, at, left.min(8))?;
    match Prefix::read(&head, limits)? {
        None => Err(cut_off()),
        // What follows the end of the messages is the footer of the file format, which is not read to here.
        Some(Prefix::End(prefix)) if left > prefix as u64 => Err(malformed("bytes follow its end")),
        Some(Prefix::End(_)) => Ok(None),
        Some(Prefix::Metadata(prefix, metadata)) => {
            let start = at + prefix as u64;
            if left < (prefix + metadata) as u64 {
                return Err(cut_off());
            }
            let message = Message::parse(bytes(source, start, metadata as u64)?)?;
            Ok(Some((message, start + metadata as u64)))
        }
    }
}

fn bytes(source: &Source, start: u64, length: u64) -> Result<arrow_buffer::Buffer> {
    source.region(start..start.saturating_add(length), IoMode::Read)
}

fn length(source: &Source) -> u64 {
    parquet::file::reader::Length::len(source)
}
