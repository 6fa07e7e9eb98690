//! Dictionary columns: one growing dictionary a column and stream, whatever the column chunks' own dictionaries.
//!
//! Parquet has a dictionary a column chunk; a consumer wants one for the whole stream. Each chunk dictionary is mapped
//! once onto the stream's, and after that a row costs one look-up in a table of codes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_buffer::MutableBuffer;

use crate::batches::code_strings::CodeTable;
use crate::batches::column::ColumnBuffer;
use crate::batches::pool::{BufferPool, Scratch};
use crate::error::{ErrorCode, Result, SpillwayError};

/// The distinct strings of a column so far; a string's code is its place.
#[derive(Debug)]
pub struct Interner {
    column: String,
    max_bytes: usize,
    values: Mutex<Strings>,
}

#[derive(Debug, Default)]
struct Strings {
    codes: HashMap<Arc<str>, i32>,
    ordered: Vec<Arc<str>>,
    bytes: usize,
    published: usize,
}

/// Dictionary values that the consumer has not seen.
#[derive(Debug)]
pub struct DictionaryUpdate {
    /// Number of values.
    pub length: usize,
    /// length + 1 offsets.
    pub offsets: ColumnBuffer,
    /// The values' bytes.
    pub data: ColumnBuffer,
}

impl Interner {
    /// An empty dictionary for `column` that may hold `max_bytes` of strings.
    #[must_use]
    pub fn new(column: String, max_bytes: usize) -> Self {
        Self { column, max_bytes, values: Mutex::default() }
    }

    /// The values added since the last call, if there are any.
    #[must_use]
    pub fn take_update(&self) -> Option<DictionaryUpdate> {
        let mut strings = crate::lock(&self.values);
        let new = &strings.ordered[strings.published..];
        if new.is_empty() {
            return None;
        }
        let mut offsets = MutableBuffer::with_capacity((new.len() + 1) * 4);
        let mut data = MutableBuffer::new(0);
        offsets.push(0_i32);
        for value in new {
            data.extend_from_slice(value.as_bytes());
            offsets.push(data.len() as i32);
        }
        let length = new.len();
        strings.published = strings.ordered.len();
        Some(DictionaryUpdate {
            length,
            offsets: ColumnBuffer::Pooled(offsets.into()),
            data: ColumnBuffer::Pooled(data.into()),
        })
    }

    fn code_of(&self, value: &str, strings: &mut Strings) -> Result<i32> {
        if let Some(code) = strings.codes.get(value) {
            return Ok(*code);
        }
        strings.bytes += value.len();
        let code = i32::try_from(strings.ordered.len()).ok().filter(|_| strings.bytes <= self.max_bytes);
        let Some(code) = code else {
            let message = format!(
                "Cannot keep the dictionary of column '{}' in memory: its distinct values pass {} bytes; \
                 leave the column out of `dictionary`, or raise `memoryLimit`",
                self.column, self.max_bytes
            );
            return Err(SpillwayError::new(ErrorCode::MemoryLimit, message).at_column(&self.column));
        };
        let shared: Arc<str> = value.into();
        strings.ordered.push(Arc::clone(&shared));
        strings.codes.insert(shared, code);
        Ok(code)
    }
}

/// A lane's mapping of the current chunk dictionary onto the stream's.
#[derive(Debug, Default)]
pub struct DictionaryCodes {
    source: Option<ArrayRef>,
    codes: Vec<i32>,
    /// The dictionary laid out for a column that is shown as plain strings.
    pub table: Option<CodeTable>,
}

impl DictionaryCodes {
    /// Appends the stream's codes of `array`, a dictionary array of the decoder; nulls get code 0.
    ///
    /// # Errors
    /// `MEMORY_LIMIT` when the stream's dictionary outgrows its limit.
    pub fn append(
        &mut self,
        array: &ArrayRef,
        interner: &Interner,
        out: &mut Scratch,
        pool: &BufferPool,
    ) -> Result<()> {
        let Some(dictionary) = array.as_dictionary_opt::<Int32Type>() else {
            let message = format!("Cannot read codes from an array of type {}", array.data_type());
            return Err(SpillwayError::new(ErrorCode::Internal, message));
        };
        let same = self.source.as_ref().is_some_and(|source| source.to_data().ptr_eq(&dictionary.values().to_data()));
        if !same {
            self.map(dictionary.values(), interner)?;
        }
        let target: &mut [i32] = out.grow(array.len(), pool);
        for (key, code) in dictionary.keys().values().iter().zip(target) {
            // A null's key can be anything, so it is looked up without a failure.
            *code = usize::try_from(*key).ok().and_then(|key| self.codes.get(key)).copied().unwrap_or(0);
        }
        Ok(())
    }

    fn map(&mut self, values: &ArrayRef, interner: &Interner) -> Result<()> {
        let strings = strings_of(values)?;
        let mut known = crate::lock(&interner.values);
        self.codes.clear();
        for value in &strings {
            self.codes.push(interner.code_of(value.unwrap_or_default(), &mut known)?);
        }
        self.source = Some(Arc::clone(values));
        Ok(())
    }
}

/// A chunk's dictionary as strings. Those of JSON columns come from parquet as bytes, which it has not validated.
pub(crate) fn strings_of(values: &ArrayRef) -> Result<StringArray> {
    if let Some(strings) = values.as_string_opt::<i32>() {
        return Ok(strings.clone());
    }
    let Some(bytes) = values.as_binary_opt::<i32>() else {
        let message = format!("Cannot read a dictionary of type {}", values.data_type());
        return Err(SpillwayError::new(ErrorCode::Internal, message));
    };
    StringArray::try_new(bytes.offsets().clone(), bytes.values().clone(), bytes.nulls().cloned())
        .map_err(|error| SpillwayError::from_arrow(&error))
}

#[cfg(test)]
mod tests {
    use arrow_array::{BinaryArray, DictionaryArray, Int32Array};

    use super::*;

    fn array(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(values.iter().copied().collect::<DictionaryArray<Int32Type>>())
    }

    fn codes_in(out: &Scratch) -> Vec<i32> {
        out.as_slice().chunks(4).map(|code| i32::from_le_bytes(code.try_into().expect("four"))).collect()
    }

    #[test]
    fn chunk_dictionaries_map_onto_one() {
        let interner = Interner::new("c".into(), 1000);
        let mut codes = DictionaryCodes::default();
        let pool = BufferPool::new(0);
        let mut out = pool.take(0);
        codes.append(&array(&[Some("a"), Some("b"), None, Some("a")]), &interner, &mut out, &pool).expect("append");
        codes.append(&array(&[Some("c"), Some("b")]), &interner, &mut out, &pool).expect("append");
        assert_eq!(codes_in(&out), [0, 1, 0, 0, 2, 1]);
        let update = interner.take_update().expect("three values");
        assert_eq!((update.length, update.data.as_slice()), (3, b"abc".as_slice()));
        assert!(interner.take_update().is_none());
    }

    #[test]
    fn a_dictionary_of_bytes_has_to_be_text() {
        let of = |values: [&[u8]; 2]| -> ArrayRef {
            let values = Arc::new(BinaryArray::from_iter_values(values));
            Arc::new(DictionaryArray::<Int32Type>::new(Int32Array::from(vec![1, 0, 1]), values))
        };
        let interner = Interner::new("c".into(), 1000);
        let pool = BufferPool::new(0);
        let mut out = pool.take(0);
        DictionaryCodes::default().append(&of([b"{}", b"[]"]), &interner, &mut out, &pool).expect("text");
        assert_eq!(codes_in(&out), [1, 0, 1]);
        let error = DictionaryCodes::default().append(&of([b"{}", b"\xff"]), &interner, &mut out, &pool);
        assert_eq!(error.expect_err("no text").code(), ErrorCode::CorruptFile);
    }

    #[test]
    fn a_dictionary_past_its_limit_is_an_error() {
        let interner = Interner::new("c".into(), 3);
        let pool = BufferPool::new(0);
        let mut out = pool.take(0);
        let result = DictionaryCodes::default().append(&array(&[Some("ab"), Some("cd")]), &interner, &mut out, &pool);
        assert_eq!(result.expect_err("limit").code(), ErrorCode::MemoryLimit);
    }
}
