//! An open Parquet file: its bytes, its parsed footer and its Arrow schema.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use arrow_schema::SchemaRef;
use bytes::Bytes;
use parquet::arrow::parquet_to_arrow_schema;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ColumnChunkMetaData, KeyValue, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
};
use parquet::file::reader::{ChunkReader, Length};
use parquet::schema::types::SchemaDescPtr;

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::footer::{self, FooterFacts};
use crate::files::stored_schema::is_bounded;
use crate::levels::element_levels::{ElementLevels, element_levels};
use crate::levels::shared_levels::{SharedLevels, shared_levels};
use crate::limits::{FileOptions, Limit, ReadLimits};
use crate::pages::old_writers;
use crate::source::Source;

/// Bytes of the magic number, which starts and ends a file.
const MAGIC_LENGTH: u64 = 4;
/// Bytes after the footer: its length and the magic number.
const TAIL_LENGTH: u64 = 8;

/// An open file. Opening parses the footer once; page indexes are read when they are first asked for.
#[derive(Debug)]
pub struct ParquetFile {
    /// The path as given.
    pub path: String,
    /// The file's bytes.
    pub source: Source,
    /// The parsed footer, without page indexes.
    pub metadata: Arc<ParquetMetaData>,
    /// The Arrow schema: the one that an Arrow writer stored, or what the Parquet types stand for.
    pub schema: SchemaRef,
    /// For each leaf column, whether it is encrypted.
    encrypted_columns: Vec<bool>,
    /// How it is read.
    pub(crate) options: FileOptions,
    indexed: OnceLock<Option<Arc<ParquetMetaData>>>,
    element_levels: OnceLock<Vec<ElementLevels>>,
    shared_levels: OnceLock<Vec<SharedLevels>>,
}

/// A schema as it is stored, and what it is in Arrow's terms.
#[derive(Debug, Clone)]
pub struct KnownSchema {
    stored: SchemaDescPtr,
    key_values: Option<Vec<KeyValue>>,
    arrow: SchemaRef,
}

impl KnownSchema {
    /// Whether a file has this schema.
    #[must_use]
    pub fn is_of(&self, metadata: &ParquetMetaData) -> bool {
        let file = metadata.file_metadata();
        self.stored.root_schema() == file.schema_descr().root_schema()
            && self.key_values.as_ref() == file.key_value_metadata()
    }
}

impl ParquetFile {
    /// Opens a file and parses its footer.
    ///
    /// # Errors
    /// `FILE_NOT_FOUND`, `NOT_A_FILE`, `FILE_ACCESS`, `EMPTY_FILE`, `NOT_PARQUET`, `TRUNCATED_FILE`, `CORRUPT_FILE`,
    /// `ENCRYPTED_FILE`, `UNSUPPORTED_FEATURE`, `LIMIT_EXCEEDED`.
    pub fn open(path: &str, options: impl Into<FileOptions>) -> Result<Self> {
        Self::open_like(path, options.into(), None)
    }

    /// The same for a file that probably has the schema of one that was opened before, which spares working it out anew.
    ///
    /// # Errors
    /// As [`ParquetFile::open`].
    pub fn open_like(path: &str, options: FileOptions, known: Option<&KnownSchema>) -> Result<Self> {
        let source = Source::open(path, options.io)?;
        let parsed = source.guarded(|| Self::parse(path, source.clone(), options, known));
        parsed.map_err(|error| error.at_path(path))
    }

    /// The schema, for files that have the same.
    #[must_use]
    pub fn known_schema(&self) -> KnownSchema {
        let file = self.metadata.file_metadata();
        KnownSchema {
            stored: file.schema_descr_ptr(),
            key_values: file.key_value_metadata().cloned(),
            arrow: Arc::clone(&self.schema),
        }
    }

    fn parse(path: &str, source: Source, options: FileOptions, known: Option<&KnownSchema>) -> Result<Self> {
        let limits = options.limits;
        let stored = read_footer(path, &source, limits)?;
        let facts = footer::inspect(&stored, limits)
            .map_err(|error| error.unwrap_or_else(|| corrupt_footer(path, "the footer is not valid Thrift")))?;
        let footer = facts.with_typed_row_groups(&stored);
        let parsed = parse_guarded(|| {
            let metadata = old_writers::repair(decode_metadata(&footer, &facts)?, source.len())?;
            let schema = match known.filter(|known| known.is_of(&metadata)) {
                Some(known) => Arc::clone(&known.arrow),
                None => arrow_schema(&metadata, limits)?,
            };
            Ok((metadata, schema))
        });
        let (metadata, schema) = parsed.map_err(|cause| classify(path, &facts, &cause))?;
        let rows = metadata
            .row_groups()
            .iter()
            .map(RowGroupMetaData::num_rows)
            .try_fold(0_i64, |total, rows| if rows < 0 { None } else { total.checked_add(rows) });
        let declared = metadata.file_metadata().num_rows();
        match rows {
            None => return Err(corrupt_footer(path, "the row groups' numbers of rows are impossible")),
            Some(rows) if rows != declared => {
                let cause = format!("it declares {declared} rows, and {rows} in its row groups");
                return Err(corrupt_footer(path, &cause));
            }
            Some(_) => {}
        }
        Ok(Self {
            path: path.to_owned(),
            source,
            metadata: Arc::new(metadata),
            schema,
            encrypted_columns: facts.encrypted_columns,
            options,
            indexed: OnceLock::new(),
            element_levels: OnceLock::new(),
            shared_levels: OnceLock::new(),
        })
    }

    /// Checks that these leaf columns can be read: codec, encryption, and that their chunks lie in the file.
    ///
    /// # Errors
    /// `UNSUPPORTED_FEATURE`, `ENCRYPTED_FILE` or `CORRUPT_FILE`, with row group and column.
    pub fn check_supported(&self, leaf_columns: &[usize]) -> Result<()> {
        for (index, row_group) in self.metadata.row_groups().iter().enumerate() {
            for leaf in leaf_columns {
                let chunk = row_group.column(*leaf);
                let encrypted = self.encrypted_columns.get(*leaf) == Some(&true);
                let Some((code, why)) = self.obstacle(chunk, encrypted, row_group.num_rows()) else { continue };
                let column = chunk.column_path().string();
                let message = format!("Cannot read column '{column}' of row group {index} of '{}': {why}", self.path);
                let error = SpillwayError::new(code, message);
                return Err(error.at_path(&self.path).at_row_group(index).at_column(column));
            }
        }
        Ok(())
    }

    /// The footer with the offset indexes of all columns, read at the first call; `None` when the file has none, or has
    /// one that cannot be used.
    pub fn offset_index(&self) -> Option<Arc<ParquetMetaData>> {
        self.indexed.get_or_init(|| self.read_offset_index().map(Arc::new)).clone()
    }

    /// The same, but only if it was read before.
    pub fn loaded_offset_index(&self) -> Option<&Arc<ParquetMetaData>> {
        self.indexed.get()?.as_ref()
    }

    /// The levels of a leaf column's lists, which are worked out for all columns at the first call that wants one's.
    pub(crate) fn element_levels(&self, leaf: usize) -> ElementLevels {
        let schema = self.metadata.file_metadata().schema_descr();
        if schema.column(leaf).max_rep_level() == 0 {
            return ElementLevels::default();
        }
        Arc::clone(&self.element_levels.get_or_init(|| element_levels(schema))[leaf])
    }

    /// What each leaf column shares with the one before, which is worked out at the first call.
    pub(crate) fn shared_levels(&self) -> &[SharedLevels] {
        self.shared_levels.get_or_init(|| shared_levels(self.metadata.file_metadata().schema_descr()))
    }

    fn obstacle(&self, chunk: &ColumnChunkMetaData, encrypted: bool, rows: i64) -> Option<(ErrorCode, String)> {
        if encrypted {
            let why = "it is encrypted, which is not supported; decrypt the file first, or leave the column out";
            return Some((ErrorCode::EncryptedFile, why.into()));
        }
        if let Some(other) = chunk.file_path().filter(|path| !path.is_empty()) {
            let why = format!("its data is in another file, '{other}', which is not supported; read that file instead");
            return Some((ErrorCode::UnsupportedFeature, why));
        }
        if chunk.compression() == Compression::LZO {
            let why = "it is compressed with LZO, which is not supported; leave the column out, or write it with ZSTD";
            return Some((ErrorCode::UnsupportedFeature, why.into()));
        }
        let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
        let end = start.checked_add(chunk.compressed_size());
        let inside =
            start >= 0 && chunk.compressed_size() >= 0 && end.is_some_and(|end| end as u64 <= self.source.len());
        if !inside {
            let why =
                "the footer places it outside the file; the file is corrupt, write it again or restore a good copy";
            return Some((ErrorCode::CorruptFile, why.into()));
        }
        let flat = chunk.column_descr().max_rep_level() == 0;
        if chunk.num_values() < 0 || (flat && chunk.num_values() != rows) {
            let values = chunk.num_values();
            let why = format!("the footer counts {values} values for {rows} rows; the file is corrupt, write it again");
            return Some((ErrorCode::CorruptFile, why));
        }
        None
    }

    fn read_offset_index(&self) -> Option<ParquetMetaData> {
        for chunk in self.metadata.row_groups().iter().flat_map(RowGroupMetaData::columns) {
            let start = u64::try_from(chunk.offset_index_offset()?).ok()?;
            let length = usize::try_from(chunk.offset_index_length()?).ok()?;
            (length as u64 <= self.options.limits.metadata_bytes).then_some(())?;
            // Else parquet would reserve memory for as many pages as it says. Whether the file was changed is asked once
            // all are read.
            let index = self.source.peek_at(start, length).ok().filter(|index| index.len() == length)?;
            footer::is_struct(&index).then_some(())?;
        }
        let metadata = self.metadata.as_ref().clone();
        let indexed = parse_guarded(|| {
            let reader = ParquetMetaDataReader::new_with_metadata(metadata);
            let mut reader = reader.with_offset_index_policy(PageIndexPolicy::Required);
            reader.read_page_indexes(&self.source)?;
            reader.finish()
        });
        indexed.ok().filter(|metadata| metadata.page_index().is_some_and(|index| index.has_offset_indexes()))
    }
}

/// The footer's bytes, once magic numbers and length are right.
fn read_footer(path: &str, source: &Source, limits: ReadLimits) -> Result<Bytes> {
    let read = |start, length| source.get_bytes(start, length).map_err(|error| SpillwayError::from_parquet(&error));
    let length = source.len();
    let head = read(0, length.min(MAGIC_LENGTH) as usize)?;
    let starts_well = matches!(&head[..], b"PAR1" | b"PARE");
    let truncated = |state: &str| {
        let message = format!("Cannot read '{path}': {state}; the file was cut off, write or copy it again");
        SpillwayError::new(ErrorCode::TruncatedFile, message)
    };
    if length < MAGIC_LENGTH + TAIL_LENGTH {
        return Err(if starts_well { truncated("it ends before its footer") } else { not_parquet(path) });
    }
    let tail = read(length - TAIL_LENGTH, TAIL_LENGTH as usize)?;
    match &tail[4..] {
        b"PAR1" => {}
        b"PARE" => return Err(encrypted_footer(path)),
        _ if starts_well => return Err(truncated("it has no footer at its end")),
        _ => return Err(not_parquet(path)),
    }
    let footer_length = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
    if footer_length > length - TAIL_LENGTH - MAGIC_LENGTH {
        return Err(truncated(&format!("its footer of {footer_length} bytes is larger than the file")));
    }
    limits.check(Limit::MetadataBytes, footer_length, || format!("the footer of '{path}'"))?;
    read(length - TAIL_LENGTH - footer_length, footer_length as usize)
}

/// Parses a footer; if that fails, once more without the statistics.
fn decode_metadata(footer: &[u8], facts: &FooterFacts) -> parquet::errors::Result<ParquetMetaData> {
    ParquetMetaDataReader::decode_metadata(footer)
        .or_else(|error| ParquetMetaDataReader::decode_metadata(&facts.without_statistics(footer)).map_err(|_| error))
}

/// The Arrow schema, as stored where that is valid and fits the Parquet one.
fn arrow_schema(metadata: &ParquetMetaData, limits: ReadLimits) -> parquet::errors::Result<SchemaRef> {
    let file = metadata.file_metadata();
    let stored = file.key_value_metadata().filter(|pairs| is_bounded(pairs, limits));
    let hinted = parse_guarded(|| parquet_to_arrow_schema(file.schema_descr(), stored));
    hinted.or_else(|_| parquet_to_arrow_schema(file.schema_descr(), None)).map(Arc::new)
}

/// Runs a parser of parquet's; some of them panic on bytes that they do not expect.
fn parse_guarded<T>(body: impl FnOnce() -> parquet::errors::Result<T>) -> std::result::Result<T, ParquetError> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let text = SpillwayError::from_panic(panic.as_ref()).cause().unwrap_or_default().to_owned();
        Err(ParquetError::General(text))
    })
}

fn classify(path: &str, facts: &FooterFacts, cause: &ParquetError) -> SpillwayError {
    if facts.encrypted {
        return encrypted_footer(path).with_cause(cause);
    }
    match SpillwayError::from_parquet(cause).code() {
        ErrorCode::UnsupportedFeature => {
            let message = format!(
                "Cannot read '{path}': its footer uses a feature that is not supported; write it in another way"
            );
            SpillwayError::new(ErrorCode::UnsupportedFeature, message).with_cause(cause)
        }
        _ => corrupt_footer(path, &cause.to_string()),
    }
}

fn not_parquet(path: &str) -> SpillwayError {
    let message = format!("Cannot read '{path}': it is not a Parquet file; check the path, or convert the file");
    SpillwayError::new(ErrorCode::NotParquet, message)
}

fn encrypted_footer(path: &str) -> SpillwayError {
    let message = format!("Cannot read '{path}': it is encrypted, which is not supported; decrypt it first");
    SpillwayError::new(ErrorCode::EncryptedFile, message)
}

fn corrupt_footer(path: &str, cause: &str) -> SpillwayError {
    let message = format!("Cannot read '{path}': its footer is corrupt; write the file again or restore a good copy");
    SpillwayError::new(ErrorCode::CorruptFile, message).with_cause(cause)
}
