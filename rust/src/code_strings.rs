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
    entries: Vec<([u8; ENTRY], u32)>,
}

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
        let entries = if is_small { values.iter().chain([None]).map(entry).collect() } else { Vec::new() };
        Ok(Self { source: ArrayRef::clone(source), values, entries })
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
            self.append_padded(keys.len(), entries, pool)
        }
    }

    /// Appends values of a constant size, each followed at once by the next.
    fn append_padded<'entry>(
        &mut self,
        rows: usize,
        entries: impl Iterator<Item = &'entry ([u8; ENTRY], u32)> + Clone,
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
