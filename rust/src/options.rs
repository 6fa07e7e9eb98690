//! What a scan is asked for, as the caller's JSON says it.

use serde::Deserialize;

use crate::batches::constant::Constant;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::expression::expr::MAX_DEPTH;
use crate::limits::{FileOptions, ReadLimits};
use crate::pipeline::Step;
use crate::prune::PruneOptions;
use crate::source::IoMode;
use crate::text::request::TextRequest;

/// Levels of JSON: an expression has two for each of its own, and the steps are around it.
pub const MAX_JSON_DEPTH: usize = 2 * MAX_DEPTH + 8;

/// How strings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strings {
    /// As `Utf8`, whatever is stored.
    #[default]
    Utf8,
    /// As stored, where JavaScript can hold it: `LargeUtf8` and dictionaries are kept.
    Preserve,
}

/// Which string columns are shown as dictionaries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Dictionary {
    /// None.
    #[default]
    None,
    /// All whose pages are dictionary-encoded.
    All,
    /// These.
    Columns(Vec<String>),
}

/// A file of a scan.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileRequest {
    /// Its path.
    pub path: String,
    /// Columns that have one value in all of its rows; every file of a scan has the same.
    #[serde(default)]
    pub constants: Vec<Constant>,
    /// Row groups to read, in file order; all when absent.
    #[serde(default)]
    pub row_groups: Option<Vec<usize>>,
}

/// What files whose columns differ are shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SchemaMode {
    /// They must not differ.
    #[default]
    Strict,
    /// As the first file: others' columns are widened to its types, or null where they are missing.
    First,
    /// With all columns of all files, each of a type that holds all values.
    Union,
}

/// Options of a scan; row counts are rows, sizes bytes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a caller")]
pub struct ScanOptions {
    /// The one file, where there are no `files`.
    #[serde(default)]
    path: Option<String>,
    /// The files, in the order of their rows; at least one.
    #[serde(default)]
    pub files: Vec<FileRequest>,
    /// What files whose columns differ are shown as.
    #[serde(default)]
    pub schema: SchemaMode,
    /// An Arrow schema that all files are shown as: an IPC stream without batches, in hexadecimal.
    #[serde(default)]
    pub given_schema: Option<String>,
    /// Files that are open at once, at most; 0 for a number that keeps the workers busy.
    #[serde(default)]
    pub concurrency: usize,
    /// Whether batches may come in any order.
    #[serde(default)]
    pub unordered: bool,
    /// Whether a file that cannot be read is left out.
    #[serde(default)]
    pub skip_broken_files: bool,
    /// Whether the scan only plans, with all files.
    #[serde(default)]
    pub explain: bool,
    /// Whether row numbers begin anew with each file.
    #[serde(default)]
    pub row_index_per_file: bool,
    /// How the files' bytes are read.
    #[serde(default = "default_io")]
    pub io: IoMode,
    /// Columns in the wanted order, nested ones with dots; all when absent.
    #[serde(default)]
    pub columns: Option<Vec<String>>,
    /// At most this many rows.
    #[serde(default)]
    pub limit: Option<u64>,
    /// Rows skipped first.
    #[serde(default)]
    pub offset: u64,
    /// Row groups of the one file to read, where there are no `files`.
    #[serde(default)]
    row_groups: Option<Vec<usize>>,
    /// Name of an added column of row numbers.
    #[serde(default)]
    pub row_index: Option<String>,
    /// String columns shown as dictionaries.
    #[serde(default, deserialize_with = "dictionary")]
    pub dictionary: Dictionary,
    /// How strings are shown.
    #[serde(default)]
    pub strings: Strings,
    /// Limit of the stream's decoded bytes; its share of the process's limit when absent.
    #[serde(default)]
    pub memory_limit_bytes: Option<u64>,
    /// Rows of the first batches.
    #[serde(default = "default_batch_rows")]
    pub batch_rows: u64,
    /// Exact rows of every batch but the last.
    #[serde(default)]
    pub fixed_rows: Option<u64>,
    /// Most bytes of a batch.
    #[serde(default)]
    pub max_batch_bytes: Option<u64>,
    /// Steps that the scan takes over from the stream's transforms.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// The consumer will take no more than so many rows, of those that pass.
    #[serde(default)]
    pub max_rows: Option<u64>,
    /// What the predicate may be pruned by.
    #[serde(default)]
    pub prune: PruneOptions,
    /// What files may ask for.
    #[serde(default)]
    pub limits: ReadLimits,
    /// Whether the checksums of pages that have one are verified.
    #[serde(default = "default_verify_checksums")]
    pub verify_checksums: bool,
    /// The text format that is read; Parquet when absent.
    #[serde(default)]
    pub text: Option<TextRequest>,
}

impl ScanOptions {
    /// Reads options from JSON.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for JSON of another shape, or for a size of zero.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let invalid = |message: String| SpillwayError::new(ErrorCode::InvalidArgument, message);
        let unreadable = |cause: &dyn std::fmt::Display| invalid(format!("Cannot read the scan's options: {cause}"));
        let text = std::str::from_utf8(json).map_err(|e| unreadable(&e))?;
        let value = crate::expression::json::parse(text, MAX_JSON_DEPTH).map_err(|e| unreadable(&e))?;
        let mut options: Self = serde_json::from_value(value).map_err(|e| unreadable(&e))?;
        if let Some(path) = options.path.take() {
            let row_groups = options.row_groups.take();
            options.files.insert(0, FileRequest { path, constants: Vec::new(), row_groups });
        }
        let is_pushed = options.text.as_ref().is_some_and(|text| text.pushed);
        if options.files.is_empty() && !is_pushed {
            return Err(invalid("Cannot scan no file; name at least one".into()));
        }
        if options.fixed_rows == Some(0) || options.batch_rows == 0 {
            return Err(invalid("Cannot scan in batches of 0 rows; give a batch size of at least 1".into()));
        }
        Ok(options)
    }

    /// Whether which rows are wanted of a file, or their numbers, depend on how many rows those before it have.
    #[must_use]
    pub fn counts_rows(&self) -> bool {
        self.offset > 0 || self.limit.is_some() || (self.row_index.is_some() && !self.row_index_per_file)
    }

    /// How each file is read.
    #[must_use]
    pub fn file_options(&self) -> FileOptions {
        FileOptions { io: self.io, limits: self.limits, verify_checksums: self.verify_checksums }
    }

    /// The path of the first file.
    #[must_use]
    pub fn first_path(&self) -> &str {
        self.files.first().map_or("", |file| &file.path)
    }
}

/// What of a file's rows a scan takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileWindow {
    /// Rows of the file that are skipped first.
    pub offset: u64,
    /// At most so many rows of the file.
    pub limit: Option<u64>,
    /// The number of the file's first row.
    pub first_row: u64,
}

fn default_io() -> IoMode {
    IoMode::Mmap
}

fn default_verify_checksums() -> bool {
    true
}

fn default_batch_rows() -> u64 {
    8192
}

fn dictionary<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Dictionary, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Flag(bool),
        Names(Vec<String>),
    }
    Ok(match Option::<Form>::deserialize(deserializer)? {
        None | Some(Form::Flag(false)) => Dictionary::None,
        Some(Form::Flag(true)) => Dictionary::All,
        Some(Form::Names(names)) => Dictionary::Columns(names),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_defaults() {
        let options = ScanOptions::from_json(br#"{"path": "a.parquet"}"#).expect("options");
        assert_eq!((options.offset, options.batch_rows, options.dictionary), (0, 8192, Dictionary::None));
    }

    #[test]
    fn dictionary_is_a_flag_or_names() {
        let of = |json: &str| {
            ScanOptions::from_json(format!(r#"{{"path": "a", "dictionary": {json}}}"#).as_bytes())
                .expect("options")
                .dictionary
        };
        assert_eq!(of("true"), Dictionary::All);
        assert_eq!(of(r#"["x"]"#), Dictionary::Columns(vec!["x".into()]));
        assert_eq!(of("null"), Dictionary::None);
    }

    #[test]
    fn unknown_options_and_empty_batches_are_refused() {
        assert!(ScanOptions::from_json(br#"{"path": "a", "colunms": []}"#).is_err());
        assert!(ScanOptions::from_json(br#"{"path": "a", "fixedRows": 0}"#).is_err());
    }

    #[test]
    fn a_path_is_short_for_one_file() {
        let options = ScanOptions::from_json(br#"{"path": "a", "rowGroups": [1]}"#).expect("options");
        assert_eq!((options.files.len(), options.first_path()), (1, "a"));
        assert_eq!(options.files[0].row_groups, Some(vec![1]));
        let two = br#"{"files": [{"path": "a"}, {"path": "b", "constants": [{"name": "k", "type": "int64", "value": "7"}]}]}"#;
        let options = ScanOptions::from_json(two).expect("options");
        assert_eq!((options.files.len(), options.files[1].constants[0].field.name().as_str()), (2, "k"));
        assert!(ScanOptions::from_json(br#"{"files": []}"#).is_err());
    }
}
