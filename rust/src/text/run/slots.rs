//! Pieces in their order: numbered one after the other, and passed on.

use super::{Job, Rows, Run, SlotState};
use crate::error::SpillwayError;
use crate::text::gather::Part;

impl Run {
    /// Numbers the rows of all pieces that are parsed, as far as those before them in their file are, and, where numbers go
    /// on from file to file, those of the files before.
    pub(super) fn number(&mut self, jobs: &mut Vec<Job>) {
        let goes_over_files = self.options.counts_rows();
        // The file of the last piece that can't be numbered yet.
        let mut waiting = None;
        let mut place = 0;
        while !self.numbering.is_over() {
            let Some(slot) = self.slots.get_mut(place) else { return };
            let is_next = waiting.is_none() && slot.file <= self.reading.turn();
            if slot.is_numbered {
                place += 1;
                continue;
            }
            if waiting == Some(slot.file) || (goes_over_files && !is_next) {
                waiting = Some(slot.file);
                place += 1;
                continue;
            }
            match std::mem::replace(&mut slot.state, SlotState::Busy) {
                SlotState::Parsed(rows) => self.number_rows(place, rows, jobs),
                SlotState::EndOfFile => {
                    slot.state = SlotState::EndOfFile;
                    slot.is_numbered = true;
                    self.numbering.end_file(slot.file);
                }
                SlotState::Failed(error) if is_next => {
                    let file = slot.file;
                    slot.state = SlotState::Failed(error.clone());
                    if self.is_fatal(&error) {
                        return;
                    }
                    self.skip_file(file, &error);
                    continue;
                }
                // What failed in a later file is told when it is its turn.
                state @ (SlotState::Busy | SlotState::Shown(_) | SlotState::Failed(_)) => {
                    slot.state = state;
                    waiting = Some(slot.file);
                }
            }
            place += 1;
        }
        // No more rows are wanted: neither what was read of them nor what was wrong with them.
        self.slots.retain(|slot| slot.is_numbered);
        self.reading.stop();
    }

    fn number_rows(&mut self, place: usize, rows: Rows, jobs: &mut Vec<Job>) {
        let Rows { batch, file, reserved, is_shared, decode_time, .. } = rows;
        let numbered = self.numbering.number(file, batch.num_rows() as u64);
        self.progress.rows_read(numbered.wanted);
        let batch = batch.slice(numbered.skipped as usize, numbered.wanted as usize);
        let slot = &mut self.slots[place];
        slot.is_numbered = true;
        if numbered.wanted == 0 {
            slot.bytes = 0;
            slot.state = SlotState::Shown(None);
        } else if self.is_plain {
            slot.state = SlotState::Shown(Some(Part {
                batch,
                file,
                first_row: numbered.in_file,
                reserved,
                is_shared,
                decode_time,
            }));
        } else {
            let (number, first_row) = (numbered.number, numbered.in_file);
            jobs.push(Job::Show(slot.id, Rows { batch, file, number, first_row, reserved, is_shared, decode_time }));
        }
    }

    /// Leaves out what is not yet numbered of a file.
    fn skip_file(&mut self, file: usize, error: &SpillwayError) {
        self.log.skipped(file, error);
        self.reading.end(file);
        self.slots.retain(|slot| slot.is_numbered || slot.file != file);
        self.numbering.end_file(file);
    }

    /// Passes on what is shown: in order, or as it is ready where the scan is unordered.
    pub(super) fn drain(&mut self) {
        let turn = self.reading.turn();
        let mut place = 0;
        // The file of the last piece that stays.
        let mut left = None;
        while let Some(slot) = self.slots.get_mut(place) {
            let file = slot.file;
            if !self.options.unordered && file > turn {
                return;
            }
            match &mut slot.state {
                SlotState::Shown(part) => {
                    if let Some(part) = part.take() {
                        self.gatherer.push(part);
                    }
                }
                // A file is done once nothing before its end is left.
                SlotState::EndOfFile if slot.is_numbered && left != Some(file) => self.ended_files.push(file),
                _ if self.options.unordered => {
                    left = Some(file);
                    place += 1;
                    continue;
                }
                _ => return,
            }
            self.slots.remove(place);
        }
    }
}
