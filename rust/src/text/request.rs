//! What a text scan is asked for beside what all scans are, as the caller's JSON says it.

use serde::Deserialize;

use crate::error::Result;
use crate::text::compression::Compression;
use crate::text::format::TextFormat;
use crate::text::json::ndjson::{Ndjson, NdjsonOptions};

/// A text format, and how its bytes come.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TextRequest {
    /// The format, with its own options.
    pub format: FormatRequest,
    /// How files are compressed; by their names where absent.
    #[serde(default)]
    pub compression: Option<Compression>,
    /// Whether the bytes are pushed; there is no file then.
    #[serde(default)]
    pub pushed: bool,
}

/// A text format with its options.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FormatRequest {
    /// One JSON object a line.
    Ndjson(NdjsonOptions),
}

impl FormatRequest {
    /// The format.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for options that make no sense.
    pub fn open(&self) -> Result<Box<dyn TextFormat>> {
        Ok(match self {
            Self::Ndjson(options) => Box::new(Ndjson::new(options)?),
        })
    }
}
