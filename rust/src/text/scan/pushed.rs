//! The side of a text scan that bytes are pushed to.

use std::sync::Arc;
use std::time::Duration;

use super::{Core, State, TextScan};
use crate::batch_scan::{ByteInput, Pushed};
use crate::error::Result;
use crate::text::push_queue::PushQueue;

/// Where the bytes of a scan are pushed to.
struct PushedText {
    core: Arc<Core>,
    queue: Arc<PushQueue>,
}

impl TextScan {
    pub(super) fn pushed(&self) -> Option<Arc<dyn ByteInput>> {
        let queue = Arc::clone(self.core.queue.as_ref()?);
        Some(Arc::new(PushedText { core: Arc::clone(&self.core), queue }))
    }
}

impl PushedText {
    /// More bytes are there, or their end.
    fn more_came(&self) {
        self.core.look();
        self.core.with_run(|run| {
            run.was_pushed();
            None
        });
    }
}

impl ByteInput for PushedText {
    fn push(&self, bytes: &[u8]) -> Result<Pushed> {
        match &*crate::lock(&self.core.state) {
            State::Failed(error) => return Err(error.clone()),
            State::Ended | State::Cancelled => return Ok(Pushed::Over),
            State::Opening { .. } | State::Idle(_) | State::Running(_) => {}
        }
        if !self.queue.push(bytes) {
            return Ok(Pushed::Full);
        }
        self.more_came();
        Ok(Pushed::Taken)
    }

    fn end(&self) {
        self.queue.end();
        self.more_came();
    }

    fn wait(&self, timeout: Duration) -> bool {
        self.core.wait_until(timeout, |state| match state {
            State::Failed(_) | State::Ended | State::Cancelled => true,
            State::Opening { .. } | State::Idle(_) | State::Running(_) => self.queue.has_room_again(),
        })
    }
}
