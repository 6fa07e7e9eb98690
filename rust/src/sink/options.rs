//! Where batches go, and how.

use serde::Deserialize;

use crate::encode::EncoderOptions;
use crate::error::{ErrorCode, Result, SpillwayError};

/// Options of a sink; sizes in bytes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SinkOptions {
    /// The format.
    pub encoder: EncoderOptions,
    /// What files are written to; bytes for JavaScript where there is none.
    #[serde(default)]
    pub files: Option<FileOptions>,
    /// The sink's own memory limit; its part of the default limit where there is none.
    #[serde(default)]
    pub memory_limit_bytes: Option<u64>,
}

/// Files that are written.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileOptions {
    /// A file, or the folder of several.
    pub path: String,
    /// Whether the path is a folder, and files in it are named `part-0` and so on.
    pub folder: bool,
    /// Columns whose values become folders (`country=DE`).
    #[serde(default)]
    pub partition_by: Vec<String>,
    /// Bytes after which the next file is begun, about.
    #[serde(default)]
    pub max_file_bytes: Option<u64>,
    /// Most rows of a file.
    #[serde(default)]
    pub max_file_rows: Option<u64>,
    /// Most files that are open at once.
    pub max_open_files: usize,
    /// Whether a file of the same name is replaced.
    pub overwrite: bool,
    /// Whether files are on the disk, and not only with the system, when they get their names.
    pub durable: bool,
}

impl SinkOptions {
    /// Reads options.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for JSON that isn't such options.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        serde_json::from_slice(json).map_err(|error| {
            SpillwayError::new(ErrorCode::InvalidArgument, "Cannot read the options of a sink").with_cause(&error)
        })
    }
}
