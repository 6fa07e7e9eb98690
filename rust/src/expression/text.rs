//! Tests of texts against constant patterns, prepared once for all batches.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayAccessor, ArrayRef, BooleanArray, Datum, LargeStringArray, Scalar, StringArray, StringViewArray,
};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{ArrowError, DataType};
use arrow_string::like::{contains, ends_with, starts_with};
use regex::Regex;

use super::bound::TextOp;
use super::like::to_regex;

/// A test of texts.
#[derive(Debug)]
pub enum TextTest {
    /// Begins with, ends with, or contains a text: arrow's kernels are prepared at no cost.
    Simple(TextOp, String),
    /// Matches a compiled pattern.
    Pattern(Regex),
}

impl TextTest {
    /// Prepares a test.
    ///
    /// # Errors
    /// Patterns that are no regular expressions, or too large ones.
    pub fn new(op: TextOp, pattern: &str) -> Result<Self, regex::Error> {
        Ok(match op {
            TextOp::StartsWith | TextOp::EndsWith | TextOp::Contains => Self::Simple(op, pattern.to_owned()),
            TextOp::Like => Self::Pattern(Regex::new(&to_regex(pattern))?),
            TextOp::Matches => Self::Pattern(Regex::new(pattern)?),
        })
    }

    /// Which texts pass; null stays null.
    ///
    /// # Errors
    /// Arrays that hold no texts.
    pub fn test(&self, array: &ArrayRef) -> Result<BooleanArray, ArrowError> {
        match self {
            Self::Simple(op, pattern) => {
                let pattern: Box<dyn Datum> = match array.data_type() {
                    DataType::Utf8 => Box::new(Scalar::new(StringArray::from(vec![pattern.as_str()]))),
                    DataType::LargeUtf8 => Box::new(Scalar::new(LargeStringArray::from(vec![pattern.as_str()]))),
                    DataType::Utf8View => Box::new(Scalar::new(StringViewArray::from(vec![pattern.as_str()]))),
                    other => return Err(no_text(other)),
                };
                match op {
                    TextOp::StartsWith => starts_with(array, pattern.as_ref()),
                    TextOp::EndsWith => ends_with(array, pattern.as_ref()),
                    _ => contains(array, pattern.as_ref()),
                }
            }
            Self::Pattern(regex) => {
                let matched = match array.data_type() {
                    DataType::Utf8 => matched(&array.as_string::<i32>(), regex),
                    DataType::LargeUtf8 => matched(&array.as_string::<i64>(), regex),
                    DataType::Utf8View => matched(&array.as_string_view(), regex),
                    other => return Err(no_text(other)),
                };
                Ok(BooleanArray::new(matched, array.nulls().cloned()))
            }
        }
    }
}

fn matched<'a>(array: &impl ArrayAccessor<Item = &'a str>, regex: &Regex) -> BooleanBuffer {
    let rows = array.len();
    BooleanBuffer::collect_bool(rows, |row| regex.is_match(array.value(row)))
}

/// Texts mapped to others, or to numbers of them.
///
/// # Errors
/// Arrays that hold no texts.
pub fn map_text(array: &ArrayRef, map: fn(&str) -> String) -> Result<ArrayRef, ArrowError> {
    fn of<'a>(array: impl Iterator<Item = Option<&'a str>>, map: fn(&str) -> String) -> ArrayRef {
        Arc::new(array.map(|value| value.map(map)).collect::<StringArray>())
    }
    Ok(match array.data_type() {
        DataType::Utf8 => of(array.as_string::<i32>().iter(), map),
        DataType::LargeUtf8 => of(array.as_string::<i64>().iter(), map),
        DataType::Utf8View => of(array.as_string_view().iter(), map),
        other => return Err(no_text(other)),
    })
}

fn no_text(data_type: &DataType) -> ArrowError {
    ArrowError::InvalidArgumentError(format!("{data_type} holds no text"))
}
