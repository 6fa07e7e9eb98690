//! Encoded bytes for JavaScript, cut into chunks.

use std::collections::VecDeque;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_schema::SchemaRef;

use crate::encode::{Encoder, EncoderOptions};
use crate::error::Result;
use crate::sink::summary::Summary;

/// The most bytes of a chunk: an HTTP server sends one in a few writes, and a slow client holds up little.
const CHUNK_BYTES: usize = 256 << 10;

/// An encoder, and chunks of what it made.
pub struct Chunks {
    encoder: Box<dyn Encoder>,
    rows: u64,
    bytes: u64,
}

impl Chunks {
    /// Bytes of batches of `schema`.
    ///
    /// # Errors
    /// Those of the encoder.
    pub fn new(options: &EncoderOptions, schema: &SchemaRef) -> Result<Self> {
        Ok(Self { encoder: options.encoder(schema)?, rows: 0, bytes: 0 })
    }

    /// Encodes batches; the chunks go to `out`.
    ///
    /// # Errors
    /// Those of the encoder.
    pub fn write(&mut self, batches: &[RecordBatch], out: &mut VecDeque<Buffer>) -> Result<()> {
        let mut bytes = Vec::new();
        self.encoder.write(batches, &mut bytes)?;
        self.rows += batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>();
        self.cut(bytes, out);
        Ok(())
    }

    /// Ends the output.
    ///
    /// # Errors
    /// Those of the encoder.
    pub fn finish(&mut self, out: &mut VecDeque<Buffer>) -> Result<Summary> {
        let mut bytes = Vec::new();
        self.encoder.finish(&mut bytes)?;
        self.cut(bytes, out);
        let row_groups = self.encoder.row_groups() as u64;
        Ok(Summary { rows: self.rows, bytes: self.bytes, row_groups, files: Vec::new() })
    }

    /// Encoded bytes that wait for their row group's end.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.encoder.buffered_bytes()
    }

    /// Ends the open row group.
    ///
    /// # Errors
    /// Those of the encoder.
    pub fn flush(&mut self, out: &mut VecDeque<Buffer>) -> Result<()> {
        let mut bytes = Vec::new();
        self.encoder.flush(&mut bytes)?;
        self.cut(bytes, out);
        Ok(())
    }

    fn cut(&mut self, bytes: Vec<u8>, out: &mut VecDeque<Buffer>) {
        self.bytes += bytes.len() as u64;
        let whole = Buffer::from(bytes);
        let mut start = 0;
        while start < whole.len() {
            let length = CHUNK_BYTES.min(whole.len() - start);
            out.push_back(whole.slice_with_length(start, length));
            start += length;
        }
    }
}
