//! A text scan, as the interface for other languages sees it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arrow_schema::SchemaRef;

use super::{State, TextScan};
use crate::batch_scan::{BatchScan, ByteInput, Outcome, Report};
use crate::error::Result;
use crate::stats::ScanStats;

impl BatchScan for TextScan {
    fn schema(&self) -> Result<Option<SchemaRef>> {
        if let State::Failed(error) = &*crate::lock(&self.core.state) {
            return Err(error.clone());
        }
        Ok(self.core.first.get().map(|first| Arc::clone(first.shape.schema())))
    }

    fn next(&self, wanted_rows: Option<u64>) -> Result<Outcome> {
        if let Some(rows) = wanted_rows {
            self.core.wanted_rows.store(rows.max(1), Ordering::Relaxed);
        }
        self.core.next()
    }

    fn wait(&self, timeout: Duration) -> bool {
        self.core.wait_until(timeout, State::is_ready)
    }

    fn cancel(&self) {
        self.core.settle(State::Cancelled);
    }

    fn consumer_over_share(&self) -> bool {
        self.core.memory.account.consumer_over_share()
    }

    fn stats(&self) -> ScanStats {
        self.core.stats()
    }

    fn report(&self, what: Report) -> Option<serde_json::Result<Vec<u8>>> {
        self.core.report(what)
    }

    fn input(&self) -> Option<Arc<dyn ByteInput>> {
        self.pushed()
    }
}
