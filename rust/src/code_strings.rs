//! Strings from dictionary codes to offsets and bytes.
//!
//! Where all pages of a column are dictionary-encoded, its codes are gathered straight into the batch: a view of 16 bytes
//! for each value, written by the decoder and read again, would be most of the work.

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, StringArray};

use crate::dictionary::strings_of;
use crate::error::{Result, SpillwayError};
use crate::pool::BufferPool;
use crate::strings::StringsBuilder;

/// Values of up to so many bytes are copied in this constant size, whatever their length.
const ENTRY: usize = 32;
/// Tables of more values would not stay in the processor's first-level cache.
const MOST_ENTRIES: usize = 512;

/// A chunk's dictionary, laid out for copying.
#[derive(Debug)]
pub struct CodeTable {
    source: ArrayRef,
    values: StringArray,
    /// The values padded to a constant size, if they are few and short; an empty one stands behind them for nulls.
    entries: Vec<Entry>,
    /// What all of these values have bytes, if they have equally many.
    length: Option<usize>,
}

/// A padded value and its length.
type Entry = ([u8; ENTRY], u32);

impl CodeTable {
    fn new(source: &ArrayRef) -> Result<Self> {
        let values = strings_of(source)?;
        let is_small = values.len() <= MOST_ENTRIES && values.iter().flatten().all(|value| value.len() <= ENTRY);
        let entry = |value: Option<&str>| {
            let value = value.unwrap_or_default().as_bytes();
            let mut padded = [0; ENTRY];
            padded[..value.len()].copy_from_slice(value);
            (padded, value.len() as u32)
        };
        let entries: Vec<Entry> = if is_small { values.iter().chain([None]).map(entry).collect() } else { Vec::new() };
        let lengths = entries.split_last().map_or(&[][..], |(_, entries)| entries).iter().map(|(_, length)| *length);
        let (least, most) = (lengths.clone().min(), lengths.max());
        let length = least.filter(|least| Some(*least) == most).map(|length| length as usize);
        Ok(Self { source: ArrayRef::clone(source), values, entries, length })
    }

    /// The table of these values: the last one, where it is of the same.
    fn of<'table>(last: &'table mut Option<Self>, source: &ArrayRef) -> Result<&'table Self> {
        let same = last.as_ref().is_some_and(|table| table.source.to_data().ptr_eq(&source.to_data()));
        if !same {
            *last = Some(Self::new(source)?);
        }
        last.as_ref().ok_or_else(|| SpillwayError::internal("a dictionary is missing"))
    }

    /// A value's bytes; nothing for a code that there is none of, as a null's may be.
    fn value(&self, code: i32) -> &[u8] {
        let known = usize::try_from(code).ok().filter(|code| *code < self.values.len());
        known.map_or(&[], |code| self.values.value(code).as_bytes())
    }
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
        let is_null = |row: usize| keys.nulls().is_some_and(|nulls| nulls.is_null(row));
        if table.entries.is_empty() {
            let values = keys.values().iter().enumerate();
            return self.append_values(
                keys.len(),
                values.map(|(row, code)| if is_null(row) { &[][..] } else { table.value(*code) }),
                pool,
            );
        }
        let null = table.entries.len() - 1;
        let entry = |row: usize, code: i32| {
            let place = if is_null(row) { null } else { (code as usize).min(null) };
            &table.entries[place]
        };
        if keys.null_count() > 0 {
            let entries = keys.values().iter().enumerate().map(|(row, code)| entry(row, *code));
            self.append_padded(keys.len(), entries, pool)
        } else {
            let entries = keys.values().iter().map(|code| &table.entries[(*code as usize).min(null)]);
            match table.length {
                Some(length) if length <= 1 => self.append_alike::<1>(keys.len(), entries, length, pool),
                Some(length) if length <= 8 => self.append_alike::<8>(keys.len(), entries, length, pool),
                Some(length) => self.append_alike::<ENTRY>(keys.len(), entries, length, pool),
                None => self.append_padded(keys.len(), entries, pool),
            }
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

    /// Appends values of any length.
    fn append_values<'value>(
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
