//! Columns of lists and maps, read from JSON: offsets into columns of what is in them.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, GenericListArray, MapArray, OffsetSizeTrait, StructArray};
use arrow_buffer::{NullBuffer, NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::{FieldRef, Fields};

use crate::error::Result;
use crate::text::json::nested::{begin, internal};
use crate::text::json::reader::{Kind, Reader};
use crate::text::json::value::{Bad, Context, ValueBuilder};

/// The items of lists, or the entries of maps.
trait Items: Send {
    /// What has them, and what that is called.
    const KIND: (Kind, &'static str);

    /// Reads those of a value that has begun, and counts each before it is read.
    fn read(
        &mut self,
        reader: &mut Reader<'_>,
        context: &mut Context,
        count: &mut usize,
    ) -> std::result::Result<(), Bad>;
}

/// A column of values that have any number of items.
struct Spans<O, I> {
    items: I,
    count: usize,
    offsets: Vec<O>,
    nulls: NullBufferBuilder,
}

impl<O: OffsetSizeTrait, I: Items> Spans<O, I> {
    fn new(items: I, rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(O::zero());
        Self { items, count: 0, offsets, nulls: NullBufferBuilder::new(rows) }
    }

    fn append(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        let (kind, name) = I::KIND;
        let begun = begin(kind, &name, reader, context);
        let is_begun = matches!(begun, Ok(true));
        let result = if is_begun { self.items.read(reader, context, &mut self.count) } else { begun.map(|_| ()) };
        self.end(is_begun && result.is_ok());
        result
    }

    fn end(&mut self, is_valid: bool) {
        // A piece is far below 2 GiB, and an item has a byte at least.
        self.offsets.push(O::usize_as(self.count));
        self.nulls.append(is_valid);
    }

    fn finish(&mut self) -> (OffsetBuffer<O>, Option<NullBuffer>) {
        self.count = 0;
        let offsets = std::mem::replace(&mut self.offsets, vec![O::zero()]);
        (OffsetBuffer::new(ScalarBuffer::from(offsets)), self.nulls.finish())
    }
}

/// A column of lists.
pub struct Lists<O: OffsetSizeTrait> {
    item: FieldRef,
    spans: Spans<O, ListItems>,
}

struct ListItems(Box<dyn ValueBuilder>);

impl Items for ListItems {
    const KIND: (Kind, &'static str) = (Kind::List, "a list");

    fn read(
        &mut self,
        reader: &mut Reader<'_>,
        context: &mut Context,
        count: &mut usize,
    ) -> std::result::Result<(), Bad> {
        let mut is_first = true;
        while reader.item(&mut is_first)? {
            *count += 1;
            self.0.append(reader, context)?;
        }
        Ok(())
    }
}

impl<O: OffsetSizeTrait> Lists<O> {
    /// An empty column of lists of `item`.
    pub fn boxed(item: &FieldRef, inner: Box<dyn ValueBuilder>, rows: usize) -> Box<dyn ValueBuilder> {
        Box::new(Self { item: Arc::clone(item), spans: Spans::<O, _>::new(ListItems(inner), rows) })
    }
}

impl<O: OffsetSizeTrait> ValueBuilder for Lists<O> {
    fn append(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        self.spans.append(reader, context)
    }

    fn append_null(&mut self) {
        self.spans.end(false);
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        let (offsets, nulls) = self.spans.finish();
        let values = self.spans.items.0.finish()?;
        let array = GenericListArray::try_new(Arc::clone(&self.item), offsets, values, nulls);
        Ok(Arc::new(array.map_err(|e| internal(&e))?))
    }
}

/// A column of maps: objects whose keys are data.
pub struct Maps {
    entries: FieldRef,
    /// Of the entries: the key and the value.
    fields: Fields,
    is_sorted: bool,
    spans: Spans<i32, MapEntries>,
}

struct MapEntries {
    keys: StringBuilder,
    values: Box<dyn ValueBuilder>,
}

impl Items for MapEntries {
    const KIND: (Kind, &'static str) = (Kind::Object, "an object");

    fn read(
        &mut self,
        reader: &mut Reader<'_>,
        context: &mut Context,
        count: &mut usize,
    ) -> std::result::Result<(), Bad> {
        let mut is_first = true;
        while let Some(key) = reader.key(&mut is_first, &mut context.key)? {
            *count += 1;
            self.keys.append_value(key);
            self.values.append(reader, context)?;
        }
        Ok(())
    }
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
        let spans = Spans::new(MapEntries { keys: StringBuilder::new(), values }, rows);
        Box::new(Self { entries: Arc::clone(entries), fields: fields.clone(), is_sorted, spans })
    }
}

impl ValueBuilder for Maps {
    fn append(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        self.spans.append(reader, context)
    }

    fn append_null(&mut self) {
        self.spans.end(false);
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        let (offsets, nulls) = self.spans.finish();
        let MapEntries { keys, values } = &mut self.spans.items;
        let columns: Vec<ArrayRef> = vec![Arc::new(keys.finish()), values.finish()?];
        let entries = StructArray::try_new(self.fields.clone(), columns, None).map_err(|e| internal(&e))?;
        let array = MapArray::try_new(Arc::clone(&self.entries), offsets, entries, nulls, self.is_sorted);
        Ok(Arc::new(array.map_err(|e| internal(&e))?))
    }
}
