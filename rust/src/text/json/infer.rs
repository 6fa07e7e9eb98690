//! The types of columns, from the values that a sample of records has.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::text::json::columns::json_field;
use crate::text::json::reader::{Kind, Reader, Syntax};
use crate::text::json::scalar::is_exact_in_double;

/// Most fields of a schema, nested ones included. Objects with so many have data for keys.
const MOST_FIELDS: usize = 10_000;
/// A number below 10^38 fits a `Decimal128(38, 0)`.
const DECIMAL_DIGITS: usize = 38;

/// What was seen of objects: their fields, in the order of their first appearance.
#[derive(Debug, Default)]
pub struct ObjectKinds {
    names: Vec<String>,
    kinds: Vec<Kinds>,
    places: HashMap<String, usize>,
}

/// What was seen of the values of a field.
#[derive(Debug, Default)]
struct Kinds {
    boolean: bool,
    string: bool,
    number: Option<Numbers>,
    object: Option<Box<ObjectKinds>>,
    list: Option<Box<Kinds>>,
}

/// What was seen of numbers.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each was seen, or not")]
struct Numbers {
    whole: bool,
    float: bool,
    /// A whole number is below the least of 64 bits with a sign, or past the greatest.
    beyond_int64: bool,
    /// A whole number is negative, or past 64 bits.
    beyond_uint64: bool,
    /// A whole number has more digits than decimals do, or a float is past all doubles.
    too_large: bool,
    /// A whole number is not the same as a double.
    inexact: bool,
}

impl ObjectKinds {
    /// Notes the values of a record, whose object has begun with [`Reader::begin`].
    ///
    /// # Errors
    /// What is no JSON.
    pub fn add(&mut self, reader: &mut Reader<'_>) -> std::result::Result<(), Syntax> {
        let (mut key, mut is_first) = (String::new(), true);
        while let Some(name) = reader.key(&mut is_first, &mut key)? {
            let place = if let Some(place) = self.places.get(name) {
                *place
            } else {
                self.places.insert(name.to_owned(), self.names.len());
                self.names.push(name.to_owned());
                self.kinds.push(Kinds::default());
                self.names.len() - 1
            };
            self.kinds[place].add(reader)?;
        }
        Ok(())
    }

    /// The schema of records with such values.
    ///
    /// # Errors
    /// `UNSUPPORTED_FEATURE` for more fields than a schema should have.
    pub fn schema(&self) -> Result<Schema> {
        let fields = self.count();
        if fields > MOST_FIELDS {
            let message = format!(
                "Cannot infer a schema of {fields} fields: objects seem to have data for keys; give a `schema`, with a map for such objects"
            );
            return Err(SpillwayError::new(ErrorCode::UnsupportedFeature, message));
        }
        Ok(Schema::new(self.fields()))
    }

    fn fields(&self) -> Vec<Field> {
        self.names.iter().zip(&self.kinds).map(|(name, kinds)| kinds.field(name)).collect()
    }

    /// How many fields there are at all levels.
    #[must_use]
    pub fn count(&self) -> usize {
        self.kinds.iter().map(|kinds| 1 + kinds.count()).sum()
    }
}

impl Kinds {
    fn add(&mut self, reader: &mut Reader<'_>) -> std::result::Result<(), Syntax> {
        let kind = reader.peek()?;
        match kind {
            Kind::Null => reader.literal(kind)?,
            Kind::True | Kind::False => {
                self.boolean = true;
                reader.literal(kind)?;
            }
            Kind::String => {
                self.string = true;
                reader.string(&mut String::new())?;
            }
            Kind::Number => self.number.get_or_insert_default().add(reader.number()?),
            Kind::Object => {
                reader.begin()?;
                self.object.get_or_insert_default().add(reader)?;
            }
            Kind::List => {
                reader.begin()?;
                let items = self.list.get_or_insert_default();
                let mut is_first = true;
                while reader.item(&mut is_first)? {
                    items.add(reader)?;
                }
            }
        }
        Ok(())
    }

    /// The column that holds all of them; as JSON where no other does, or where there were nulls only.
    fn field(&self, name: &str) -> Field {
        let Self { boolean, string, number, object, list } = self;
        let data_type = match (boolean, string, number, object, list) {
            (true, false, None, None, None) => Some(DataType::Boolean),
            (false, true, None, None, None) => Some(DataType::Utf8),
            (false, false, Some(numbers), None, None) => numbers.data_type(),
            (false, false, None, Some(fields), None) if !fields.names.is_empty() => {
                Some(DataType::Struct(fields.fields().into()))
            }
            (false, false, None, None, Some(items)) => Some(DataType::List(Arc::new(items.field("item")))),
            _ => None,
        };
        data_type.map_or_else(|| json_field(name), |data_type| Field::new(name, data_type, true))
    }

    fn count(&self) -> usize {
        self.object.as_ref().map_or(0, |object| object.count()) + self.list.as_ref().map_or(0, |items| items.count())
    }
}

impl Numbers {
    fn add(&mut self, text: &str) {
        if text.contains(['.', 'e', 'E']) {
            self.float = true;
            self.too_large |= text.parse::<f64>().is_ok_and(f64::is_infinite);
            return;
        }
        self.whole = true;
        if text.parse::<i64>().is_err() {
            self.beyond_int64 = true;
            self.too_large |= text.trim_start_matches('-').len() > DECIMAL_DIGITS;
        }
        self.beyond_uint64 |= text.parse::<u64>().is_err();
        self.inexact |= !is_exact_in_double(text);
    }

    /// The type that holds all of them as they are.
    fn data_type(&self) -> Option<DataType> {
        match self {
            Self { too_large: true, .. } | Self { whole: true, float: true, inexact: true, .. } => None,
            Self { float: true, .. } => Some(DataType::Float64),
            Self { beyond_int64: false, .. } => Some(DataType::Int64),
            Self { beyond_uint64: false, .. } => Some(DataType::UInt64),
            _ => Some(DataType::Decimal128(DECIMAL_DIGITS as u8, 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(records: &[&str]) -> String {
        let mut kinds = ObjectKinds::default();
        for record in records {
            let mut reader = Reader::new(record);
            reader.peek().expect("a value");
            reader.begin().expect("an object");
            kinds.add(&mut reader).expect("JSON");
        }
        let text = |field: &Field| {
            let json = if field.metadata().is_empty() { "" } else { " (JSON)" };
            format!("{}: {}{json}", field.name(), field.data_type())
        };
        kinds.schema().expect("schema").fields().iter().map(|field| text(field)).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn fields_are_those_of_all_records_in_the_order_of_their_first_appearance() {
        assert_eq!(fields(&[r#"{"b":1}"#, r#"{"a":true,"b":2}"#, r#"{"c":"x"}"#]), "b: Int64, a: Boolean, c: Utf8");
        assert_eq!(fields(&["{}"]), "");
    }

    #[test]
    fn numbers_get_the_type_that_holds_all_of_them() {
        let cases = [
            (&["1", "-2"][..], "Int64"),
            (&["9223372036854775807", "-9223372036854775808"], "Int64"),
            (&["9223372036854775808"], "UInt64"),
            (&["18446744073709551615", "0"], "UInt64"),
            (&["18446744073709551615", "-1"], "Decimal128(38, 0)"),
            (&["18446744073709551616"], "Decimal128(38, 0)"),
            (&["-9223372036854775809"], "Decimal128(38, 0)"),
            (&["99999999999999999999999999999999999999"], "Decimal128(38, 0)"),
            (&["100000000000000000000000000000000000000"], "Utf8 (JSON)"),
            (&["1.5"], "Float64"),
            (&["1", "1e3"], "Float64"),
            (&["9007199254740992", "0.5"], "Float64"),
            (&["0.5", "9007199254740993"], "Utf8 (JSON)"),
            (&["1e400"], "Utf8 (JSON)"),
        ];
        for (numbers, expected) in cases {
            let records: Vec<String> = numbers.iter().map(|number| format!("{{\"n\":{number}}}")).collect();
            let records: Vec<&str> = records.iter().map(String::as_str).collect();
            assert_eq!(fields(&records), format!("n: {expected}"), "{numbers:?}");
        }
    }

    #[test]
    fn values_that_share_no_type_and_unknown_ones_are_json() {
        for records in [
            &[r#"{"a":1}"#, r#"{"a":"x"}"#][..],
            &[r#"{"a":true}"#, r#"{"a":0}"#],
            &[r#"{"a":[1]}"#, r#"{"a":1}"#],
            &[r#"{"a":{"b":1}}"#, r#"{"a":[]}"#],
            &[r#"{"a":null}"#],
            &[r#"{"a":{}}"#],
        ] {
            assert_eq!(fields(records), "a: Utf8 (JSON)", "{records:?}");
        }
        assert_eq!(fields(&[r#"{"a":null}"#, r#"{"a":1}"#]), "a: Int64");
    }

    #[test]
    fn objects_and_lists_nest() {
        let mut kinds = ObjectKinds::default();
        for record in [r#"{"a":{"b":[{"c":1},{"d":null}]}}"#, r#"{"a":{"e":[[1.5]]}}"#] {
            let mut reader = Reader::new(record);
            reader.begin().expect("an object");
            kinds.add(&mut reader).expect("JSON");
        }
        let schema = kinds.schema().expect("schema");
        let item = Field::new_struct("item", vec![Field::new("c", DataType::Int64, true), json_field("d")], true);
        let floats = DataType::List(Arc::new(Field::new("item", DataType::Float64, true)));
        let expected = Field::new_struct(
            "a",
            vec![
                Field::new("b", DataType::List(Arc::new(item)), true),
                Field::new("e", DataType::List(Arc::new(Field::new("item", floats, true))), true),
            ],
            true,
        );
        assert_eq!(schema.fields()[0].as_ref(), &expected);
    }

    #[test]
    fn objects_whose_keys_are_data_have_no_schema() {
        let mut kinds = ObjectKinds::default();
        for key in 0..=MOST_FIELDS {
            let record = format!("{{\"{key}\":1}}");
            let mut reader = Reader::new(&record);
            reader.begin().expect("an object");
            kinds.add(&mut reader).expect("JSON");
        }
        assert_eq!(kinds.schema().expect_err("too many").code(), ErrorCode::UnsupportedFeature);
    }
}
