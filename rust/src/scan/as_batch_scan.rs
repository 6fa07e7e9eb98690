//! A scan of Parquet files, as the interface for other languages sees it.

use std::sync::Arc;
use std::time::Duration;

use arrow_schema::SchemaRef;

use super::Scan;
use crate::batch_scan::{BatchScan, Outcome, Report};
use crate::error::Result;
use crate::files::facts;
use crate::stats::ScanStats;

impl BatchScan for Scan {
    fn schema(&self) -> Result<Option<SchemaRef>> {
        Ok(self.opened()?.map(|opened| Arc::clone(&opened.schema)))
    }

    fn next(&self, wanted_rows: Option<u64>) -> Result<Outcome> {
        self.next(wanted_rows)
    }

    fn wait(&self, timeout: Duration) -> bool {
        self.wait(timeout)
    }

    fn cancel(&self) {
        self.cancel();
    }

    fn consumer_over_share(&self) -> bool {
        self.consumer_over_share()
    }

    fn stats(&self) -> ScanStats {
        self.stats()
    }

    fn report(&self, what: Report) -> Option<serde_json::Result<Vec<u8>>> {
        match what {
            Report::Plan => self.plan(),
            Report::File => {
                let opened = self.opened().ok().flatten()?;
                Some(serde_json::to_vec(&facts::file_facts(&opened.file)))
            }
            Report::Decisions => Some(serde_json::to_vec(&self.decisions())),
            Report::Pruning => self.pruning(),
            Report::Files => self.files(),
        }
    }
}
