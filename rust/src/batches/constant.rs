//! A column that has one value in all rows of a file: the folder that the file lies in names it, or the file lacks it.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, Date32Array, DictionaryArray, Int32Array, Int64Array, StringViewArray, UInt32Array,
};
use arrow_array::{StringArray, new_null_array};
use arrow_schema::{DataType, Field, FieldRef};
use serde::Deserialize;

use crate::error::{Result, SpillwayError};
use crate::expression::exact::Exact;
use crate::expression::literal::{Literal, parse_date};

/// A column of one value.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Text")]
pub struct Constant {
    /// The field of the batch.
    pub field: FieldRef,
    /// The value, as expressions hold it.
    pub literal: Literal,
    /// The value in the form that columns are decoded in: an array of length 1.
    value: ArrayRef,
}

/// A constant, as the caller's JSON says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    name: String,
    r#type: Type,
    value: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Int64,
    Date,
    String,
    /// A string that is shown as a dictionary.
    Dictionary,
}

impl TryFrom<Text> for Constant {
    type Error = String;

    fn try_from(Text { name, r#type, value }: Text) -> std::result::Result<Self, String> {
        let wrong = |text: &str| format!("'{text}' is no value of the constant column '{name}'");
        let value = value.as_deref();
        let (data_type, literal, array): (DataType, Option<Literal>, ArrayRef) = match r#type {
            Type::Int64 => {
                let number = value.map(|text| text.parse::<i64>().map_err(|_| wrong(text))).transpose()?;
                let exact = value.and_then(Exact::parse).map(Literal::BigInt);
                (DataType::Int64, exact, Arc::new(Int64Array::from(vec![number])))
            }
            Type::Date => {
                let days = value.map(|text| parse_date(text).ok_or_else(|| wrong(text))).transpose()?;
                (DataType::Date32, days.map(Literal::PlainDate), Arc::new(Date32Array::from(vec![days])))
            }
            Type::String => {
                let literal = value.map(|text| Literal::String(text.to_owned()));
                (DataType::Utf8, literal, Arc::new(StringViewArray::from(vec![value])))
            }
            Type::Dictionary => {
                let literal = value.map(|text| Literal::String(text.to_owned()));
                let texts: Arc<StringArray> = Arc::new(StringArray::from(vec![value.unwrap_or_default()]));
                let keys = Int32Array::from(vec![value.map(|_| 0)]);
                let codes = DictionaryArray::<Int32Type>::try_new(keys, texts).map_err(|e| e.to_string())?;
                (codes.data_type().clone(), literal, Arc::new(codes))
            }
        };
        let field = Arc::new(Field::new(name, data_type, true));
        Ok(Self { field, literal: literal.unwrap_or(Literal::Null), value: array })
    }
}

impl Constant {
    /// A column of nulls, in place of one that a file lacks.
    #[must_use]
    pub fn null(field: &FieldRef) -> Self {
        let field = Arc::new(field.as_ref().clone().with_nullable(true));
        let value = new_null_array(&decoded_type(field.data_type()), 1);
        Self { field, literal: Literal::Null, value }
    }

    /// The field in the form that columns are decoded in.
    #[must_use]
    pub fn decoded_field(&self) -> FieldRef {
        Arc::new(self.field.as_ref().clone().with_data_type(self.value.data_type().clone()))
    }

    /// The value, as an array of length 1.
    #[must_use]
    pub fn value(&self) -> &ArrayRef {
        &self.value
    }

    /// The column for so many rows.
    ///
    /// # Errors
    /// Those of arrow's `take` kernel.
    pub fn rows(&self, rows: usize) -> Result<ArrayRef> {
        if self.value.null_count() == 1 {
            return Ok(new_null_array(self.value.data_type(), rows));
        }
        let first = UInt32Array::from(vec![0; rows]);
        arrow_select::take::take(&self.value, &first, None).map_err(|e| SpillwayError::from_arrow(&e))
    }
}

/// Strings and bytes at the top are decoded as views.
fn decoded_type(shown: &DataType) -> DataType {
    match shown {
        DataType::Utf8 => DataType::Utf8View,
        DataType::Binary => DataType::BinaryView,
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Date32Type, Int64Type};

    fn constant(json: &str) -> std::result::Result<Constant, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn a_constant_fills_its_rows() {
        let year = constant(r#"{"name": "year", "type": "int64", "value": "2026"}"#).expect("constant");
        assert_eq!(year.rows(3).expect("rows").as_primitive::<Int64Type>().values()[..], [2026; 3]);
        let day = constant(r#"{"name": "day", "type": "date", "value": "1969-12-31"}"#).expect("constant");
        assert_eq!(day.rows(2).expect("rows").as_primitive::<Date32Type>().values()[..], [-1; 2]);
        let city = constant(r#"{"name": "city", "type": "string", "value": "Zürich"}"#).expect("constant");
        let cities = city.rows(2).expect("rows");
        assert_eq!(cities.as_string_view().iter().collect::<Vec<_>>(), [Some("Zürich"); 2]);
        assert_eq!(city.literal, Literal::String("Zürich".into()));
        let path = constant(r#"{"name": "path", "type": "dictionary", "value": "a"}"#).expect("constant");
        assert_eq!(path.rows(4).expect("rows").as_dictionary::<Int32Type>().keys().values()[..], [0; 4]);
    }

    #[test]
    fn null_is_a_value_of_every_type() {
        for name in ["int64", "date", "string", "dictionary"] {
            let null = constant(&format!(r#"{{"name": "a", "type": "{name}", "value": null}}"#)).expect("constant");
            assert_eq!((null.rows(2).expect("rows").null_count(), null.literal), (2, Literal::Null), "{name}");
        }
        let list = Field::new("l", DataType::new_list(DataType::Int32, true), false);
        assert_eq!(Constant::null(&Arc::new(list)).rows(3).expect("rows").null_count(), 3);
    }

    #[test]
    fn values_of_another_type_are_refused() {
        for (name, value) in [("int64", "1.5"), ("int64", "9223372036854775808"), ("date", "2026-02-30")] {
            let json = format!(r#"{{"name": "a", "type": "{name}", "value": "{value}"}}"#);
            assert!(constant(&json).expect_err("refused").to_string().contains(value));
        }
    }
}
