//! What workers do for a text scan.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::{Core, First, State};
use crate::error::{Result, SpillwayError};
use crate::text::format::Parsed;
use crate::text::gather::{Part, batch_bytes};
use crate::text::guarded::guarded;
use crate::text::piece_reader::Unparsed;
use crate::text::run::{Job, Rows};

impl Core {
    /// One worker's turn.
    pub(super) fn work(self: &Arc<Self>, job: Job) {
        let Some(first) = self.first.get() else { return };
        // No file is opened for a scan that was cancelled meanwhile.
        if self.over.load(Ordering::Relaxed) {
            return;
        }
        let started = Instant::now();
        match job {
            Job::Read { file, mut reader, size, reserved } => {
                let result = guarded(|| Ok(reader.next(size, reserved)));
                self.took(started);
                match result {
                    Ok(result) => self.with_run(|run| run.was_read(file, reader, size, result)),
                    // Where the reader is then, nobody knows.
                    Err(error) => self.settle(State::Failed(error)),
                }
            }
            Job::Parse(id, piece) => {
                let file = piece.file;
                let result = guarded(|| self.parse(piece)).map_err(|error| self.at_path(file, error));
                self.took(started);
                self.with_run(|run| {
                    run.was_parsed(id, result);
                    None
                });
            }
            Job::Show(id, rows) => {
                let file = rows.file;
                let result = guarded(|| self.show(first, rows)).map_err(|error| self.at_path(file, error));
                self.took(started);
                self.with_run(|run| {
                    run.was_shown(id, result);
                    None
                });
            }
            Job::Assemble(assembly) => {
                let id = assembly.id();
                let result = guarded(|| assembly.make());
                self.took(started);
                self.with_run(|run| {
                    run.was_assembled(id, result);
                    None
                });
            }
        }
    }

    fn parse(&self, piece: Unparsed) -> Result<Rows> {
        let started = Instant::now();
        let Unparsed { file, work, is_shared, mut reserved, .. } = piece;
        let Parsed { batch, skipped_records, nulled_values } = work.rows(&self.over)?;
        self.skipped_records.fetch_add(skipped_records, Ordering::Relaxed);
        self.nulled_values.fetch_add(nulled_values, Ordering::Relaxed);
        reserved.set(batch_bytes(&batch, is_shared));
        Ok(Rows { batch, file, number: 0, first_row: 0, reserved, is_shared, decode_time: started.elapsed() })
    }

    fn show(&self, first: &First, rows: Rows) -> Result<Option<Part>> {
        let started = Instant::now();
        let Rows { batch, file, number, first_row, mut reserved, is_shared, decode_time } = rows;
        let constants = self.options.files.get(file).map_or(&[][..], |file| &file.constants);
        let shown = first.shape.shown(&batch, constants, number)?;
        drop(batch);
        if shown.num_rows() == 0 {
            return Ok(None);
        }
        reserved.set(batch_bytes(&shown, is_shared));
        let decode_time = decode_time + started.elapsed();
        Ok(Some(Part { batch: shown, file, first_row, reserved, is_shared, decode_time }))
    }

    fn took(&self, started: Instant) {
        self.counters.decode_nanos.fetch_add(started.elapsed().as_nanos() as u64, Ordering::Relaxed);
    }

    pub(super) fn at_path(&self, file: usize, error: SpillwayError) -> SpillwayError {
        match self.options.files.get(file) {
            Some(file) => error.at_path(&file.path),
            None => error,
        }
    }
}
