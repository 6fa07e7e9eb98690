//! Decoded batches and their memory: a buffer that is dropped goes back to its stream's pool and budget.

use std::sync::{Arc, Weak};

use crate::batches::column::{ColumnBuffer, Node};
use crate::batches::pool::BufferPool;
use crate::memory::budget::Account;
use crate::schedule::chunk::SizeReason;

/// Told when bytes of a stream come back.
pub trait BytesBack: Send + Sync {
    /// The consumer gave bytes back, so that there may be room for more.
    fn bytes_came_back(self: Arc<Self>);
}

/// A stream that waits for no bytes.
struct Nobody;

impl BytesBack for Nobody {
    fn bytes_came_back(self: Arc<Self>) {}
}

/// Where a stream's buffers come from and are counted.
pub struct StreamMemory {
    /// Buffers to fill again.
    pub pool: BufferPool,
    /// The stream's bytes.
    pub account: Arc<Account>,
    /// Woken when bytes come back.
    pub woken: Weak<dyn BytesBack>,
}

impl StreamMemory {
    /// Memory without a pool, of which nobody waits for bytes to come back.
    #[must_use]
    pub fn unpooled(account: Arc<Account>) -> Self {
        Self { pool: BufferPool::new(0), account, woken: Weak::<Nobody>::new() }
    }
}

impl std::fmt::Debug for StreamMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamMemory").field("account", &self.account).finish_non_exhaustive()
    }
}

/// A buffer of a batch that the consumer holds.
#[derive(Debug)]
pub struct HeldBuffer {
    buffer: Option<ColumnBuffer>,
    bytes: u64,
    memory: Arc<StreamMemory>,
}

impl HeldBuffer {
    /// Takes over `buffer`, whose capacity counts as held already.
    #[must_use]
    pub fn new(buffer: ColumnBuffer, memory: &Arc<StreamMemory>) -> Self {
        let bytes = buffer.capacity() as u64;
        Self::counted(buffer, bytes, memory)
    }

    /// Takes over `buffer`, of which so many bytes count as held already.
    #[must_use]
    pub fn counted(buffer: ColumnBuffer, bytes: u64, memory: &Arc<StreamMemory>) -> Self {
        Self { buffer: Some(buffer), bytes, memory: Arc::clone(memory) }
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.buffer.as_ref().map_or(&[], ColumnBuffer::as_slice)
    }
}

impl Drop for HeldBuffer {
    fn drop(&mut self) {
        if let Some(buffer) = self.buffer.take() {
            buffer.recycle(&self.memory.pool);
        }
        if self.bytes > 0 {
            self.memory.account.give_back(self.bytes);
            if let Some(woken) = self.memory.woken.upgrade() {
                woken.bytes_came_back();
            }
        }
    }
}

/// New values of a stream's dictionary column.
#[derive(Debug)]
pub struct HeldDictionary {
    /// Which dictionary.
    pub id: usize,
    /// Number of values.
    pub length: usize,
    /// length + 1 offsets.
    pub offsets: HeldBuffer,
    /// The values' bytes.
    pub data: HeldBuffer,
}

/// A batch that the consumer holds. Dropping it gives its memory back at once.
#[derive(Debug)]
pub struct Batch {
    /// Counts the stream's batches from 0.
    pub sequence: u64,
    /// Number of rows.
    pub rows: u64,
    /// Number of the first row in the file.
    pub first_row_in_file: u64,
    /// Bytes of all buffers, by capacity.
    pub bytes: u64,
    /// Processor time of the decoding, in milliseconds.
    pub decode_ms: f64,
    /// Why it has this many rows.
    pub reason: SizeReason,
    /// Columns and their children in pre-order.
    pub nodes: Vec<Node>,
    /// Their buffers, as `column::Column` lays them out.
    pub buffers: Vec<HeldBuffer>,
    /// Dictionary values that this batch's codes may refer to and no earlier batch brought.
    pub dictionaries: Vec<HeldDictionary>,
}
