//! What was written.

use serde::Serialize;

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WrittenFile {
    /// Its path.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// Its row groups; 0 for a format without them.
    pub row_groups: u64,
}

/// All that a sink wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Rows of all files.
    pub rows: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Row groups of all files.
    pub row_groups: u64,
    /// The files in their order: those of a series, or of all partitions, by their folders.
    pub files: Vec<WrittenFile>,
}

impl Summary {
    /// The sums over these files.
    #[must_use]
    pub fn of(files: Vec<WrittenFile>) -> Self {
        Self {
            rows: files.iter().map(|file| file.rows).sum(),
            bytes: files.iter().map(|file| file.bytes).sum(),
            row_groups: files.iter().map(|file| file.row_groups).sum(),
            files,
        }
    }
}
