//! Encoding of rows on all workers: text formats have no state between rows, so pieces of a batch are encoded apart.

use std::sync::Mutex;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use rayon::prelude::*;

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::lock;

/// Rows of a piece: enough for a worker not to notice the hand-over, few enough for a batch to keep all of them busy, and
/// for the text of usual rows to be in the processor's cache still when it is appended.
const PIECE_ROWS: usize = 1024;

/// Bytes of batches that are encoded at once: enough for some pieces of usual rows, and not much text.
pub(super) const WINDOW_BYTES: usize = 4 << 20;

/// Encodes pieces of batches, in buffers that are used again: what they hold has grown to the size of a piece already.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    spare: Mutex<Vec<Vec<u8>>>,
}

impl Pieces {
    /// Encodes pieces of the batches in parallel and appends their bytes in order.
    ///
    /// # Errors
    /// That of a piece that has one; nothing is appended then.
    pub(super) fn encode(
        &self,
        batches: &[RecordBatch],
        out: &mut Vec<u8>,
        encode: impl Fn(&RecordBatch, &mut Vec<u8>) -> Result<()> + Sync,
    ) -> Result<()> {
        let pieces: Vec<RecordBatch> = batches.iter().flat_map(pieces).collect();
        let encoded = pieces.par_iter().map(|piece| {
            let mut bytes = lock(&self.spare).pop().unwrap_or_default();
            encode(piece, &mut bytes).map(|()| bytes)
        });
        let encoded = encoded.collect::<Result<Vec<_>>>()?;
        out.reserve(encoded.iter().map(Vec::len).sum());
        for mut bytes in encoded {
            out.extend_from_slice(&bytes);
            bytes.clear();
            lock(&self.spare).push(bytes);
        }
        Ok(())
    }
}

fn pieces(batch: &RecordBatch) -> impl Iterator<Item = RecordBatch> + '_ {
    let rows = batch.num_rows();
    (0..rows).step_by(PIECE_ROWS).map(move |start| batch.slice(start, PIECE_ROWS.min(rows - start)))
}

/// Checks that batches have the columns that the encoder was made for.
///
/// # Errors
/// `SCHEMA_MISMATCH` naming the first column that differs.
pub(super) fn check_columns(batches: &[RecordBatch], schema: &SchemaRef) -> Result<()> {
    for batch in batches {
        let found = batch.schema_ref();
        let mismatch = |name: &str, what: String| {
            let message = format!("Cannot write column '{name}': {what}; give batches of one schema");
            Err(SpillwayError::new(ErrorCode::SchemaMismatch, message).at_column(name))
        };
        for (field, wanted) in found.fields().iter().zip(schema.fields()) {
            if field.name() != wanted.name() {
                return mismatch(field.name(), format!("the first batch has '{}' in its place", wanted.name()));
            }
            if field.data_type() != wanted.data_type() {
                let what = format!("it is {} here and {} at first", field.data_type(), wanted.data_type());
                return mismatch(field.name(), what);
            }
        }
        if found.fields().len() != schema.fields().len() {
            let message = format!(
                "Cannot write a batch of {} columns: the first has {}; give batches of one schema",
                found.fields().len(),
                schema.fields().len()
            );
            return Err(SpillwayError::new(ErrorCode::SchemaMismatch, message));
        }
    }
    Ok(())
}

/// What Arrow's encoders say of a batch; `format` is the name of the format.
pub(super) fn encode_error(error: &ArrowError, format: &str) -> SpillwayError {
    let (code, advice) = match error {
        ArrowError::MemoryError(_) | ArrowError::OffsetOverflowError(_) => {
            (ErrorCode::MemoryLimit, "it is too large for one array; write smaller batches")
        }
        _ => (ErrorCode::UnsupportedFeature, "the format cannot hold a value of it; cast or drop the column"),
    };
    SpillwayError::new(code, format!("Cannot write a batch as {format}: {advice}")).with_cause(error)
}

/// A column that the format has no form for; `advice` says what to do.
pub(super) fn cannot_hold(column: &str, what: &str, format: &str, advice: &str) -> SpillwayError {
    let message = format!("Cannot write column '{column}' as {format}: it is {what}; {advice}");
    SpillwayError::new(ErrorCode::UnsupportedFeature, message).at_column(column)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int32Array, Int64Array};

    use super::*;

    fn batch(name: &str, array: ArrayRef) -> RecordBatch {
        RecordBatch::try_from_iter([(name, array)]).expect("batch")
    }

    #[test]
    fn pieces_hold_every_row_once_and_in_order() {
        let rows = i32::try_from(2 * PIECE_ROWS + 1).expect("rows");
        let batches = [
            batch("a", Arc::new(Int32Array::from_iter_values(0..rows))),
            batch("a", Arc::new(Int32Array::from_iter_values(0..0))),
            batch("a", Arc::new(Int32Array::from_iter_values(rows..rows + 2))),
        ];
        let mut out = vec![7];
        let lengths = std::sync::Mutex::new(Vec::new());
        Pieces::default()
            .encode(&batches, &mut out, |piece, bytes| {
                crate::lock(&lengths).push(piece.num_rows());
                let values = piece.column(0).as_any().downcast_ref::<Int32Array>().expect("Int32");
                bytes.extend(values.values().iter().flat_map(|value| value.to_le_bytes()));
                Ok(())
            })
            .expect("bytes");
        let values: Vec<i32> = out[1..].chunks(4).map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        assert_eq!(values, (0..rows + 2).collect::<Vec<_>>());
        let mut lengths = lengths.into_inner().expect("lengths");
        lengths.sort_unstable();
        assert_eq!(lengths, [1, 2, PIECE_ROWS, PIECE_ROWS]);
    }

    #[test]
    fn a_failed_piece_appends_nothing() {
        let batches = [batch("a", Arc::new(Int32Array::from_iter_values(0..40_000)))];
        let mut out = vec![7];
        let error = Pieces::default().encode(&batches, &mut out, |piece, bytes| {
            bytes.push(1);
            if piece.num_rows() < PIECE_ROWS { Err(SpillwayError::internal("a test")) } else { Ok(()) }
        });
        assert!(error.is_err());
        assert_eq!(out, [7]);
    }

    #[test]
    fn batches_of_another_schema_are_refused() {
        let first = batch("a", Arc::new(Int32Array::from(vec![1])));
        let check = |other: RecordBatch| check_columns(&[first.clone(), other], first.schema_ref());
        assert!(check(first.clone()).is_ok());
        let wider = check(batch("a", Arc::new(Int64Array::from(vec![1])))).expect_err("type");
        assert_eq!(wider.code(), ErrorCode::SchemaMismatch);
        let message = "Cannot write column 'a': it is Int64 here and Int32 at first; give batches of one schema";
        assert_eq!(wider.to_string(), message);
        assert!(check(batch("b", Arc::new(Int32Array::from(vec![1])))).expect_err("name").to_string().contains("'a'"));
        let none = first.project(&[]).expect("no columns");
        assert_eq!(check(none).expect_err("columns").code(), ErrorCode::SchemaMismatch);
    }
}
