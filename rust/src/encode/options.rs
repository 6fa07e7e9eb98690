//! Which format is written, and how.

use arrow_schema::SchemaRef;
use serde::Deserialize;

use crate::encode::Encoder;
use crate::encode::arrow_ipc::{ArrowIpcEncoder, ArrowIpcOptions};
use crate::encode::csv::{CsvEncoder, CsvOptions};
use crate::encode::ndjson::{NdjsonEncoder, NdjsonOptions};
use crate::encode::parquet::ParquetEncoder;
use crate::encode::parquet_options::ParquetOptions;
use crate::error::Result;

/// A format and its options.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "format", rename_all = "camelCase")]
pub enum EncoderOptions {
    /// Parquet.
    Parquet(ParquetOptions),
    /// Arrow IPC.
    Arrow(ArrowIpcOptions),
    /// CSV.
    Csv(CsvOptions),
    /// NDJSON.
    Ndjson(NdjsonOptions),
}

impl EncoderOptions {
    /// An encoder of batches of `schema`.
    ///
    /// # Errors
    /// `UNSUPPORTED_FEATURE` for a column that the format can't hold, `UNKNOWN_COLUMN` and `INVALID_ARGUMENT` for options
    /// that make no sense with the columns.
    pub fn encoder(&self, schema: &SchemaRef) -> Result<Box<dyn Encoder>> {
        match self {
            Self::Parquet(options) => Ok(Box::new(ParquetEncoder::new(options, schema)?)),
            Self::Arrow(options) => Ok(Box::new(ArrowIpcEncoder::new(options, schema)?)),
            Self::Csv(options) => Ok(Box::new(CsvEncoder::new(options.clone(), schema)?)),
            Self::Ndjson(options) => Ok(Box::new(NdjsonEncoder::new(options.clone(), schema)?)),
        }
    }

    /// The extension of file names, without the dot.
    #[must_use]
    pub fn extension(&self) -> &'static str {
        match self {
            Self::Parquet(_) => "parquet",
            Self::Arrow(_) => "arrow",
            Self::Csv(_) => "csv",
            Self::Ndjson(_) => "ndjson",
        }
    }
}
