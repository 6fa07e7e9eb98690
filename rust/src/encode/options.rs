//! Which format is written, and how.

use arrow_schema::SchemaRef;
use serde::Deserialize;

use crate::encode::Encoder;
use crate::encode::arrow_ipc::{ArrowIpcEncoder, ArrowIpcOptions};
use crate::encode::compressed::FileCompression;
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
    Csv(Text<CsvOptions>),
    /// NDJSON.
    Ndjson(Text<NdjsonOptions>),
}

/// A text format, and how its files are compressed.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Text<Options> {
    /// The format's options.
    pub text: Options,
    /// How files are compressed.
    #[serde(default)]
    pub compression: FileCompression,
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
            Self::Csv(Text { text, compression }) => {
                compression.around(Box::new(CsvEncoder::new(text.clone(), schema)?))
            }
            Self::Ndjson(Text { text, compression }) => {
                compression.around(Box::new(NdjsonEncoder::new(text.clone(), schema)?))
            }
        }
    }

    /// The extension of file names, without the dot.
    #[must_use]
    pub fn extension(&self) -> String {
        match self {
            Self::Parquet(_) => "parquet".to_owned(),
            Self::Arrow(_) => "arrow".to_owned(),
            Self::Csv(Text { compression, .. }) => format!("csv{}", compression.extension()),
            Self::Ndjson(Text { compression, .. }) => format!("ndjson{}", compression.extension()),
        }
    }
}
