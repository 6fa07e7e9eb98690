//! The chunks of a scan with a predicate: how many rows one takes is known only when it is decoded.

use super::Schedule;
use crate::memory::budget::CHUNKS_PER_SHARE;
use crate::rows::row_lane::Ask;
use crate::schedule::chunk::{Chunk, ChunkSize, SizeLimits, SizeReason, byte_cap};

impl Schedule {
    /// Whether a segment of a filtered scan may have another chunk: one at a time, since each begins where the one before
    /// is found to end; and none where there are rows enough.
    pub(super) fn may_plan_rows(&self, position: usize) -> bool {
        let segment = &self.active[position];
        let queued: u64 = segment.chunks.iter().map(|chunk| chunk.size.rows).sum();
        segment.chunks.back().is_none_or(Chunk::is_done) && queued < self.rows_wanted()
    }

    /// The most bytes of a segment's next chunk, what decides them, and what is set aside for it: all rows may pass.
    pub(super) fn row_chunk_bytes(&self, position: usize) -> (u64, SizeReason, u64) {
        let options = &self.dataset.options;
        let share_bytes = self.memory.account.share();
        let segment = &self.active[position];
        let remaining_rows = segment.end - segment.next_row;
        let (cap, reason) = byte_cap(SizeLimits {
            wanted_rows: remaining_rows,
            fixed_rows: options.fixed_rows,
            remaining_rows,
            max_batch_bytes: options.max_batch_bytes,
            share_bytes,
        });
        // Also where its rows are fixed: each segment that is decoded has one that nobody knows the size of, and the consumer
        // has another.
        let cap = cap.min(share_bytes / CHUNKS_PER_SHARE).max(1);
        let row_bytes = segment.files.row_bytes();
        (cap, reason, cap.min(row_bytes.saturating_mul(remaining_rows)))
    }

    pub(super) fn plan_rows(&mut self, position: usize, wanted_rows: u64) -> usize {
        let (cap, reason, reserved) = self.row_chunk_bytes(position);
        let options = &self.dataset.options;
        let share_bytes = self.memory.account.share();
        let wanted = self.rows_wanted();
        let segment = &mut self.active[position];
        let rows = options.fixed_rows.unwrap_or(wanted_rows).min(wanted).max(1);
        let reason = if options.fixed_rows.is_some() { SizeReason::Fixed } else { reason };
        let size = ChunkSize { rows, bytes: reserved, reason };
        let ask = Ask { rows, exact: options.fixed_rows.is_some(), bytes: cap, share_bytes };
        let mut chunk = Chunk::new(segment.next_row..segment.next_row, size, vec![reserved]);
        chunk.ask = Some(ask);
        self.memory.account.reserve(chunk.reserved);
        self.progress.note(segment.next_row, size);
        segment.chunks.push_back(chunk);
        usize::from(segment.make_ready(0, &mut self.ready))
    }
}
