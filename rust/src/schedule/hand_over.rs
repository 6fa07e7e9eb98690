//! What the consumer gets of a decoded chunk.

use crate::batches::batch::{Batch, HeldBuffer, HeldDictionary};
use crate::files::segment_files::SegmentFiles;
use crate::schedule::chunk::Chunk;

use super::Schedule;

impl Schedule {
    pub(super) fn hand_over(&mut self, chunk: Chunk, files: &SegmentFiles) -> Batch {
        self.memory.account.hand_over(chunk.bytes);
        self.note_given(&chunk, files);
        let first = files.within(chunk.rows.clone()).next();
        let first_row =
            first.and_then(|(file, rows)| Some(file.opened.space.spans(file.in_file(rows)).first()?.first_row_in_file));
        let mut nodes = Vec::new();
        let mut buffers = Vec::new();
        for column in chunk.columns.into_iter().flatten() {
            nodes.extend(column.nodes);
            buffers.extend(column.buffers.into_iter().map(|buffer| HeldBuffer::new(buffer, &self.memory)));
        }
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        self.given_rows += chunk.size.rows;
        Batch {
            sequence,
            rows: chunk.size.rows,
            first_row_in_file: first_row.unwrap_or(0),
            bytes: chunk.bytes,
            decode_ms: chunk.decode_time.as_secs_f64() * 1000.0,
            reason: chunk.size.reason,
            nodes,
            buffers,
            dictionaries: self.new_dictionary_values(),
        }
    }

    /// Counts a batch with the files that its rows are of.
    fn note_given(&self, chunk: &Chunk, files: &SegmentFiles) {
        let all = chunk.size.rows.max(1);
        let mut batches = 1;
        let mut given = |file: usize, rows: u64| {
            self.log.given(file, rows, batches, chunk.bytes * rows / all);
            batches = 0;
        };
        if chunk.ask.is_some() {
            chunk.rows_of_files.iter().for_each(|(file, rows)| given(*file, *rows));
        } else {
            files.within(chunk.rows.clone()).for_each(|(file, rows)| given(file.opened.index, rows.end - rows.start));
        }
    }

    fn new_dictionary_values(&self) -> Vec<HeldDictionary> {
        let updates =
            self.interners.iter().enumerate().filter_map(|(id, interner)| Some((id, interner.take_update()?)));
        let held = updates.map(|(id, update)| {
            self.memory.account.hold((update.offsets.capacity() + update.data.capacity()) as u64);
            HeldDictionary {
                id,
                length: update.length,
                offsets: HeldBuffer::new(update.offsets, &self.memory),
                data: HeldBuffer::new(update.data, &self.memory),
            }
        });
        held.collect()
    }
}
