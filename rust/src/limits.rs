//! What a file may ask for: the numbers in files of others that lead to memory or work, and the most that each may be.
//!
//! A limit is checked before anything of that size is made. Files of usual writers stay far below all defaults.

use serde::Deserialize;

use crate::error::{ErrorCode, SpillwayError};
use crate::source::IoMode;

/// Recursive parsers go no deeper, since a thread's stack is finite; as `serde_json` has it.
pub const DEEPEST: u64 = 128;

/// The most that a file may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ReadLimits {
    /// Bytes of a page of Parquet, compressed or not. Writers aim at 1 MiB, but end a page only after a thousand values.
    pub page_bytes: u64,
    /// Bytes of a row: of a text's record, and of the values of one leaf of a nested column.
    pub row_bytes: u64,
    /// Bytes of a footer, of a page's index, or of one message's metadata. Half a million column chunks take so many.
    pub metadata_bytes: u64,
    /// Columns, and parts of nested ones. Arrow C++ allows for 1,000,000 elements of any list of a footer.
    pub columns: u64,
    /// Column chunks of a file: its row groups times its columns.
    pub column_chunks: u64,
    /// Levels of types in types; 128 at most.
    pub nesting_depth: u64,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            page_bytes: 256 << 20,
            row_bytes: 128 << 20,
            metadata_bytes: 64 << 20,
            columns: 100_000,
            column_chunks: 1_000_000,
            nesting_depth: DEEPEST,
        }
    }
}

impl ReadLimits {
    /// What stands in the way of reading something, if it needs more than it may.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`, with a message that names the limit by `name`, as [`ReadLimits::of`] knows it.
    pub fn check(self, limit: Limit, needed: u64, what: impl FnOnce() -> String) -> Result<(), SpillwayError> {
        let most = self.of(limit);
        if needed <= most {
            return Ok(());
        }
        let (name, unit) = limit.name_and_unit();
        let raise = match limit {
            Limit::NestingDepth => "no more than 128 can be read",
            _ => "raise that limit if you trust the file",
        };
        let message = format!(
            "Cannot read {}: it takes {needed} {unit}, more than the {most} of `limits.{name}`; {raise}",
            what()
        );
        Err(SpillwayError::new(ErrorCode::LimitExceeded, message))
    }

    /// The most of one kind.
    #[must_use]
    pub fn of(self, limit: Limit) -> u64 {
        match limit {
            Limit::PageBytes => self.page_bytes,
            Limit::RowBytes => self.row_bytes,
            Limit::MetadataBytes => self.metadata_bytes,
            Limit::Columns => self.columns,
            Limit::ColumnChunks => self.column_chunks,
            Limit::NestingDepth => self.nesting_depth.min(DEEPEST),
        }
    }
}

/// One of the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "as the fields of `ReadLimits`")]
pub enum Limit {
    PageBytes,
    RowBytes,
    MetadataBytes,
    Columns,
    ColumnChunks,
    NestingDepth,
}

impl Limit {
    fn name_and_unit(self) -> (&'static str, &'static str) {
        match self {
            Self::PageBytes => ("pageBytes", "bytes"),
            Self::RowBytes => ("rowBytes", "bytes"),
            Self::MetadataBytes => ("metadataBytes", "bytes"),
            Self::Columns => ("columns", "columns"),
            Self::ColumnChunks => ("columnChunks", "column chunks"),
            Self::NestingDepth => ("nestingDepth", "levels"),
        }
    }
}

/// How a file is read, whatever is read of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileOptions {
    /// How its bytes come.
    pub io: IoMode,
    /// What it may ask for.
    pub limits: ReadLimits,
    /// Whether the checksums of pages that have one are verified.
    pub verify_checksums: bool,
}

impl From<IoMode> for FileOptions {
    fn from(io: IoMode) -> Self {
        Self { io, limits: ReadLimits::default(), verify_checksums: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_reached_is_not_passed() {
        let limits = ReadLimits { page_bytes: 10, ..ReadLimits::default() };
        assert!(limits.check(Limit::PageBytes, 10, String::new).is_ok());
        let error = limits.check(Limit::PageBytes, 11, || "a page".into()).expect_err("too large");
        assert_eq!(error.code(), ErrorCode::LimitExceeded);
        assert_eq!(
            error.to_string(),
            "Cannot read a page: it takes 11 bytes, more than the 10 of `limits.pageBytes`; raise that limit if you trust the file"
        );
    }

    #[test]
    fn no_depth_is_beyond_what_can_be_read() {
        let limits = ReadLimits { nesting_depth: 1 << 40, ..ReadLimits::default() };
        assert_eq!(limits.of(Limit::NestingDepth), DEEPEST);
    }
}
