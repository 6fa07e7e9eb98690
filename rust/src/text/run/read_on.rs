//! What is read next: of the file whose turn it is, and of later ones where workers would idle.

use super::{Job, Run, Slot, SlotState, WaitsFor, ahead};
use crate::memory::reservation::Reservation;
use crate::text::input::bytes_at_once;
use crate::text::piece_reader::{FileResult, Next, PieceReader, PieceSize};
use crate::text::text_reader::HEAD_BYTES;
use crate::workers;

/// Text of a piece, at most: some milliseconds of parsing, and small enough that cancelling is quick.
const MOST_TEXT: u64 = 4 << 20;
/// Text of a piece, at least, where memory allows for it: less would cost more in hand-overs than in parsing.
const LEAST_TEXT: u64 = 4 << 10;
/// A piece takes at most this part of the stream's share, so that several are in flight.
const PIECES_PER_SHARE: u64 = 8;
/// Later files than the one whose turn it is take at most this part of the share in all. The rest is enough for the
/// longest record, so that what was read ahead stops nothing.
const AHEAD_PER_SHARE: u64 = 4;
/// A piece that is read ahead takes at most this part, so that several are.
const AHEAD_PIECES_PER_SHARE: u64 = 32;
/// Pieces on their way where files are read ahead: more of few rows each would cost more to look through than they gain.
const MOST_PIECES: usize = 1000;
/// Rows of a piece, at least, where a predicate may leave few of them.
const ROWS_TO_TEST: u64 = 8192;

impl Run {
    /// Reads on where rows are missing and there is room for them.
    pub(super) fn read(&mut self, wanted_rows: u64, jobs: &mut Vec<Job>) {
        if self.may_read(wanted_rows) {
            let size = self.piece_size(wanted_rows);
            let text = self.text_bytes(size, self.reading.is_turn_new());
            jobs.extend(self.read_file(self.reading.turn(), size, text));
        }
        while let Some((file, size)) = self.next_ahead(wanted_rows) {
            jobs.extend(self.read_file(file, size, self.text_bytes(size, true)));
        }
    }

    /// Sends a worker to read a piece, with so many bytes of text.
    fn read_file(&mut self, file: usize, size: PieceSize, text: u64) -> Option<Job> {
        let parsed = self.parsed_bytes(size);
        let reader = self.reading.lend(file, size.records, parsed, text)?;
        let reserved = Reservation::new(&self.memory.account, parsed);
        Some(Job::Read { file, reader, size, reserved })
    }

    /// A reader is back.
    pub fn was_read(
        &mut self,
        file: usize,
        reader: Box<dyn PieceReader>,
        size: PieceSize,
        result: FileResult<Next>,
    ) -> Option<Job> {
        let (state, piece, is_wanted) = match result {
            Ok(Next::NotYet) => {
                let waits = if size.is_ahead { WaitsFor::Turn } else { WaitsFor::Bytes { eager: size.eager } };
                self.reading.take_back(file, reader, Some(waits));
                return None;
            }
            Ok(Next::Piece(piece)) => (SlotState::Busy, Some(piece), self.reading.take_back(file, reader, None)),
            Ok(Next::End) => (SlotState::EndOfFile, None, self.reading.end(file)),
            Err((_, error)) => (SlotState::Failed(error), None, self.reading.end(file)),
        };
        if !is_wanted {
            return None;
        }
        let (mut records, mut bytes) = (0, 0);
        if let Some(piece) = &piece {
            self.row_text = (piece.bytes / piece.records.max(1)).max(1);
            (records, bytes) = (piece.records, piece.reserved.bytes());
        }
        let id = self.next_id;
        self.next_id += 1;
        let place = self.slots.partition_point(|slot| slot.file <= file);
        self.slots.insert(place, Slot { id, file, records, bytes, is_numbered: false, state });
        piece.map(|piece| Job::Parse(id, piece))
    }

    /// Whether the file whose turn it is should be read on.
    pub(super) fn may_read(&self, wanted_rows: u64) -> bool {
        let pieces = self.slots_in_turn();
        let has_failed = self.slots.iter().take(pieces).any(Slot::has_failed);
        let is_enough = self.numbering.is_over() || pieces + self.gatherer.batches() >= ahead();
        if !self.reading.is_turn_ready(self.is_eager()) || has_failed || is_enough {
            return false;
        }
        let size = self.piece_size(wanted_rows);
        let expected = self.text_bytes(size, self.reading.is_turn_new()) + self.parsed_bytes(size);
        // However little memory is left, a scan goes on; but rows that wait are given first.
        let is_idle = pieces == 0 && self.gatherer.batches() == 0;
        let waits_for_rows = self.options.fixed_rows.is_some_and(|rows| (self.gatherer.rows() as u64) < rows);
        let room = self.room();
        // What was read ahead is no reason for a batch of fewer rows than are wanted.
        let has_half = || room + self.bytes_ahead() >= self.memory.account.share() / 2;
        // Room for a copy is left over.
        expected + size.budget <= room || (is_idle && (self.gatherer.rows() == 0 || (waits_for_rows && has_half())))
    }

    /// The later file that is read next, if any: only while one worker reads the file whose turn it is, which so always
    /// gets the memory first, and another would idle.
    fn next_ahead(&mut self, wanted_rows: u64) -> Option<(usize, PieceSize)> {
        let busy = self.slots.iter().filter(|slot| slot.is_busy()).count() + self.reading.with_workers();
        let is_idle = busy < workers::threads() && self.slots.len() < MOST_PIECES;
        if !self.reading.is_turn_read() || !is_idle || self.may_be_enough() {
            return None;
        }
        let share = self.memory.account.share();
        let size = self.piece_size_within(wanted_rows, share / AHEAD_PIECES_PER_SHARE);
        let size = PieceSize { eager: false, is_ahead: true, ..size };
        // Most files that are read ahead are new.
        let expected = self.text_bytes(size, true) + size.budget;
        if self.bytes_ahead() + expected > share / AHEAD_PER_SHARE || expected + size.budget > self.room() {
            return None;
        }
        let failed = self.slots.iter().find(|slot| slot.has_failed()).map(|slot| slot.file);
        Some((self.reading.next_ahead(failed)?, size))
    }

    /// Whether the rows that are on their way may be all that are wanted, so that later files needn't be read.
    fn may_be_enough(&self) -> bool {
        let wanted = self.options.max_rows.map_or(u64::MAX, |most| most - self.gathered_rows);
        let wanted = wanted.min(self.numbering.left());
        let coming = self.slots.iter().map(|slot| slot.records).sum::<u64>() + self.reading.records();
        coming + self.gatherer.rows() as u64 >= wanted
    }

    /// Pieces of the file whose turn it is, and of those before it.
    fn slots_in_turn(&self) -> usize {
        let turn = self.reading.turn();
        self.slots.partition_point(|slot| slot.file <= turn)
    }

    /// Bytes of later files than the one whose turn it is.
    fn bytes_ahead(&self) -> u64 {
        self.slots.range(self.slots_in_turn()..).map(|slot| slot.bytes).sum::<u64>() + self.reading.bytes_ahead()
    }

    /// Whether few bytes are better than none: nothing else is there for the consumer.
    fn is_eager(&self) -> bool {
        self.slots_in_turn() == 0 && self.gatherer.rows() == 0 && self.gatherer.batches() == 0
    }

    fn piece_size(&self, wanted_rows: u64) -> PieceSize {
        self.piece_size_within(wanted_rows, self.memory.account.share() / PIECES_PER_SHARE)
    }

    fn piece_size_within(&self, wanted_rows: u64, most_bytes: u64) -> PieceSize {
        let budget = self.batch_bytes().min(most_bytes).max(1);
        let wanted = self.options.fixed_rows.unwrap_or(wanted_rows);
        let wanted = if self.filters { wanted.max(ROWS_TO_TEST) } else { wanted };
        let records = wanted.min(self.numbering.left()).max(1);
        // A quarter more than the last records had, so that as many fit.
        let text = records.saturating_mul(self.row_text).saturating_mul(5) / 4;
        let fitting = self.cost.text_within(budget, self.row_text);
        let bytes = text.min(fitting).clamp(LEAST_TEXT.min(fitting.max(1)), MOST_TEXT);
        PieceSize { bytes, records, budget, eager: self.is_eager(), is_ahead: false }
    }

    /// What reading a piece takes before it is parsed: a new file's head is read first, and a little more than is wanted.
    fn text_bytes(&self, size: PieceSize, is_new: bool) -> u64 {
        let wanted = if is_new { size.bytes.max(HEAD_BYTES as u64) } else { size.bytes };
        wanted + bytes_at_once(&self.memory.account)
    }

    /// What a piece takes once it is parsed, about: a quarter more than the last one's rows would.
    fn parsed_bytes(&self, size: PieceSize) -> u64 {
        let expected = self.cost.bytes(size.bytes / self.row_text, size.bytes);
        (expected + expected / 4).min(size.budget)
    }
}
