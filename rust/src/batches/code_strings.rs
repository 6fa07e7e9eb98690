//! Strings from dictionary codes to offsets and bytes.
//!
//! Codes are gathered straight into the batch: a view of 16 bytes for each value, written by the decoder and read again,
//! would be most of the work.

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};
use bytes::Bytes;

use crate::batches::dictionary::strings_of;
use crate::batches::pool::BufferPool;
use crate::batches::strings::{StringsBuilder, copy_bytes};
use crate::error::{Result, SpillwayError};

/// Values of up to so many bytes are copied in this constant size, whatever their length.
const ENTRY: usize = 32;
/// Tables of more values would not stay in the processor's first-level cache.
const MOST_ENTRIES: usize = 512;

/// A chunk's dictionary, laid out for copying.
#[derive(Debug)]
pub struct CodeTable {
    /// Where it came from, if from an array.
    source: Option<ArrayRef>,
    /// The values, with anything in between.
    bytes: Buffer,
    places: Vec<Place>,
    is_text: bool,
    /// The values padded to a constant size, if they are few and short; an empty one stands behind them for nulls.
    entries: Vec<Entry>,
    /// What all of these values have bytes, if they have equally many.
    length: Option<usize>,
}

/// Where a value begins, and its length.
type Place = (u32, u32);

/// A padded value and its length.
type Entry = ([u8; ENTRY], u32);

impl CodeTable {
    /// The table of so many plain values of Parquet, each behind its length in four bytes; `None` where there are not as
    /// many, or they take 4 GiB.
    pub(crate) fn of_plain(page: &Bytes, count: usize) -> Option<Self> {
        let mut places = Vec::new();
        walk_plain(page, 0..count, |place, _| places.push(place))?;
        let mut values = places.iter().map(|(start, length)| &page[*start as usize..][..*length as usize]);
        let is_text = page.is_ascii() || values.all(|value| std::str::from_utf8(value).is_ok());
        Some(Self::new(page.clone().into(), places, None, is_text))
    }

    fn of_array(source: &ArrayRef) -> Result<Self> {
        let strings = strings_of(source)?;
        let offsets = strings.offsets().windows(2).enumerate();
        let place = |(index, ends): (usize, &[i32])| {
            let length = if strings.is_null(index) { 0 } else { ends[1] - ends[0] };
            (ends[0] as u32, length as u32)
        };
        let places = offsets.map(place).collect();
        Ok(Self::new(strings.values().clone(), places, Some(ArrayRef::clone(source)), true))
    }

    fn new(bytes: Buffer, places: Vec<Place>, source: Option<ArrayRef>, is_text: bool) -> Self {
        let is_small = places.len() <= MOST_ENTRIES && places.iter().all(|(_, length)| *length as usize <= ENTRY);
        let entry = |(start, length): &Place| {
            let mut padded = [0; ENTRY];
            padded[..*length as usize].copy_from_slice(&bytes[*start as usize..][..*length as usize]);
            (padded, *length)
        };
        let entries: Vec<Entry> =
            if is_small { places.iter().chain([&(0, 0)]).map(entry).collect() } else { Vec::new() };
        let lengths = entries.split_last().map_or(&[][..], |(_, entries)| entries).iter().map(|(_, length)| *length);
        let (least, most) = (lengths.clone().min(), lengths.max());
        let length = least.filter(|least| Some(*least) == most).map(|length| length as usize);
        Self { source, bytes, places, is_text, entries, length }
    }

    /// The table of these values: the last one, where it is of the same.
    fn of<'table>(last: &'table mut Option<Self>, source: &ArrayRef) -> Result<&'table Self> {
        let known = last.as_ref().and_then(|table| table.source.as_ref());
        if known.is_none_or(|known| !known.to_data().ptr_eq(&source.to_data())) {
            *last = Some(Self::of_array(source)?);
        }
        last.as_ref().ok_or_else(|| SpillwayError::internal("a dictionary is missing"))
    }

    /// Where a value is; nowhere for a code that there is none of, as a null's may be.
    fn place(&self, code: i32) -> Place {
        usize::try_from(code).ok().and_then(|code| self.places.get(code)).copied().unwrap_or_default()
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether all values are texts.
    pub(crate) fn is_text(&self) -> bool {
        self.is_text
    }
}

/// Tells where plain values of Parquet lie, one for each of some items, and where they end; `None` where there are not as
/// many, or they take 4 GiB.
fn walk_plain<Item>(
    page: &[u8],
    items: impl Iterator<Item = Item>,
    mut found: impl FnMut(Place, Item),
) -> Option<usize> {
    let mut start = 0_u32;
    for item in items {
        let length = u32::from_le_bytes(*page.get(start as usize..)?.first_chunk()?);
        let first = start.checked_add(4)?;
        found((first, length), item);
        start = first.checked_add(length)?;
    }
    (start as usize <= page.len()).then_some(start as usize)
}

impl StringsBuilder {
    /// Appends a dictionary array of the decoder; `table` keeps what it needs of a dictionary for the next call.
    ///
    /// # Errors
    /// `MEMORY_LIMIT` when the strings of one batch pass 2 GiB; `CORRUPT_FILE` for a dictionary that is no text.
    pub fn append_codes(&mut self, array: &ArrayRef, table: &mut Option<CodeTable>, pool: &BufferPool) -> Result<()> {
        let dictionary = array
            .as_dictionary_opt::<Int32Type>()
            .ok_or_else(|| SpillwayError::internal("codes are not of 32 bits"))?;
        let table = CodeTable::of(table, dictionary.values())?;
        let keys = dictionary.keys();
        self.append_table(table, keys.values(), keys.nulls().filter(|nulls| nulls.null_count() > 0), pool)
    }

    /// Appends what codes of a table stand for.
    ///
    /// # Errors
    /// `MEMORY_LIMIT` when the strings of one batch pass 2 GiB.
    pub(crate) fn append_table(
        &mut self,
        table: &CodeTable,
        codes: &[i32],
        nulls: Option<&NullBuffer>,
        pool: &BufferPool,
    ) -> Result<()> {
        let is_null = |row: usize| nulls.is_some_and(|nulls| nulls.is_null(row));
        if table.entries.is_empty() {
            let places = codes.iter().enumerate();
            let places = places.map(|(row, code)| if is_null(row) { (0, 0) } else { table.place(*code) });
            return self.append_places(codes.len(), &table.bytes, places, pool);
        }
        let null = table.entries.len() - 1;
        let entry = |row: usize, code: i32| {
            let place = if is_null(row) { null } else { (code as usize).min(null) };
            &table.entries[place]
        };
        if nulls.is_some() {
            let entries = codes.iter().enumerate().map(|(row, code)| entry(row, *code));
            return self.append_padded(codes.len(), entries, pool);
        }
        let entries = codes.iter().map(|code| &table.entries[(*code as usize).min(null)]);
        match table.length {
            Some(length) if length <= 1 => self.append_alike::<1>(codes.len(), entries, length, pool),
            Some(length) if length <= 8 => self.append_alike::<8>(codes.len(), entries, length, pool),
            Some(length) => self.append_alike::<ENTRY>(codes.len(), entries, length, pool),
            None => self.append_padded(codes.len(), entries, pool),
        }
    }

    /// Appends values of the same length, such as flags and codes of countries: where each goes doesn't depend on those
    /// before. So many bytes are copied of each.
    fn append_alike<'entry, const COPY: usize>(
        &mut self,
        rows: usize,
        entries: impl Iterator<Item = &'entry Entry>,
        length: usize,
        pool: &BufferPool,
    ) -> Result<()> {
        self.extend(rows, rows * length, pool, |offsets, out, start| {
            for (row, (bytes, _)) in entries.enumerate() {
                let at = start + row * length;
                out[at..at + COPY].copy_from_slice(&bytes[..COPY]);
            }
            for (row, offset) in offsets.iter_mut().enumerate() {
                *offset = (start + (row + 1) * length) as i32;
            }
        })
    }

    /// Appends those plain values of Parquet, each behind its length in four bytes, whose bit is set; tells how many bytes
    /// all of them took, `None` where there are not as many, or they take 4 GiB.
    ///
    /// # Errors
    /// `MEMORY_LIMIT` when the strings of one batch pass 2 GiB.
    pub(crate) fn append_plain_kept(
        &mut self,
        rows: &BooleanBuffer,
        page: &[u8],
        pool: &BufferPool,
    ) -> Result<Option<usize>> {
        let mut kept = Vec::with_capacity(rows.count_set_bits());
        let Some(end) = walk_plain(page, rows.iter(), |place, is_kept| {
            if is_kept {
                kept.push(place);
            }
        }) else {
            return Ok(None);
        };
        self.append_places(kept.len(), page, kept.iter().copied(), pool)?;
        Ok(Some(end))
    }

    /// Appends values of a constant size, each followed at once by the next.
    fn append_padded<'entry>(
        &mut self,
        rows: usize,
        entries: impl Iterator<Item = &'entry Entry> + Clone,
        pool: &BufferPool,
    ) -> Result<()> {
        let bytes = entries.clone().map(|(_, length)| *length as usize).sum();
        self.extend(rows, bytes, pool, |offsets, out, mut at| {
            for (offset, (bytes, length)) in offsets.iter_mut().zip(entries) {
                out[at..at + ENTRY].copy_from_slice(bytes);
                at += *length as usize;
                *offset = at as i32;
            }
        })
    }

    /// Appends values of any length that lie in `bytes`.
    fn append_places(
        &mut self,
        rows: usize,
        bytes: &[u8],
        places: impl Iterator<Item = Place> + Clone,
        pool: &BufferPool,
    ) -> Result<()> {
        let length = places.clone().map(|(_, length)| length as usize).sum();
        self.extend(rows, length, pool, |offsets, out, mut at| {
            for (offset, (start, length)) in offsets.iter_mut().zip(places) {
                copy_bytes(&bytes[start as usize..], length as usize, &mut out[at..]);
                at += length as usize;
                *offset = at as i32;
            }
        })
    }

    /// Appends values of any length.
    ///
    /// # Errors
    /// `MEMORY_LIMIT` when the strings of one batch pass 2 GiB.
    pub(crate) fn append_values<'value>(
        &mut self,
        rows: usize,
        values: impl Iterator<Item = &'value [u8]> + Clone,
        pool: &BufferPool,
    ) -> Result<()> {
        let bytes = values.clone().map(<[u8]>::len).sum();
        self.extend(rows, bytes, pool, |offsets, out, mut at| {
            for (offset, value) in offsets.iter_mut().zip(values) {
                out[at..at + value.len()].copy_from_slice(value);
                at += value.len();
                *offset = at as i32;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::DictionaryArray;

    use super::*;

    fn array(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(values.iter().copied().collect::<DictionaryArray<Int32Type>>())
    }

    fn gathered(arrays: &[ArrayRef]) -> (Vec<i32>, Vec<u8>) {
        let pool = BufferPool::new(0);
        let mut builder = StringsBuilder::new(4, &pool);
        let mut table = None;
        for array in arrays {
            builder.append_codes(array, &mut table, &pool).expect("append");
        }
        let [offsets, bytes] = builder.finish();
        let offsets = offsets.as_slice().chunks(4).map(|o| i32::from_le_bytes(o.try_into().expect("four"))).collect();
        (offsets, bytes.as_slice().to_vec())
    }

    #[test]
    fn short_values_are_gathered_and_nulls_are_empty() {
        let (offsets, bytes) = gathered(&[
            array(&[Some("a"), Some(""), None, Some("bcd"), Some("a")]),
            array(&[Some("x".repeat(32).as_str()), Some("y")]),
        ]);
        assert_eq!(offsets, [0, 1, 1, 1, 4, 5, 37, 38]);
        assert_eq!(bytes, format!("abcda{}y", "x".repeat(32)).as_bytes());
    }

    #[test]
    fn values_of_the_same_length_are_gathered() {
        for length in [0, 1, 2, 7, 8, 9, 31, 32] {
            let value = |first: char| first.to_string().repeat(length);
            let (a, b, c) = (value('a'), value('b'), value('c'));
            let texts = [Some(&*a), Some(&*b), Some(&*a), Some(&*c)];
            let (offsets, bytes) = gathered(&[array(&texts), array(&[Some("longer"), Some("x")]), array(&texts[..1])]);
            let end = 4 * length as i32;
            let each = |row: i32| row * length as i32;
            let last = end + 7 + length as i32;
            assert_eq!(offsets, [0, each(1), each(2), each(3), end, end + 6, end + 7, last]);
            assert_eq!(bytes, format!("{a}{b}{a}{c}longerx{a}").as_bytes());
        }
    }

    #[test]
    fn long_values_and_many_are_gathered() {
        let long = "z".repeat(100);
        let (offsets, bytes) = gathered(&[array(&[Some(&long), None, Some("b"), Some(&long)])]);
        assert_eq!(offsets, [0, 100, 100, 101, 201]);
        assert_eq!(bytes, format!("{long}b{long}").as_bytes());
        let many: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
        let (_, bytes) = gathered(&[array(&many.iter().map(|text| Some(text.as_str())).collect::<Vec<_>>())]);
        assert_eq!(bytes, many.concat().as_bytes());
    }
}
