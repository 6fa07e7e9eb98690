//! Arrow IPC that is pushed: bytes in any pieces are put together to messages.

use std::sync::Arc;

use arrow_buffer::{Buffer, MutableBuffer};
use arrow_schema::{Schema, SchemaRef};

use super::encoded_batch::{Body, Dictionaries, EncodedBatch, take_dictionary};
use super::file::MAGIC;
use super::malformed::{cut_off, malformed};
use super::message::{Kind, Message, Prefix};
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::limits::ReadLimits;

/// Puts messages together.
#[derive(Debug)]
pub struct PushedMessages {
    state: State,
    /// The bytes so far of what the state is about.
    bytes: MutableBuffer,
    /// Whether it is the file format, whose index follows the end.
    is_file: bool,
    schema: Option<SchemaRef>,
    /// The columns that are wanted; all where absent.
    wanted: Option<Schema>,
    dictionaries: Arc<Dictionaries>,
    most_bytes: u64,
    limits: ReadLimits,
}

#[derive(Debug, Clone)]
enum State {
    /// The first bytes tell the format.
    Start,
    /// Zeros behind the file format's magic.
    Padding,
    Prefix,
    /// So many bytes of metadata.
    Metadata(usize),
    /// So many bytes of a body.
    Body(Message, usize),
    End,
}

/// What bytes made whole.
#[derive(Debug)]
pub enum Found {
    /// The schema, which comes first and once.
    Schema(SchemaRef),
    /// A record batch.
    Batch(EncodedBatch),
}

impl PushedMessages {
    /// Nothing yet. A message and a dictionary may take at most `most_bytes`.
    #[must_use]
    pub fn new(most_bytes: u64, limits: ReadLimits) -> Self {
        Self {
            state: State::Start,
            bytes: MutableBuffer::new(0),
            is_file: false,
            schema: None,
            wanted: None,
            dictionaries: Arc::default(),
            most_bytes,
            limits,
        }
    }

    /// Says at which places of the schema the columns are that are wanted, so that no other dictionary is decoded.
    ///
    /// # Errors
    /// `INTERNAL` for a place without a column, and before the schema is there.
    pub fn want(&mut self, places: &[usize]) -> Result<()> {
        let schema = self.schema.as_ref().ok_or_else(|| SpillwayError::internal("there is no schema yet"))?;
        self.wanted = Some(schema.project(places).map_err(|error| SpillwayError::internal(&error.to_string()))?);
        Ok(())
    }

    /// Bytes of a message that is not whole yet.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        self.bytes.capacity()
    }

    /// Takes bytes off the front of `bytes` until a schema or a record batch is whole; `None` when all were taken.
    ///
    /// # Errors
    /// `MALFORMED_DATA` for bytes that are no Arrow IPC, `MEMORY_LIMIT` for a message that is too large.
    pub fn take(&mut self, bytes: &mut &[u8]) -> Result<Option<Found>> {
        loop {
            match self.state.clone() {
                State::Start => {
                    if !self.fill(bytes, MAGIC.len()) {
                        return Ok(None);
                    }
                    self.is_file = self.bytes.as_slice() == MAGIC;
                    if self.is_file {
                        self.bytes.clear();
                    }
                    self.state = if self.is_file { State::Padding } else { State::Prefix };
                }
                State::Padding => {
                    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
                    *bytes = &bytes[zeros..];
                    if bytes.is_empty() {
                        return Ok(None);
                    }
                    self.state = State::Prefix;
                }
                State::Prefix => {
                    match Prefix::read(&self.bytes, self.limits).map_err(|error| self.of_another_format(error))? {
                        None if bytes.is_empty() => return Ok(None),
                        None => {
                            self.fill(bytes, self.bytes.len() + 1);
                        }
                        Some(Prefix::End(_)) => self.state = State::End,
                        Some(Prefix::Metadata(prefix, length)) => {
                            // The first bytes may be more than a short prefix.
                            let rest = self.bytes[prefix..].to_vec();
                            self.bytes.clear();
                            self.bytes.extend_from_slice(&rest);
                            self.state = State::Metadata(length);
                        }
                    }
                }
                State::Metadata(length) => {
                    if !self.fill(bytes, length) {
                        return Ok(None);
                    }
                    let metadata = self.whole();
                    let message = Message::parse(metadata).map_err(|error| self.of_another_format(error))?;
                    let body = message.body_length()?;
                    if body > self.most_bytes {
                        return Err(self.too_large(body));
                    }
                    self.state = State::Body(message, body as usize);
                }
                State::Body(message, length) => {
                    if !self.fill(bytes, length) {
                        return Ok(None);
                    }
                    self.state = State::Prefix;
                    let body = Body::Pushed(self.whole());
                    if let Some(found) = self.found(message, body)? {
                        return Ok(Some(found));
                    }
                }
                State::End if self.is_file && self.schema.is_none() => return Err(schema_at_its_end()),
                State::End if self.is_file => {
                    *bytes = &[];
                    return Ok(None);
                }
                State::End if bytes.is_empty() => return Ok(None),
                State::End => return Err(malformed("bytes follow its end")),
            }
        }
    }

    /// There are no more bytes. A stream may end without its marker.
    ///
    /// # Errors
    /// `TRUNCATED_FILE` within a message, or before the schema.
    pub fn end(&self) -> Result<()> {
        let is_whole = match self.state {
            State::End => true,
            State::Prefix => self.bytes.is_empty() && !self.is_file,
            _ => false,
        };
        if is_whole && self.schema.is_some() { Ok(()) } else { Err(cut_off()) }
    }

    /// Takes bytes until there are `length`; whether there are.
    fn fill(&mut self, bytes: &mut &[u8], length: usize) -> bool {
        let there = self.bytes.len();
        if self.bytes.capacity() < length.min(there + bytes.len()) {
            // As bytes come, not as they are announced: whoever pushes may never push them.
            let wanted = length.min((2 * there).max(there + bytes.len()));
            self.bytes.reserve(wanted - there);
        }
        let (taken, rest) = bytes.split_at(bytes.len().min(length.saturating_sub(self.bytes.len())));
        self.bytes.extend_from_slice(taken);
        *bytes = rest;
        self.bytes.len() >= length
    }

    fn whole(&mut self) -> Buffer {
        std::mem::replace(&mut self.bytes, MutableBuffer::new(0)).into()
    }

    fn found(&mut self, message: Message, body: Body) -> Result<Option<Found>> {
        let Some(schema) = self.schema.clone() else {
            if message.kind()? != Kind::Schema {
                return Err(if self.is_file { schema_at_its_end() } else { malformed("it begins with no schema") });
            }
            let schema = Arc::new(message.schema(self.limits)?);
            self.schema = Some(Arc::clone(&schema));
            return Ok(Some(Found::Schema(schema)));
        };
        match message.kind()? {
            Kind::Batch => {
                let dictionaries = Arc::clone(&self.dictionaries);
                Ok(Some(Found::Batch(EncodedBatch { message, body, schema, dictionaries })))
            }
            Kind::Dictionary => {
                let wanted = self.wanted.as_ref().unwrap_or(&schema);
                take_dictionary(&mut self.dictionaries, &message, &body, &schema, wanted, self.most_bytes)?;
                Ok(None)
            }
            Kind::Schema => Err(malformed("a second schema follows")),
            Kind::Other => Ok(None),
        }
    }

    /// What is wrong with the first bytes is that they are of another format.
    fn of_another_format(&self, error: SpillwayError) -> SpillwayError {
        let is_malformed = error.code() == ErrorCode::MalformedData;
        if self.schema.is_some() || self.is_file || !is_malformed {
            error
        } else {
            super::malformed::of_another_format()
        }
    }

    fn too_large(&self, bytes: u64) -> SpillwayError {
        let message = format!(
            "Cannot take a batch of {bytes} bytes: the stream's memory limit is {} bytes; raise `memoryLimit` or write \
             smaller batches",
            self.most_bytes
        );
        SpillwayError::new(ErrorCode::MemoryLimit, message)
    }
}

/// A file whose schema is in its index alone, as apache-arrow writes it.
fn schema_at_its_end() -> SpillwayError {
    let message = "Cannot decode Arrow IPC: it is of the file format, and its schema comes at its end; write the stream \
                   format, or save it and read it by `scanArrow`";
    SpillwayError::new(ErrorCode::UnsupportedFeature, message)
}
