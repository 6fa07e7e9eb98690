//! Encoded bytes for JavaScript, cut into chunks.

use std::collections::VecDeque;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_schema::SchemaRef;

use crate::encode::{Encoder, EncoderOptions, Output};
use crate::error::Result;
use crate::sink::summary::Summary;
use crate::sink::windows::windows;

/// The most bytes of a chunk: an HTTP server sends one in a few writes, and a slow client holds up little.
const CHUNK_BYTES: usize = 256 << 10;

/// An encoder, and chunks of what it made.
pub struct Chunks {
    encoder: Box<dyn Encoder>,
    /// Rows that wait for those before them to be taken.
    waiting: VecDeque<Vec<RecordBatch>>,
    rows: u64,
    bytes: u64,
}

/// Bytes that were encoded, and the chunks that they become.
struct Cut<'a> {
    bytes: Vec<u8>,
    /// How many there were in all.
    total: &'a mut u64,
    chunks: &'a mut VecDeque<Buffer>,
}

impl Chunks {
    /// Bytes of batches of `schema`.
    ///
    /// # Errors
    /// Those of the encoder.
    pub fn new(options: &EncoderOptions, schema: &SchemaRef) -> Result<Self> {
        Ok(Self { encoder: options.encoder(schema)?, waiting: VecDeque::new(), rows: 0, bytes: 0 })
    }

    /// Takes batches, behind those that wait.
    pub fn add(&mut self, batches: &[RecordBatch]) {
        self.waiting.extend(windows(batches, self.encoder.window_bytes()));
    }

    /// Whether rows wait.
    #[must_use]
    pub fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Encodes the rows that wait until there are so many bytes; the chunks go to `out`.
    ///
    /// # Errors
    /// Those of the encoder.
    pub fn encode(&mut self, enough: u64, out: &mut VecDeque<Buffer>) -> Result<()> {
        let before = self.bytes;
        while self.bytes - before < enough
            && let Some(window) = self.waiting.pop_front()
        {
            let mut cut = Cut::new(&mut self.bytes, out);
            self.encoder.write(&window, &mut cut)?;
            cut.drain()?;
            self.rows += window.iter().map(|batch| batch.num_rows() as u64).sum::<u64>();
        }
        Ok(())
    }

    /// Ends the output.
    ///
    /// # Errors
    /// Those of the encoder.
    pub fn finish(&mut self, out: &mut VecDeque<Buffer>) -> Result<Summary> {
        let mut cut = Cut::new(&mut self.bytes, out);
        self.encoder.finish(&mut cut)?;
        cut.drain()?;
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
        let mut cut = Cut::new(&mut self.bytes, out);
        self.encoder.flush(&mut cut)?;
        cut.drain()
    }
}

impl<'a> Cut<'a> {
    fn new(total: &'a mut u64, chunks: &'a mut VecDeque<Buffer>) -> Self {
        Self { bytes: Vec::new(), total, chunks }
    }
}

impl Output for Cut<'_> {
    fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    fn drain(&mut self) -> Result<()> {
        *self.total += self.bytes.len() as u64;
        let whole = Buffer::from(std::mem::take(&mut self.bytes));
        let mut start = 0;
        while start < whole.len() {
            let length = CHUNK_BYTES.min(whole.len() - start);
            self.chunks.push_back(whole.slice_with_length(start, length));
            start += length;
        }
        Ok(())
    }
}
