//! Columns of objects, lists and maps, read from JSON.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, GenericListArray, MapArray, OffsetSizeTrait, StructArray};
use arrow_buffer::{NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, FieldRef, Fields};

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
        let begun = read_value(reader, context, &"an object", |reader, kind, _| match kind {
            Kind::Object => reader.begin().map(Some),
            _ => Ok(None),
        });
        let result = match begun {
            Ok(Some(())) => {
                let result = self.inner.append(reader, context);
                self.nulls.append(result.is_ok());
                return result;
            }
            Ok(None) => Ok(()),
            Err(bad) => Err(bad),
        };
        self.append_null();
        result
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

/// A column of lists.
pub struct Lists<O: OffsetSizeTrait> {
    item: FieldRef,
    inner: Box<dyn ValueBuilder>,
    items: usize,
    offsets: Vec<O>,
    nulls: NullBufferBuilder,
}

impl<O: OffsetSizeTrait> Lists<O> {
    /// An empty column of lists of `item`.
    pub fn boxed(item: &FieldRef, inner: Box<dyn ValueBuilder>, rows: usize) -> Box<dyn ValueBuilder> {
        let (item, nulls) = (Arc::clone(item), NullBufferBuilder::new(rows));
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(O::zero());
        Box::new(Self { item, inner, items: 0, offsets, nulls })
    }

    fn read_items(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        let mut is_first = true;
        while reader.item(&mut is_first)? {
            self.items += 1;
            self.inner.append(reader, context)?;
        }
        Ok(())
    }

    fn end(&mut self, is_valid: bool) {
        // A piece is far below 2 GiB, and an item has a byte at least.
        self.offsets.push(O::usize_as(self.items));
        self.nulls.append(is_valid);
    }
}

impl<O: OffsetSizeTrait> ValueBuilder for Lists<O> {
    fn append(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        let begun = read_value(reader, context, &"a list", |reader, kind, _| match kind {
            Kind::List => reader.begin().map(Some),
            _ => Ok(None),
        });
        let (is_valid, result) = match begun {
            Ok(Some(())) => {
                let result = self.read_items(reader, context);
                (result.is_ok(), result)
            }
            Ok(None) => (false, Ok(())),
            Err(bad) => (false, Err(bad)),
        };
        self.end(is_valid);
        result
    }

    fn append_null(&mut self) {
        self.end(false);
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        self.items = 0;
        let offsets = std::mem::replace(&mut self.offsets, vec![O::zero()]);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let values = self.inner.finish()?;
        let array = GenericListArray::try_new(Arc::clone(&self.item), offsets, values, self.nulls.finish());
        Ok(Arc::new(array.map_err(|e| internal(&e))?))
    }
}

/// A column of maps: objects whose keys are data.
pub struct Maps {
    entries: FieldRef,
    /// Of the entries: the key and the value.
    fields: Fields,
    is_sorted: bool,
    keys: StringBuilder,
    values: Box<dyn ValueBuilder>,
    items: usize,
    offsets: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl Maps {
    /// An empty column of maps from strings.
    pub fn boxed(
        entries: &FieldRef,
        fields: &Fields,
        is_sorted: bool,
        values: Box<dyn ValueBuilder>,
        rows: usize,
    ) -> Box<dyn ValueBuilder> {
        let nulls = NullBufferBuilder::new(rows);
        let (entries, keys) = (Arc::clone(entries), StringBuilder::new());
        let fields = fields.clone();
        Box::new(Self { entries, fields, is_sorted, keys, values, items: 0, offsets: vec![0], nulls })
    }

    fn read_entries(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        let mut is_first = true;
        while let Some(key) = reader.key(&mut is_first, &mut context.key)? {
            self.items += 1;
            self.keys.append_value(key);
            self.values.append(reader, context)?;
        }
        Ok(())
    }

    fn end(&mut self, is_valid: bool) {
        self.offsets.push(self.items as i32);
        self.nulls.append(is_valid);
    }
}

impl ValueBuilder for Maps {
    fn append(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        let begun = read_value(reader, context, &"an object", |reader, kind, _| match kind {
            Kind::Object => reader.begin().map(Some),
            _ => Ok(None),
        });
        let (is_valid, result) = match begun {
            Ok(Some(())) => {
                let result = self.read_entries(reader, context);
                (result.is_ok(), result)
            }
            Ok(None) => (false, Ok(())),
            Err(bad) => (false, Err(bad)),
        };
        self.end(is_valid);
        result
    }

    fn append_null(&mut self) {
        self.end(false);
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        self.items = 0;
        let offsets = OffsetBuffer::new(ScalarBuffer::from(std::mem::replace(&mut self.offsets, vec![0])));
        let columns: Vec<ArrayRef> = vec![Arc::new(self.keys.finish()), self.values.finish()?];
        let entries = StructArray::try_new(self.fields.clone(), columns, None).map_err(|e| internal(&e))?;
        let nulls = self.nulls.finish();
        let array = MapArray::try_new(Arc::clone(&self.entries), offsets, entries, nulls, self.is_sorted);
        Ok(Arc::new(array.map_err(|e| internal(&e))?))
    }
}

fn internal(error: &ArrowError) -> SpillwayError {
    SpillwayError::internal("values that were read do not fit together").with_cause(error)
}
