//! What text takes once it is parsed: a bound that is known before, from the types of the columns.

use arrow_schema::{DataType, Field, FieldRef};

/// A piece of `rows` records and `bytes` of text becomes `rows * per_row + bytes * per_byte` bytes at most, or about so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowCost {
    per_row: u64,
    per_byte: u64,
}

/// A buffer that grows as it is filled has up to twice the bytes.
const GROWTH: u64 = 2;
/// The shortest item of a list, with its comma.
const ITEM_BYTES: u64 = 2;

impl RowCost {
    /// The cost of parsing these columns.
    #[must_use]
    pub fn of<'a>(fields: impl IntoIterator<Item = &'a FieldRef>) -> Self {
        let mut cost = Self::default();
        for field in fields {
            let column = Self::of_field(field);
            cost.per_row += column.per_row;
            // Each byte of text is in one column.
            cost.per_byte = cost.per_byte.max(column.per_byte);
        }
        cost
    }

    fn of_field(field: &Field) -> Self {
        // One more than the values for their validity, which takes an eighth.
        let fixed = |width: u64| Self { per_row: width + 1, per_byte: 0 };
        match field.data_type() {
            DataType::Utf8 | DataType::Binary => Self { per_row: 5, per_byte: GROWTH },
            DataType::LargeUtf8 | DataType::LargeBinary => Self { per_row: 9, per_byte: GROWTH },
            DataType::Struct(fields) => {
                let inner = Self::of(fields);
                Self { per_row: 1 + inner.per_row, ..inner }
            }
            DataType::List(item) | DataType::LargeList(item) | DataType::Map(item, _) => {
                let item = Self::of_field(item);
                Self { per_row: 9, per_byte: GROWTH * (item.per_row / ITEM_BYTES + 1 + item.per_byte) }
            }
            DataType::Null => fixed(0),
            other => fixed(other.primitive_width().unwrap_or(16) as u64),
        }
    }

    /// The bytes of a piece.
    #[must_use]
    pub fn bytes(self, rows: u64, text: u64) -> u64 {
        (self.per_row.saturating_mul(rows)).saturating_add(self.per_byte.saturating_mul(text))
    }

    /// How much text of rows of this length a budget allows for, the text itself included.
    #[must_use]
    pub fn text_within(self, budget: u64, row_text: u64) -> u64 {
        let row = self.bytes(1, row_text.max(1)) + row_text.max(1);
        (u128::from(budget) * u128::from(row_text.max(1)) / u128::from(row)) as u64
    }

    /// How many rows of a piece that is too dear a budget allows for.
    #[must_use]
    pub fn rows_within(self, budget: u64, rows: u64, text: u64) -> u64 {
        let bytes = self.bytes(rows, text).max(1);
        ((u128::from(rows) * u128::from(budget) / u128::from(bytes)) as u64).max(1)
    }

    /// The longest record that a budget allows for.
    #[must_use]
    pub fn longest_record(self, budget: u64) -> u64 {
        budget / (1 + self.per_byte)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn cost(types: &[DataType]) -> RowCost {
        let fields: Vec<FieldRef> = types.iter().map(|each| Arc::new(Field::new("f", each.clone(), true))).collect();
        RowCost::of(&fields)
    }

    #[test]
    fn short_rows_of_many_columns_are_dear() {
        let wide = cost(&vec![DataType::Int64; 100]);
        assert_eq!(wide.bytes(1000, 3000), 900_000);
        assert_eq!(wide.text_within(90_300, 3), 300);
        assert_eq!(wide.rows_within(90_000, 1000, 3000), 100);
    }

    #[test]
    fn texts_and_lists_cost_by_their_length() {
        assert_eq!(cost(&[DataType::Utf8, DataType::Int64]).bytes(10, 1000), 10 * 14 + 2000);
        let list = DataType::new_list(DataType::Float64, true);
        assert_eq!(cost(&[list, DataType::Utf8]).bytes(1, 1000), 14 + 10_000);
        assert_eq!(cost(&[]).bytes(1000, 1000), 0);
    }
}
