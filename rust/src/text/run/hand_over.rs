//! What the consumer gets of a text scan.

use std::sync::atomic::Ordering;

use super::{Given, Run, SlotState};
use crate::batches::batch::{Batch, HeldBuffer};
use crate::error::SpillwayError;
use crate::schedule::chunk::ChunkSize;
use crate::text::gather::{Assembly, ReadyBatch};

impl Run {
    /// What the consumer gets now.
    pub fn take(&mut self) -> Given {
        if let Some(batch) = self.gatherer.take() {
            self.progress.chunks_in_flight.fetch_sub(1, Ordering::Relaxed);
            return match batch {
                Ok(batch) => Given::Batch(Box::new(self.hand_over(batch))),
                Err(error) => Given::Failed(error),
            };
        }
        if self.gatherer.batches() > 0 || self.gatherer.rows() > 0 {
            return Given::NotReady;
        }
        match self.failure() {
            Some(error) => Given::Failed(error.clone()),
            None if self.is_at_end() => {
                self.log.all_done();
                Given::End
            }
            None => Given::NotReady,
        }
    }

    /// Whether a waiting consumer should look: whether there is a batch to take, or nothing more.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        if self.gatherer.is_ready() {
            return self.next_sequence == 0 || self.gatherer.is_worth_waking();
        }
        let is_empty = self.gatherer.batches() == 0 && self.gatherer.rows() == 0;
        is_empty && (self.failure().is_some() || self.is_at_end())
    }

    /// Rows that were looked at so far, and whether these are all.
    #[must_use]
    pub fn rows_seen(&self) -> (u64, bool) {
        (self.numbering.rows(), self.is_at_end())
    }

    pub(super) fn note_gathered(&mut self, assembly: &Assembly) {
        let rows = assembly.rows();
        self.gathered_rows += rows;
        let size = ChunkSize { rows, bytes: assembly.bytes(), reason: assembly.reason() };
        self.progress.note(self.gathered_rows - rows, size);
        if self.options.max_rows == Some(self.gathered_rows) {
            self.reading.stop();
            self.slots.clear();
            self.gatherer.clear();
        }
    }

    /// A failure that comes next in the order of the text.
    fn failure(&self) -> Option<&SpillwayError> {
        let slot = self.slots.front().filter(|slot| slot.file <= self.reading.turn())?;
        match &slot.state {
            SlotState::Failed(error) => Some(error),
            _ => None,
        }
    }

    fn is_at_end(&self) -> bool {
        self.slots.is_empty() && self.reading.is_over()
    }

    fn hand_over(&mut self, batch: ReadyBatch) -> Batch {
        let ReadyBatch { rows, columns, queued, files, first_row, decode_time, reason } = batch;
        let bytes = queued.bytes();
        queued.hand_over();
        let mut batches = 1;
        for (file, part) in files {
            self.log.given(file, part, batches, bytes * part / rows.max(1));
            batches = 0;
        }
        if self.gatherer.batches() == 0 && self.gatherer.rows() == 0 {
            self.note_ended();
        }
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let mut nodes = Vec::new();
        let mut buffers = Vec::new();
        for column in columns {
            nodes.extend(column.nodes);
            buffers.extend(column.buffers.into_iter().map(|buffer| HeldBuffer::new(buffer, &self.memory)));
        }
        Batch {
            sequence,
            rows,
            first_row_in_file: first_row,
            bytes,
            decode_ms: decode_time.as_secs_f64() * 1000.0,
            reason,
            nodes,
            buffers,
            dictionaries: Vec::new(),
        }
    }

    fn note_ended(&mut self) {
        let files = self.options.files.len();
        self.ended_files.drain(..).filter(|file| *file < files).for_each(|file| self.log.done(file));
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.progress.chunks_in_flight.store(0, Ordering::Relaxed);
    }
}
