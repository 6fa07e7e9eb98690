//! The one error type of the native core: a code, what happened, where, and what to do.

use std::any::Any;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_schema::ArrowError;
use parquet::errors::ParquetError;

pub use crate::error_code::ErrorCode;
use crate::files::mismatch;
pub use crate::files::mismatch::Mismatch;
use crate::memory::allocation::OutOfMemory;

/// Results of the native core.
pub type Result<T> = std::result::Result<T, SpillwayError>;

/// What the source says of a file that changed under a scan; parquet passes it on as text only.
pub(crate) const FILE_CHANGED: &str = "the file changed after it was opened";

/// Any failure, boxed so that a `Result` stays one word larger than its value at most.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .0.describe())]
pub struct SpillwayError(Box<Details>);

#[derive(Debug, Clone)]
struct Details {
    code: ErrorCode,
    message: String,
    path: Option<String>,
    row_group: Option<usize>,
    line: Option<u64>,
    column: Option<String>,
    cause: Option<String>,
    suggestions: Vec<String>,
    mismatches: Vec<Mismatch>,
}

impl SpillwayError {
    /// An error of this library's own making.
    #[must_use]
    pub fn internal(what: &str) -> Self {
        Self::new(ErrorCode::Internal, format!("Cannot go on: {what}; please report this as a bug"))
    }

    /// An error with a message of the form "action: state; what to do".
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Details {
            code,
            message,
            path: None,
            row_group: None,
            line: None,
            column: None,
            cause: None,
            suggestions: Vec::new(),
            mismatches: Vec::new(),
        }))
    }

    /// Files of one scan have columns that differ: at least one mismatch.
    #[must_use]
    pub fn mismatch(mismatches: Vec<Mismatch>) -> Self {
        let mut error = Self::new(ErrorCode::SchemaMismatch, mismatch::describe(&mismatches));
        if let Some(first) = mismatches.first() {
            error = error.at_path(&first.path).at_column(&first.column);
        }
        error.0.mismatches = mismatches;
        error
    }

    /// The same with what was found in other files too, if it is of this kind.
    #[must_use]
    pub fn with_mismatches(self, others: Vec<Mismatch>) -> Self {
        if self.0.mismatches.is_empty() || others.is_empty() {
            return self;
        }
        Self::mismatch(self.0.mismatches.iter().cloned().chain(others).collect())
    }

    /// The columns that differ.
    #[must_use]
    pub fn mismatches(&self) -> &[Mismatch] {
        &self.0.mismatches
    }

    /// Names the file, unless it is named already.
    #[must_use]
    pub fn at_path(mut self, path: impl Into<String>) -> Self {
        self.0.path.get_or_insert_with(|| path.into());
        self
    }

    /// Names the row group, unless it is named already.
    #[must_use]
    pub fn at_row_group(mut self, row_group: usize) -> Self {
        self.0.row_group.get_or_insert(row_group);
        self
    }

    /// Tells the line of a text, from 1, unless it is told already.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.0.line.get_or_insert(line);
        self
    }

    /// Names the column, unless it is named already.
    #[must_use]
    pub fn at_column(mut self, column: impl Into<String>) -> Self {
        self.0.column.get_or_insert_with(|| column.into());
        self
    }

    /// Says which failure led to this one.
    #[must_use]
    pub fn with_cause(mut self, cause: &(impl ToString + ?Sized)) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// Gives names that the caller may have meant.
    #[must_use]
    pub fn with_suggestions(mut self, suggestions: Vec<String>) -> Self {
        self.0.suggestions = suggestions;
        self
    }

    /// Classifies what parquet says while it reads or decodes.
    #[must_use]
    pub fn from_parquet(error: &ParquetError) -> Self {
        let code = match error {
            ParquetError::NYI(_) => ErrorCode::UnsupportedFeature,
            ParquetError::External(source) => return from_external(source.as_ref(), &error.to_string()),
            _ => code_of_text(&error.to_string()),
        };
        decode_error(code, &error.to_string())
    }

    /// Classifies what Arrow says while parquet decodes.
    #[must_use]
    pub fn from_arrow(error: &ArrowError) -> Self {
        let code = match error {
            ArrowError::NotYetImplemented(_) => ErrorCode::UnsupportedFeature,
            ArrowError::ExternalError(source) => return from_external(source.as_ref(), &error.to_string()),
            ArrowError::IoError(_, source) => code_of_io(source),
            ArrowError::CDataInterface(_) | ArrowError::IpcError(_) => ErrorCode::Internal,
            ArrowError::MemoryError(_) | ArrowError::OffsetOverflowError(_) => ErrorCode::MemoryLimit,
            _ => code_of_text(&error.to_string()),
        };
        decode_error(code, &error.to_string())
    }

    /// Classifies what the operating system says of a file; `action` is what was tried, such as "open".
    #[must_use]
    pub fn from_io(error: &std::io::Error, action: &str, path: &str) -> Self {
        let code = code_of_io(error);
        let advice = match code {
            ErrorCode::FileNotFound => "there is no such file; check the path",
            ErrorCode::NotAFile => "it is a directory; give the path of a file, or a glob of files",
            ErrorCode::CorruptFile => "it ended early; the file was cut off and must be written again",
            _ => "the system refuses; check the file's permissions and that its disk is there",
        };
        Self::new(code, format!("Cannot {action} '{path}': {advice}")).at_path(path).with_cause(error)
    }

    /// Turns a panic of a decoder into an error: hostile bytes are what makes decoders panic.
    #[must_use]
    pub fn from_panic(panic: &(dyn Any + Send)) -> Self {
        if let Some(OutOfMemory { bytes }) = panic.downcast_ref() {
            let message = format!(
                "Cannot get {bytes} bytes of memory: the system gives no more to this process; lower `memoryLimit`, or let \
                 fewer scans run at once"
            );
            return Self::new(ErrorCode::MemoryLimit, message);
        }
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("the decoder panicked");
        decode_error(ErrorCode::CorruptFile, text)
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The file, if known.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The row group, if known.
    #[must_use]
    pub fn row_group(&self) -> Option<usize> {
        self.0.row_group
    }

    /// The line of a text, if known.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        self.0.line
    }

    /// The column, if known.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    /// The failure that led to this one, if there is one.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// Names that the caller may have meant, nearest first.
    #[must_use]
    pub fn suggestions(&self) -> &[String] {
        &self.0.suggestions
    }

    /// The error as the JSON text that crosses the ABI.
    #[must_use]
    pub fn to_json(&self) -> String {
        let Details { code, path, row_group, line, column, cause, suggestions, mismatches, .. } = self.0.as_ref();
        serde_json::json!({
            "code": code,
            "message": self.0.describe(),
            "path": path,
            "rowGroup": row_group,
            "line": line,
            "column": column,
            "cause": cause,
            "suggestions": suggestions,
            "mismatches": mismatches,
        })
        .to_string()
    }
}

impl Details {
    /// The message, with those parts of the place in brackets that it does not name itself.
    fn describe(&self) -> String {
        let column = self.column.as_ref().map(|column| format!("column '{column}'"));
        let row_group = self.row_group.map(|row_group| format!("row group {row_group}"));
        let line = self.line.map(|line| format!("line {line}"));
        let path = self.path.as_ref().map(|path| format!("'{path}'"));
        let place: Vec<String> =
            [column, row_group, line, path].into_iter().flatten().filter(|part| !self.message.contains(part)).collect();
        if place.is_empty() { self.message.clone() } else { format!("{} ({})", self.message, place.join(", ")) }
    }
}

fn decode_error(code: ErrorCode, cause: &str) -> SpillwayError {
    let advice = match code {
        ErrorCode::UnsupportedFeature => {
            "this reader does not support it; leave the column out or write it in another way"
        }
        ErrorCode::EncryptedFile => "it is encrypted, which this reader does not support; decrypt it first",
        ErrorCode::FileAccess | ErrorCode::FileNotFound => {
            "the system refuses to read it; check that the file's disk is still there"
        }
        ErrorCode::FileChanged => {
            return SpillwayError::new(code, format!("Cannot go on reading: {FILE_CHANGED}; scan it again"))
                .with_cause(cause);
        }
        ErrorCode::MemoryLimit => "the batch is too large for one array; ask for fewer rows a batch",
        ErrorCode::Internal => "this is a defect of Spillway; please report it with the file",
        _ => "the file is corrupt; write it again or restore a good copy",
    };
    SpillwayError::new(code, format!("Cannot decode the data: {advice}")).with_cause(cause)
}

fn from_external(source: &(dyn Error + Send + Sync + 'static), text: &str) -> SpillwayError {
    if let Some(error) = source.downcast_ref::<SpillwayError>() {
        return error.clone();
    }
    if let Some(error) = source.downcast_ref::<ParquetError>() {
        return SpillwayError::from_parquet(error);
    }
    if let Some(error) = source.downcast_ref::<ArrowError>() {
        return SpillwayError::from_arrow(error);
    }
    let code = source.downcast_ref::<std::io::Error>().map_or_else(|| code_of_text(text), code_of_io);
    decode_error(code, text)
}

/// Errors without a number of the operating system come from decompressors, which report bad bytes as I/O.
fn code_of_io(error: &std::io::Error) -> ErrorCode {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => ErrorCode::FileNotFound,
        ErrorKind::IsADirectory => ErrorCode::NotAFile,
        ErrorKind::PermissionDenied => ErrorCode::FileAccess,
        _ if error.raw_os_error().is_some() => ErrorCode::FileAccess,
        _ => ErrorCode::CorruptFile,
    }
}

/// parquet's record batch reader turns its errors into text: the prefixes are those of `ParquetError`'s display.
fn code_of_text(text: &str) -> ErrorCode {
    if text.contains(FILE_CHANGED) {
        ErrorCode::FileChanged
    } else if text.contains("encrypted") {
        ErrorCode::EncryptedFile
    } else if text.contains("(os error ") {
        ErrorCode::FileAccess
    } else if text.contains("NYI: ") || text.contains("unsupported") || text.contains("not supported") {
        ErrorCode::UnsupportedFeature
    } else {
        ErrorCode::CorruptFile
    }
}

/// Runs `body`; a panic, which decoders may raise on bytes that lie about themselves, becomes an error.
///
/// # Errors
/// That of `body`; that of [`SpillwayError::from_panic`].
pub fn caught<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(SpillwayError::from_panic(panic.as_ref())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_distinct_names() {
        let names: std::collections::HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), ErrorCode::ALL.len());
    }

    #[test]
    fn json_carries_place_cause_and_suggestions() {
        let error =
            SpillwayError::new(ErrorCode::UnknownColumn, "Cannot read column 'pric': the file has no such column")
                .at_path("a.parquet")
                .at_row_group(3)
                .at_column("pric")
                .at_column("outer")
                .with_cause("none")
                .with_suggestions(vec!["price".into()]);
        let json: serde_json::Value = serde_json::from_str(&error.to_json()).expect("JSON");
        assert_eq!(
            json,
            serde_json::json!({
                "code": "UNKNOWN_COLUMN",
                "message": "Cannot read column 'pric': the file has no such column (row group 3, 'a.parquet')",
                "path": "a.parquet", "rowGroup": 3, "line": null, "column": "pric", "cause": "none", "suggestions": ["price"],
                "mismatches": [],
            })
        );
    }

    #[test]
    fn absent_places_are_null() {
        let json = SpillwayError::new(ErrorCode::Internal, "Cannot go on").to_json();
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert!(
            json["path"].is_null() && json["rowGroup"].is_null() && json["column"].is_null() && json["cause"].is_null()
        );
        assert_eq!(json["message"], "Cannot go on");
    }

    #[test]
    fn parquet_errors_are_told_apart_also_after_they_became_text() {
        let changed = SpillwayError::new(ErrorCode::FileChanged, format!("Cannot read: {FILE_CHANGED}; scan it again"));
        let cases = [
            (ParquetError::NYI("The codec type LZO is not supported yet".into()), ErrorCode::UnsupportedFeature),
            (ParquetError::EOF("eof".into()), ErrorCode::CorruptFile),
            (ParquetError::General("bad level".into()), ErrorCode::CorruptFile),
            (ParquetError::IndexOutOfBound(3, 2), ErrorCode::CorruptFile),
            (ParquetError::External(Box::new(changed)), ErrorCode::FileChanged),
            (ParquetError::External(Box::new(std::io::Error::from_raw_os_error(5))), ErrorCode::FileAccess),
            (std::io::Error::new(std::io::ErrorKind::InvalidData, "bad zstd frame").into(), ErrorCode::CorruptFile),
            (ArrowError::OffsetOverflowError(1 << 31).into(), ErrorCode::MemoryLimit),
        ];
        for (error, code) in cases {
            assert_eq!(SpillwayError::from_parquet(&error).code(), code, "{error}");
            if code != ErrorCode::MemoryLimit {
                assert_eq!(SpillwayError::from_arrow(&error.into()).code(), code);
            }
        }
    }

    #[test]
    fn panics_become_corrupt_files() {
        let panic = std::panic::catch_unwind(|| panic!("index {} out of range", 7)).expect_err("panic");
        let error = SpillwayError::from_panic(panic.as_ref());
        assert_eq!((error.code(), error.cause()), (ErrorCode::CorruptFile, Some("index 7 out of range")));
    }
}
