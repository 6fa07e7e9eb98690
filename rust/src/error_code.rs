//! The stable names of what goes wrong, as JavaScript sees them.

use serde::{Serialize, Serializer};

/// What kind of failure it is; the code on which JavaScript chooses the error's class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// A defect of Spillway itself.
    Internal,
    /// An option or argument that is not allowed.
    InvalidArgument,
    /// An expression that makes no sense, or not with the columns' types.
    InvalidExpression,
    /// There is no such file.
    FileNotFound,
    /// A directory, a socket or another thing that holds no bytes to read.
    NotAFile,
    /// The operating system refuses to read it.
    FileAccess,
    /// A file of zero bytes.
    EmptyFile,
    /// A file of another format.
    NotParquet,
    /// A Parquet file whose end is missing.
    TruncatedFile,
    /// A Parquet file that contradicts itself.
    CorruptFile,
    /// Something of the format that is not implemented.
    UnsupportedFeature,
    /// An encrypted footer or column.
    EncryptedFile,
    /// A column that the file does not have.
    UnknownColumn,
    /// The memory limit is too small.
    MemoryLimit,
    /// A file that asks for more than files may.
    LimitExceeded,
    /// The file was changed while it was read.
    FileChanged,
    /// Text or bytes of another format than they are read as: a bad cell, a broken line.
    MalformedData,
    /// A file that may not be written over.
    FileExists,
    /// The operating system refuses to write it, or has no room.
    FileWrite,
    /// Rows that are not in the order that their file is said to have.
    UnsortedData,
    /// Files of one scan whose columns differ.
    SchemaMismatch,
    /// A handle that was closed or never existed.
    InvalidHandle,
}

impl ErrorCode {
    /// Every code, for tables that must cover them all.
    pub const ALL: [Self; 22] = [
        Self::Internal,
        Self::InvalidArgument,
        Self::InvalidExpression,
        Self::FileNotFound,
        Self::NotAFile,
        Self::FileAccess,
        Self::EmptyFile,
        Self::NotParquet,
        Self::TruncatedFile,
        Self::CorruptFile,
        Self::UnsupportedFeature,
        Self::EncryptedFile,
        Self::UnknownColumn,
        Self::MemoryLimit,
        Self::LimitExceeded,
        Self::FileChanged,
        Self::MalformedData,
        Self::FileExists,
        Self::FileWrite,
        Self::UnsortedData,
        Self::SchemaMismatch,
        Self::InvalidHandle,
    ];

    /// The code's name as JavaScript sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "INTERNAL",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::InvalidExpression => "INVALID_EXPRESSION",
            Self::FileNotFound => "FILE_NOT_FOUND",
            Self::NotAFile => "NOT_A_FILE",
            Self::FileAccess => "FILE_ACCESS",
            Self::EmptyFile => "EMPTY_FILE",
            Self::NotParquet => "NOT_PARQUET",
            Self::TruncatedFile => "TRUNCATED_FILE",
            Self::CorruptFile => "CORRUPT_FILE",
            Self::UnsupportedFeature => "UNSUPPORTED_FEATURE",
            Self::EncryptedFile => "ENCRYPTED_FILE",
            Self::UnknownColumn => "UNKNOWN_COLUMN",
            Self::MemoryLimit => "MEMORY_LIMIT",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::FileChanged => "FILE_CHANGED",
            Self::MalformedData => "MALFORMED_DATA",
            Self::FileExists => "FILE_EXISTS",
            Self::FileWrite => "FILE_WRITE",
            Self::UnsortedData => "UNSORTED_DATA",
            Self::SchemaMismatch => "SCHEMA_MISMATCH",
            Self::InvalidHandle => "INVALID_HANDLE",
        }
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
