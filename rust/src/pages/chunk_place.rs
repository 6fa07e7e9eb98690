//! Which column chunk it is that is read, and what is said where its pages are wrong.

use std::sync::{Arc, Mutex, OnceLock};

use parquet::errors::ParquetError;

use crate::error::{ErrorCode, SpillwayError};
use crate::pages::page_header::{PageHeader, PageKind};

/// Which column chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkPlace {
    /// Index of the row group.
    pub row_group: usize,
    /// Index of the leaf column.
    pub column: usize,
}

/// What went wrong with a page, for those to whom parquet gives only its text.
pub type PageFailure = Arc<Mutex<Option<SpillwayError>>>;

/// A column chunk by its name.
#[derive(Debug)]
pub(crate) struct NamedChunk {
    pub(crate) place: ChunkPlace,
    /// The path of the column.
    pub(crate) column: String,
    pub(crate) failure: PageFailure,
    /// What went wrong first.
    first: OnceLock<SpillwayError>,
}

impl NamedChunk {
    /// A chunk of which nothing was read.
    pub(crate) fn new(place: ChunkPlace, column: String) -> Self {
        Self { place, column, failure: PageFailure::default(), first: OnceLock::new() }
    }

    /// Fails again where something went wrong before: whoever goes on then must not get what was refused.
    pub(crate) fn check(&self) -> Result<(), ParquetError> {
        self.first.get().map_or(Ok(()), |error| Err(self.failed(error.clone())))
    }

    /// The chunk, as messages name it.
    pub(crate) fn name(&self) -> String {
        format!("column '{}' of row group {}", self.column, self.place.row_group)
    }

    /// A page, as messages name it; data pages are numbered from 0.
    pub(crate) fn page_name(&self, header: &PageHeader, number: usize) -> String {
        match header.kind {
            PageKind::Dictionary { .. } => format!("the dictionary page of {}", self.name()),
            _ => format!("page {number} of {}", self.name()),
        }
    }

    /// What can't be read of the chunk since the file contradicts itself.
    pub(crate) fn corrupt(&self, what: &str, why: &str) -> ParquetError {
        let message = format!("Cannot read {what}: {why}; the file is corrupt, write it again or restore a good copy");
        self.failed(SpillwayError::new(ErrorCode::CorruptFile, message))
    }

    /// What can't be read of the chunk since the library doesn't.
    pub(crate) fn unsupported(&self, what: &str, why: &str) -> ParquetError {
        self.failed(SpillwayError::new(ErrorCode::UnsupportedFeature, format!("Cannot read {what}: {why}")))
    }

    /// An error in the form that passes through parquet, noted for where it becomes text there.
    pub(crate) fn failed(&self, error: SpillwayError) -> ParquetError {
        let error = error.at_row_group(self.place.row_group).at_column(&self.column);
        *crate::lock(&self.failure) = Some(error.clone());
        let _ = self.first.set(error.clone());
        ParquetError::External(Box::new(error))
    }
}
