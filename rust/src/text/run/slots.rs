//! Pieces in their order: numbered one after the other, and passed on.

use super::{Job, Rows, Run, Slot, SlotState};
use crate::error::SpillwayError;
use crate::text::gather::Part;

impl Run {
    /// Numbers the rows of all pieces that are parsed as far as those before them are.
    pub(super) fn number(&mut self, jobs: &mut Vec<Job>) {
        while !self.numbering.is_over() {
            let Some(slot) = self.slots.get_mut(self.numbered) else { return };
            match std::mem::replace(&mut slot.state, SlotState::Busy) {
                SlotState::Parsed(rows) => self.number_rows(rows, jobs),
                SlotState::EndOfFile => {
                    slot.state = SlotState::EndOfFile;
                    self.numbering.end_file();
                }
                SlotState::Failed(error) => {
                    let file = slot.file;
                    slot.state = SlotState::Failed(error.clone());
                    if self.is_fatal(&error) {
                        return;
                    }
                    self.skip_file(file, &error);
                    continue;
                }
                state @ (SlotState::Busy | SlotState::Shown(_)) => {
                    slot.state = state;
                    return;
                }
            }
            self.numbered += 1;
        }
        // No more rows are wanted: neither what was read of them nor what was wrong with them.
        self.slots.truncate(self.numbered);
        self.reading = super::Reading::Over;
    }

    fn number_rows(&mut self, rows: Rows, jobs: &mut Vec<Job>) {
        let Rows { batch, file, reserved, is_shared, decode_time, .. } = rows;
        let numbered = self.numbering.number(batch.num_rows() as u64);
        self.progress.rows_read(numbered.wanted);
        let batch = batch.slice(numbered.skipped as usize, numbered.wanted as usize);
        let slot = &mut self.slots[self.numbered];
        if numbered.wanted == 0 {
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
        self.skipped_files.push(file);
        if let Some(reader) = &mut self.reader {
            reader.leave(file);
        }
        let kept = self.slots.drain(self.numbered..).filter(|slot| slot.file != file).collect::<Vec<Slot>>();
        self.slots.extend(kept);
        self.numbering.end_file();
    }

    /// Passes on what is shown: in order, or as it is ready where the scan is unordered.
    pub(super) fn drain(&mut self) {
        let mut place = 0;
        while place < self.numbered {
            match &mut self.slots[place].state {
                SlotState::Shown(part) => {
                    if let Some(part) = part.take() {
                        self.gatherer.push(part);
                    }
                }
                SlotState::EndOfFile => self.ended_files.push(self.slots[place].file),
                SlotState::Busy | SlotState::Parsed(_) | SlotState::Failed(_) if self.options.unordered => {
                    place += 1;
                    continue;
                }
                SlotState::Busy | SlotState::Parsed(_) | SlotState::Failed(_) => return,
            }
            self.slots.remove(place);
            self.numbered -= 1;
        }
    }
}
