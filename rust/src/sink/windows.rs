//! Batches cut into what an encoder should take at once.

use arrow_array::RecordBatch;

use crate::batches::shown_bytes::shown_bytes;

/// The fewest rows of a window: less is not worth a turn, however long the rows are.
const LEAST_ROWS: usize = 256;

/// Cuts batches into windows of about so many bytes; one window of all where there is no such number.
#[must_use]
pub fn windows(batches: &[RecordBatch], bytes: Option<usize>) -> Vec<Vec<RecordBatch>> {
    let Some(bytes) = bytes else { return vec![batches.to_vec()] };
    batches.iter().flat_map(|batch| cut(batch, bytes)).map(|window| vec![window]).collect()
}

fn cut(batch: &RecordBatch, bytes: usize) -> Vec<RecordBatch> {
    let rows = batch.num_rows();
    let shown: usize = batch.columns().iter().map(|column| shown_bytes(column)).sum();
    let row_bytes = (shown / rows.max(1)).max(1);
    let step = (bytes / row_bytes).max(LEAST_ROWS);
    (0..rows).step_by(step).map(|start| batch.slice(start, step.min(rows - start))).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array};

    use super::*;

    #[test]
    fn windows_hold_all_rows_in_order() {
        let column = Arc::new(Int64Array::from_iter_values(0..10_000)) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("n", column)]).expect("a batch");
        let cut = windows(&[batch.slice(0, 9_000), batch.slice(9_000, 1_000)], Some(8 * 4_000));
        let rows: Vec<usize> = cut.iter().map(|window| window[0].num_rows()).collect();
        assert_eq!(rows, [4_000, 4_000, 1_000, 1_000]);
        assert_eq!(cut[2][0], batch.slice(8_000, 1_000));
        assert_eq!(windows(&[batch.clone(), batch.clone()], None), [vec![batch.clone(), batch.clone()]]);
        assert_eq!(windows(&[batch], Some(1)).len(), 10_000usize.div_ceil(LEAST_ROWS));
    }
}
