//! What workers make rows of: a record batch, or a part of a large one.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arrow_array::{Array, RecordBatch, make_array};

use super::columns::FileColumns;
use super::encoded_batch::EncodedBatch;
use crate::batches::nested::copied;
use crate::error::Result;
use crate::memory::reservation::Reservation;
use crate::source::Source;
use crate::text::format::Parsed;
use crate::text::guarded::unchanged;
use crate::text::piece_reader::PieceWork;

/// A record batch that is not decoded yet.
pub(super) struct WholeBatch {
    pub(super) batch: EncodedBatch,
    pub(super) columns: Arc<FileColumns>,
    /// Most bytes that it may decompress to.
    pub(super) most_bytes: u64,
    /// Whether what is shown should not keep the message in memory.
    pub(super) copies: bool,
}

/// Some rows of a record batch that is decoded.
pub(super) struct PartOfBatch {
    pub(super) rows: RecordBatch,
    pub(super) columns: Arc<FileColumns>,
    /// The file that it is of.
    pub(super) source: Option<Source>,
    /// Whether what is shown should not keep the batch in memory.
    pub(super) copies: bool,
    /// Of the batch, for as long as there are parts of it.
    pub(super) _reserved: Arc<Reservation>,
}

impl PieceWork for WholeBatch {
    fn rows(self: Box<Self>, _over: &AtomicBool) -> Result<Parsed> {
        unchanged(self.batch.body.source(), || {
            let decoded = self.batch.decode(&self.columns.places, self.most_bytes)?.batch;
            parsed(&self.columns, &decoded, self.copies)
        })
    }
}

impl PieceWork for PartOfBatch {
    fn rows(self: Box<Self>, _over: &AtomicBool) -> Result<Parsed> {
        unchanged(self.source.as_ref(), || parsed(&self.columns, &self.rows, self.copies))
    }
}

fn parsed(columns: &FileColumns, decoded: &RecordBatch, copies: bool) -> Result<Parsed> {
    let mut batch = columns.shown(decoded)?;
    if copies && batch.num_columns() > 0 {
        let copy = |array: &Arc<dyn Array>| Ok(make_array(copied(&array.to_data())?));
        let arrays = batch.columns().iter().map(copy).collect::<Result<Vec<_>>>()?;
        batch = RecordBatch::try_new(batch.schema(), arrays)
            .map_err(|error| crate::error::SpillwayError::internal("copies give no batch").with_cause(&error))?;
    }
    Ok(Parsed { batch, skipped_records: 0, nulled_values: 0 })
}
