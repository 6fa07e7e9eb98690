//! Columns that are nested, or of a type that needs parquet's own way of reading.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use arrow_array::{Array, ArrayRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use crate::error::{Result, SpillwayError};
use crate::pages::chunk_place::PageFailure;

/// A nested column's reader is made anew where so many rows are to be skipped.
const LONG_SKIP: u64 = 32 << 10;

/// A reader that gives chosen rows in batches of a fixed size.
pub(super) struct NestedReader {
    pub(super) reader: ParquetRecordBatchReader,
    pub(super) quantum: usize,
    /// What is left of the last batch.
    pub(super) rest: Option<ArrayRef>,
    pub(super) current: Arc<AtomicUsize>,
    /// What was wrong with a page, of which `reader` gives only the text.
    pub(super) failure: PageFailure,
}

impl NestedReader {
    /// `None` where the pages end.
    pub(super) fn read(&mut self, rows: usize) -> Result<Option<ArrayRef>> {
        let mut parts: Vec<ArrayRef> = Vec::new();
        let mut missing = rows;
        while missing > 0 {
            let Some(array) = self.next()? else { return Ok(None) };
            let taken = array.len().min(missing);
            if taken < array.len() {
                self.rest = Some(array.slice(taken, array.len() - taken));
            }
            parts.push(array.slice(0, taken));
            missing -= taken;
        }
        if let [one] = parts.as_slice() {
            return Ok(Some(Arc::clone(one)));
        }
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        arrow_select::concat::concat(&parts).map(Some).map_err(|e| SpillwayError::from_arrow(&e))
    }

    fn next(&mut self) -> Result<Option<ArrayRef>> {
        if let Some(rest) = self.rest.take() {
            return Ok(Some(rest));
        }
        match self.reader.next() {
            Some(Ok(batch)) if batch.num_rows() > 0 => Ok(Some(Arc::clone(batch.column(0)))),
            Some(Err(error)) => {
                let cause = crate::lock(&self.failure).take();
                Err(cause.unwrap_or_else(|| SpillwayError::from_arrow(&error)))
            }
            Some(Ok(_)) | None => Ok(None),
        }
    }

    /// Drops rows by reading them; `false` where that is dearer than to begin anew, or fails.
    pub(super) fn drop_rows(&mut self, rows: u64) -> bool {
        rows < LONG_SKIP && (rows == 0 || self.read(rows as usize).is_ok_and(|array| array.is_some()))
    }
}
