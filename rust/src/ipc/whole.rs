//! A large record batch that is decoded at once, its columns side by side, and given in parts.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use rayon::prelude::*;

use super::columns::FileColumns;
use super::encoded_batch::EncodedBatch;
use super::piece::PartOfBatch;
use crate::error::{Result, SpillwayError};
use crate::memory::budget::Account;
use crate::memory::reservation::Reservation;
use crate::source::Source;
use crate::text::piece_reader::{PieceSize, Unparsed};

/// A record batch of which parts are given.
pub(super) struct Whole {
    batch: RecordBatch,
    /// Rows that were given.
    given: usize,
    row_bytes: u64,
    /// The file, which must not have changed when a part is given.
    source: Option<Source>,
    /// Whether parts are copied, so that they don't keep the whole in memory.
    copies: bool,
    reserved: Arc<Reservation>,
}

impl Whole {
    /// Decodes the columns at the places `wanted`, which take so many `bytes` then.
    ///
    /// # Errors
    /// Those of [`EncodedBatch::decode`].
    pub(super) fn decode(batch: &EncodedBatch, wanted: &[usize], bytes: u64, account: &Arc<Account>) -> Result<Self> {
        // What is mapped is no memory of the process: its parts are counted as they are given.
        let copies = !batch.is_mapped();
        let reserved = Arc::new(Reservation::new(account, if copies { bytes } else { 0 }));
        let loaded = batch.loaded(wanted)?;
        let most_bytes = account.share();
        let column = |place: &usize| loaded.decode(&[*place], most_bytes);
        let columns = wanted.par_iter().map(column).collect::<Result<Vec<_>>>()?;
        batch.check_unchanged()?;
        let columns = columns.iter().map(|column| Arc::clone(column.batch.column(0))).collect();
        let rows = batch.rows()? as usize;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let schema = batch.schema.project(wanted).map_err(|error| SpillwayError::internal(&error.to_string()))?;
        let source = batch.body.source().cloned();
        let batch = RecordBatch::try_new_with_options(Arc::new(schema), columns, &options)
            .map_err(|error| super::malformed::undecodable(&error))?;
        Ok(Self { source, batch, given: 0, row_bytes: bytes / rows.max(1) as u64, copies, reserved })
    }

    /// Whether all rows were given.
    pub(super) fn is_given(&self) -> bool {
        self.given == self.batch.num_rows()
    }

    /// The next rows, unless all were given; `reserved` becomes what they take.
    pub(super) fn part(
        &mut self,
        file: usize,
        columns: Arc<FileColumns>,
        size: PieceSize,
        mut reserved: Reservation,
    ) -> Unparsed {
        let left = self.batch.num_rows() - self.given;
        let fitting = size.budget.checked_div(self.row_bytes).unwrap_or(left as u64);
        let rows = size.records.min(fitting).max(1).min(left as u64) as usize;
        let part = self.batch.slice(self.given, rows);
        self.given += rows;
        let bytes = rows as u64 * self.row_bytes;
        reserved.set(bytes);
        let kept = Arc::clone(&self.reserved);
        Unparsed {
            file,
            records: rows as u64,
            bytes,
            reserved,
            is_shared: !self.copies,
            work: Box::new(PartOfBatch {
                rows: part,
                columns,
                source: self.source.clone(),
                copies: self.copies,
                _reserved: kept,
            }),
        }
    }
}
