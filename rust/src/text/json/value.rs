//! Values of one column as they are read from JSON.

use arrow_array::ArrayRef;

use crate::error::Result;
use crate::text::json::reader::{Kind, Reader, Syntax};

/// Gathers the values of a column or of a nested child.
pub trait ValueBuilder: Send {
    /// Reads the next value. Exactly one value is appended, a null where it fails: the column stays as long as the others.
    ///
    /// # Errors
    /// What is no JSON, or no value of this column.
    fn append(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad>;

    /// Appends a null.
    fn append_null(&mut self);

    /// The values so far; the builder is empty then.
    ///
    /// # Errors
    /// `INTERNAL` where they are no array of the column's type.
    fn finish(&mut self) -> Result<ArrayRef>;
}

/// What the readers of all columns share.
#[derive(Debug, Default)]
pub struct Context {
    /// What to do where a value is bad, or a field unknown.
    pub rules: Rules,
    /// Holds a string while it is read.
    pub scratch: String,
    /// Holds the name of a field while it is read.
    pub key: String,
    /// Bad values that became null.
    pub nulled: u64,
}

/// How strict a parser is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    /// A value that its column can't hold becomes null.
    pub null_bad_values: bool,
    /// A field that the schema does not have is an error.
    pub reject_unknown: bool,
    /// The caller gave the schema: numbers may be written as strings, as other programs do whose numbers have 64 bits,
    /// and whole numbers are rounded where the caller wants floats.
    pub schema_given: bool,
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bad {
    /// It is no JSON.
    Syntax(Syntax),
    /// A value is none that its column can hold.
    Value {
        /// Where the value begins.
        at: usize,
        /// The column, and the path within it.
        column: String,
        /// What the column holds.
        expected: String,
    },
    /// The schema does not have this field.
    Unknown(String),
    /// The record has this field more than once.
    Twice(String),
}

impl Bad {
    /// The same of a field that lies within another one.
    #[must_use]
    pub fn within(self, outer: &str) -> Self {
        let path = |inner: String| if inner.is_empty() { outer.to_owned() } else { format!("{outer}.{inner}") };
        match self {
            Self::Syntax(syntax) => Self::Syntax(syntax),
            Self::Value { at, column, expected } => Self::Value { at, column: path(column), expected },
            Self::Unknown(column) => Self::Unknown(path(column)),
            Self::Twice(column) => Self::Twice(path(column)),
        }
    }
}

impl From<Syntax> for Bad {
    fn from(syntax: Syntax) -> Self {
        Self::Syntax(syntax)
    }
}

/// Reads a value that is not null; `None` where the column can't hold it, wherever the reader is left then.
pub type Read<T> = std::result::Result<Option<T>, Syntax>;

/// Reads a value with `read`, and tells null and bad ones apart: `Ok(None)` is null.
///
/// # Errors
/// What is no JSON, and a bad value unless the rules make it null.
pub fn read_value<'a, T>(
    reader: &mut Reader<'a>,
    context: &mut Context,
    expected: &dyn std::fmt::Display,
    read: impl FnOnce(&mut Reader<'a>, Kind, &mut Context) -> Read<T>,
) -> std::result::Result<Option<T>, Bad> {
    let kind = reader.peek()?;
    if kind == Kind::Null {
        reader.literal(kind)?;
        return Ok(None);
    }
    let start = reader.mark();
    if let Some(value) = read(reader, kind, context)? {
        return Ok(Some(value));
    }
    reader.reset(start);
    if context.rules.null_bad_values {
        reader.skip(&mut context.scratch)?;
        context.nulled += 1;
        return Ok(None);
    }
    Err(Bad::Value { at: reader.position(), column: String::new(), expected: expected.to_string() })
}
