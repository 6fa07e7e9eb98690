//! The beginning of a text scan: a sample is looked at, and the options are resolved against its schema.

use std::sync::Arc;

use super::{Core, First, State};
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::text::guarded::guarded;
use crate::text::piece_reader::PieceReader;
use crate::text::shape::TextShape;
use crate::workers;

impl Core {
    /// Sends a worker to look at the first records, if none is at it.
    pub(super) fn look(self: &Arc<Self>) {
        let reader = match &mut *crate::lock(&self.state) {
            State::Opening { reader, more_came, .. } => {
                let reader = reader.take();
                // A worker that has the reader may have looked before.
                *more_came = reader.is_none();
                reader
            }
            _ => None,
        };
        let Some(mut reader) = reader else { return };
        let core = Arc::clone(self);
        let sent = workers::spawn(move || {
            let first = guarded(|| core.first(reader.as_mut()));
            core.looked(reader, first);
        });
        if let Err(error) = sent {
            self.settle(State::Failed(error));
        }
    }

    /// What the first records tell; `None` where more has to be pushed first.
    fn first(&self, reader: &mut dyn PieceReader) -> Result<Option<First>> {
        let mut first_error = None;
        loop {
            match reader.sample() {
                Ok(Some(sampled)) => {
                    let mut resolve = || {
                        let shape = TextShape::new(&sampled.schema, &self.options)?;
                        if let Some(pruner) = &shape.pruner {
                            reader.rule_out(pruner);
                        }
                        let cost = reader.want(&sampled, &shape.wanted)?;
                        Ok(Some(First { sampled: sampled.clone(), shape, cost }))
                    };
                    return resolve().map_err(|error| self.at_path(sampled.first, error));
                }
                Ok(None) if self.queue.is_some() => return Ok(None),
                Ok(None) => {
                    let none = SpillwayError::new(ErrorCode::InvalidArgument, "Cannot scan no file; name at least one");
                    return Err(first_error.unwrap_or(none));
                }
                Err((file, error)) => {
                    // Too little memory is wrong with no file.
                    if !self.options.skip_broken_files || error.code() == ErrorCode::MemoryLimit {
                        return Err(error);
                    }
                    self.log.skipped(file, &error);
                    reader.leave(file);
                    first_error.get_or_insert(error);
                }
            }
        }
    }

    fn looked(self: &Arc<Self>, reader: Box<dyn PieceReader>, first: Result<Option<First>>) {
        let mut state = crate::lock(&self.state);
        let State::Opening { demanded, reader: place, more_came } = &mut *state else { return };
        match first {
            Err(error) => {
                drop(state);
                return self.settle(State::Failed(error));
            }
            Ok(None) => {
                *place = Some(reader);
                let again = *more_came;
                drop(state);
                // Who pushes bytes may go on.
                self.changed.notify_all();
                if again {
                    self.look();
                }
                return;
            }
            Ok(Some(first)) => {
                let demanded = *demanded;
                let _ = self.first.set(first);
                *state = State::Idle(reader);
                if demanded {
                    self.start(&mut state);
                }
            }
        }
        drop(state);
        self.changed.notify_all();
    }
}
