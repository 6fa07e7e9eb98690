//! What a text scan is asked for beside what all scans are, as the caller's JSON says it.

use std::sync::Arc;

use serde::Deserialize;

use crate::error::Result;
use crate::files::file_log::FileLog;
use crate::ipc::reader::ArrowReader;
use crate::memory::budget::Account;
use crate::options::ScanOptions;
use crate::text::compression::Compression;
use crate::text::csv::csv_format::CsvFormat;
use crate::text::csv::options::CsvOptions;
use crate::text::format::TextFormat;
use crate::text::json::ndjson::{Ndjson, NdjsonOptions};
use crate::text::piece_reader::PieceReader;
use crate::text::push_queue::PushQueue;
use crate::text::text_reader::TextReader;

/// A text format, and how its bytes come.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TextRequest {
    /// The format, with its own options.
    pub format: FormatRequest,
    /// How the text is compressed; where absent, files are by their names, and what is pushed is not.
    #[serde(default)]
    pub compression: Option<Compression>,
    /// Whether the bytes are pushed; there is no file then.
    #[serde(default)]
    pub pushed: bool,
}

/// A format with its options.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FormatRequest {
    /// Arrow IPC, of either format.
    Arrow(ArrowRequest),
    /// One JSON object a line.
    Ndjson(NdjsonOptions),
    /// Cells between delimiters, one record a line.
    Csv(Box<CsvOptions>),
}

/// Arrow IPC has no options of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArrowRequest {}

impl FormatRequest {
    /// Whether workers decompress its pieces as they do other work for them, so that it gains nothing from files that are
    /// read side by side: to find the pieces costs next to nothing.
    #[must_use]
    pub fn is_decoded_by_pieces(&self) -> bool {
        matches!(self, Self::Arrow(_))
    }

    /// A reader of the scan's inputs, which are its files, or what comes through a queue.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for options that make no sense.
    pub fn reader(
        &self,
        options: &Arc<ScanOptions>,
        account: &Arc<Account>,
        log: &Arc<FileLog>,
        queue: Option<Arc<PushQueue>>,
    ) -> Result<Box<dyn PieceReader>> {
        let options = Arc::clone(options);
        let format: Arc<dyn TextFormat> = match self {
            Self::Arrow(ArrowRequest {}) => return Ok(Box::new(ArrowReader::new(options, account, log, queue))),
            Self::Ndjson(own) => Arc::new(Ndjson::new(own)?),
            Self::Csv(own) => Arc::new(CsvFormat::open(own, options.limits)?),
        };
        Ok(Box::new(TextReader::new(options, format, account, log, queue)))
    }
}
