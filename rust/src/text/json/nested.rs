//! Columns of objects, read from JSON.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::Arc;

use arrow_array::{ArrayRef, StructArray};
use arrow_buffer::NullBufferBuilder;
use arrow_schema::{ArrowError, Fields};

use crate::error::{Result, SpillwayError};
use crate::text::json::reader::{Key, Kind, NO_KEY, Reader};
use crate::text::json::value::{Bad, Context, ValueBuilder, read_value};

/// The fields of an object, each read to a column of its own or passed over.
pub struct ObjectFields {
    names: Vec<String>,
    /// The names as JSON, with a colon.
    quoted: Vec<String>,
    places: HashMap<String, usize>,
    /// `None` for a field that is known and not wanted.
    columns: Vec<Option<Box<dyn ValueBuilder>>>,
    /// Whether the object that is being read had them.
    seen: Vec<bool>,
}

impl ObjectFields {
    /// The known fields in order, with the builders of those that are wanted.
    #[must_use]
    pub fn new(fields: Vec<(String, Option<Box<dyn ValueBuilder>>)>) -> Self {
        let (names, columns): (Vec<String>, Vec<_>) = fields.into_iter().unzip();
        let places = names.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect();
        let quoted = names.iter().map(|name| format!("{}:", serde_json::Value::from(name.as_str()))).collect();
        let seen = vec![false; names.len()];
        Self { names, quoted, places, columns, seen }
    }

    /// Reads an object that has begun with [`Reader::begin`]: one value is appended to each column, a null where the object
    /// lacks the field, or all that follows a bad one.
    ///
    /// # Errors
    /// What is no JSON, a bad value, a field that is there twice or unknown.
    pub fn append(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        let result = self.read(reader, context);
        for (column, seen) in self.columns.iter_mut().zip(&mut self.seen) {
            if !std::mem::take(seen)
                && let Some(column) = column
            {
                column.append_null();
            }
        }
        result
    }

    fn read(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        let mut is_first = true;
        let mut expected = 0;
        loop {
            let quoted = self.quoted.get(expected).map_or(NO_KEY, String::as_str);
            let place = match reader.key_or(&mut is_first, quoted, &mut context.key)? {
                None => return Ok(()),
                Some(Key::Expected) => expected,
                Some(Key::Other(key)) => match self.places.get(key) {
                    Some(place) => *place,
                    None if context.rules.reject_unknown => return Err(Bad::Unknown(key.to_owned())),
                    None => {
                        reader.skip(&mut context.scratch)?;
                        continue;
                    }
                },
            };
            if std::mem::replace(&mut self.seen[place], true) {
                return Err(Bad::Twice(self.names[place].clone()));
            }
            match &mut self.columns[place] {
                Some(column) => column.append(reader, context).map_err(|bad| bad.within(&self.names[place]))?,
                None => reader.skip(&mut context.scratch)?,
            }
            expected = place + 1;
        }
    }

    /// Appends a null to each column.
    pub fn append_null(&mut self) {
        self.columns.iter_mut().flatten().for_each(|column| column.append_null());
    }

    /// The columns of the fields that are wanted, in order.
    ///
    /// # Errors
    /// As [`ValueBuilder::finish`].
    pub fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        self.columns.iter_mut().flatten().map(|column| column.finish()).collect()
    }
}

/// A column of objects.
pub struct Structs {
    fields: Fields,
    inner: ObjectFields,
    nulls: NullBufferBuilder,
}

impl Structs {
    /// An empty column with the wanted fields.
    pub fn boxed(fields: &Fields, inner: ObjectFields, rows: usize) -> Box<dyn ValueBuilder> {
        Box::new(Self { fields: fields.clone(), inner, nulls: NullBufferBuilder::new(rows) })
    }
}

impl ValueBuilder for Structs {
    fn append(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        match begin(Kind::Object, &"an object", reader, context) {
            Ok(true) => {
                let result = self.inner.append(reader, context);
                self.nulls.append(result.is_ok());
                result
            }
            null => {
                self.append_null();
                null.map(|_| ())
            }
        }
    }

    fn append_null(&mut self) {
        self.inner.append_null();
        self.nulls.append_null();
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        let rows = self.nulls.len();
        let nulls = self.nulls.finish();
        let columns = self.inner.finish()?;
        let array = StructArray::try_new_with_length(self.fields.clone(), columns, nulls, rows);
        Ok(Arc::new(array.map_err(|e| internal(&e))?))
    }
}

/// Begins a value that has others in it; `false` for null.
///
/// # Errors
/// What is no JSON, or a value of another kind.
pub fn begin(
    wanted: Kind,
    name: &dyn Display,
    reader: &mut Reader<'_>,
    context: &mut Context,
) -> std::result::Result<bool, Bad> {
    let begun = read_value(
        reader,
        context,
        name,
        |reader, kind, _| {
            if kind == wanted { reader.begin().map(Some) } else { Ok(None) }
        },
    );
    begun.map(|begun| begun.is_some())
}

/// What arrow says of columns that don't fit together.
pub fn internal(error: &ArrowError) -> SpillwayError {
    SpillwayError::internal("values that were read do not fit together").with_cause(error)
}
