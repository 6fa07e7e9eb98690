//! The order that a file's rows are said to have, checked as they are written: a wrong claim makes readers skip rows.

use std::cmp::Ordering;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_ord::ord::make_comparator;
use arrow_schema::{SchemaRef, SortOptions};

use crate::encode::encode_error;
use crate::encode::parquet_options::SortKey;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::names::nearest;
use crate::rows::chosen_rows::taken;

/// Compares each row with the one before.
pub struct SortOrder {
    keys: Vec<Key>,
    /// The last row so far, a column of one value a key.
    last: Vec<ArrayRef>,
    rows: u64,
}

struct Key {
    column: usize,
    name: String,
    options: SortOptions,
}

impl SortOrder {
    /// The order by these keys; `None` where there are none.
    ///
    /// # Errors
    /// `UNKNOWN_COLUMN` for a column that isn't there, `UNSUPPORTED_FEATURE` for a nested one.
    pub fn new(keys: &[SortKey], schema: &SchemaRef) -> Result<Option<Self>> {
        let key = |key: &SortKey| {
            let column = schema.index_of(&key.column).map_err(|_| {
                let message = format!("Cannot sort by column '{}': the batches have no such column", key.column);
                let suggestions = nearest(schema.fields().iter().map(|field| field.name().as_str()), &key.column);
                let error = SpillwayError::new(ErrorCode::UnknownColumn, message);
                error.at_column(&key.column).with_suggestions(suggestions)
            })?;
            let data_type = schema.field(column).data_type();
            if data_type.is_nested() {
                let message = format!(
                    "Cannot sort by column '{}': values of type {data_type} have no order; choose a column of plain values",
                    key.column
                );
                return Err(SpillwayError::new(ErrorCode::UnsupportedFeature, message).at_column(&key.column));
            }
            let options = SortOptions { descending: key.descending, nulls_first: key.nulls_first };
            Ok(Key { column, name: key.column.clone(), options })
        };
        let keys = keys.iter().map(key).collect::<Result<Vec<_>>>()?;
        Ok((!keys.is_empty()).then(|| Self { keys, last: Vec::new(), rows: 0 }))
    }

    /// Checks the next rows.
    ///
    /// # Errors
    /// `UNSORTED_DATA` for the first row that comes before the one before it.
    pub fn check(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let columns: Vec<&ArrayRef> = self.keys.iter().map(|key| batch.column(key.column)).collect();
        if !self.last.is_empty() {
            let before: Vec<&ArrayRef> = self.last.iter().collect();
            let compare = self.comparator(&before, &columns)?;
            if compare(0, 0) == Ordering::Greater {
                return Err(self.unsorted(0));
            }
        }
        let compare = self.comparator(&columns, &columns)?;
        if let Some(row) = (1..batch.num_rows()).find(|row| compare(row - 1, *row) == Ordering::Greater) {
            return Err(self.unsorted(row as u64));
        }
        // A row of its own, or it would keep the whole batch.
        let last = arrow_array::UInt32Array::from(vec![batch.num_rows() as u32 - 1]);
        let take = |column: &&ArrayRef| taken(column, &last);
        self.last =
            columns.iter().map(take).collect::<std::result::Result<_, _>>().map_err(|error| encode_error(&error))?;
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn comparator(&self, left: &[&ArrayRef], right: &[&ArrayRef]) -> Result<impl Fn(usize, usize) -> Ordering + use<>> {
        let mut comparators = Vec::with_capacity(self.keys.len());
        for (key, (left, right)) in self.keys.iter().zip(left.iter().zip(right)) {
            let comparator = make_comparator(left.as_ref(), right.as_ref(), key.options);
            comparators.push(comparator.map_err(|error| encode_error(&error).at_column(&key.name))?);
        }
        Ok(move |left: usize, right: usize| {
            let mut orders = comparators.iter().map(|compare| compare(left, right));
            orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        })
    }

    fn unsorted(&self, row: u64) -> SpillwayError {
        let names: Vec<&str> = self.keys.iter().map(|key| key.name.as_str()).collect();
        let message = format!(
            "Cannot write row {}: it should come before row {} by the sorting columns '{}'; sort the rows first, or \
             leave sortingColumns out",
            self.rows + row,
            (self.rows + row).saturating_sub(1),
            names.join("', '")
        );
        let error = SpillwayError::new(ErrorCode::UnsortedData, message);
        self.keys.first().map_or(error.clone(), |key| error.at_column(&key.name))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int32Array, StringArray};

    use super::*;

    fn batch(numbers: Vec<Option<i32>>, texts: Vec<&str>) -> RecordBatch {
        RecordBatch::try_from_iter([
            ("n", Arc::new(Int32Array::from(numbers)) as ArrayRef),
            ("t", Arc::new(StringArray::from(texts)) as ArrayRef),
        ])
        .expect("a batch")
    }

    fn key(column: &str, descending: bool, nulls_first: bool) -> SortKey {
        SortKey { column: column.into(), descending, nulls_first }
    }

    #[test]
    fn rows_are_compared_within_and_across_batches() {
        let first = batch(vec![Some(1), Some(1), Some(2)], vec!["a", "b", "a"]);
        let keys = [key("n", false, true), key("t", false, true)];
        let mut order = SortOrder::new(&keys, &first.schema()).expect("keys").expect("some");
        order.check(&first).expect("sorted");
        order.check(&first.slice(0, 0)).expect("no rows");
        let error = order.check(&batch(vec![Some(1)], vec!["z"])).expect_err("falls back");
        assert_eq!((error.code(), error.column()), (ErrorCode::UnsortedData, Some("n")));
        assert!(error.to_string().contains("row 3"), "{error}");
        order.check(&batch(vec![Some(2), None], vec!["b", "a"])).expect_err("a null comes first");
    }

    #[test]
    fn descending_orders_and_nulls_at_the_end_are_told_apart() {
        let rows = batch(vec![Some(3), Some(1), None], vec!["a", "a", "a"]);
        let check = |descending, nulls_first| {
            let keys = [key("n", descending, nulls_first)];
            SortOrder::new(&keys, &rows.schema()).expect("keys").expect("some").check(&rows).is_ok()
        };
        assert!(check(true, false));
        assert!(!check(true, true));
        assert!(!check(false, false));
    }

    #[test]
    fn a_column_that_is_not_there_is_an_error() {
        let schema = batch(vec![], vec![]).schema();
        let error = SortOrder::new(&[key("x", false, true)], &schema).err().expect("unknown");
        assert_eq!(error.code(), ErrorCode::UnknownColumn);
        assert!(SortOrder::new(&[], &schema).expect("none").is_none());
    }
}
