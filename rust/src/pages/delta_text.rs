//! Texts of the delta encodings, of which parquet does not check every one.
//!
//! Its reader of views validates the bytes of many texts at once: a character that is cut in two by a wrong length is
//! sound in the whole, and neither half is text. What is valid as a whole and begins no text within a character is valid
//! text by text. A dictionary that it makes of texts has each once, so that there is no such whole.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryArray};
use arrow_schema::DataType;
use parquet::errors::{ParquetError, Result};

/// Checks that texts are whole characters. Arrays of other types pass.
///
/// # Errors
/// An error of parquet's for the first text that does.
pub(crate) fn check_texts(array: &ArrayRef) -> Result<()> {
    if let Some(dictionary) = array.as_any_dictionary_opt() {
        return check_values(dictionary.values());
    }
    if array.data_type() != &DataType::Utf8View {
        return Ok(());
    }
    // As bytes: a text that is not valid may not be looked at as one.
    let bytes = array.as_string_view().clone().to_binary_view();
    let is_within = |first: &u8| first & 0b1100_0000 == 0b1000_0000;
    match bytes.iter().position(|text| text.and_then(<[u8]>::first).is_some_and(is_within)) {
        None => Ok(()),
        Some(at) => Err(ParquetError::General(format!("text {at} of {} begins within a character", array.len()))),
    }
}

/// The same of a dictionary's values.
fn check_values(values: &ArrayRef) -> Result<()> {
    let Some(texts) = values.as_string_opt::<i32>() else { return Ok(()) };
    let bytes = BinaryArray::from(texts.clone());
    match bytes.iter().flatten().find_map(|text| std::str::from_utf8(text).err()) {
        None => Ok(()),
        Some(error) => Err(ParquetError::General(format!("a text is not whole characters: {error}"))),
    }
}
