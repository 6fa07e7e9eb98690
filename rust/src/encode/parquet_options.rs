//! How Parquet is written: the user's options, and the writer's properties that they mean.

use std::collections::BTreeMap;

use parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, Type, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::{ColumnDescriptor, ColumnPath, SchemaDescriptor};
use serde::Deserialize;

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::names::nearest;

/// Options of a Parquet file; sizes in bytes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParquetOptions {
    /// Codec of the pages.
    pub compression: Codec,
    /// The codec's level; its default where there is none.
    #[serde(default)]
    pub compression_level: Option<i32>,
    /// Most rows of a row group.
    pub row_group_rows: usize,
    /// Encoded bytes after which a row group is ended, about.
    pub row_group_bytes: usize,
    /// Bytes after which a data page is ended, about.
    pub page_bytes: usize,
    /// Whether values are written by way of dictionaries: all columns, none, or these.
    pub dictionary: Columns,
    /// Whether row groups have statistics.
    pub statistics: bool,
    /// Whether pages have: the column index and the offset index.
    pub page_index: bool,
    /// Columns that get Bloom filters.
    pub bloom_filter_columns: Vec<String>,
    /// Encodings of columns, in place of dictionaries.
    pub encoding: BTreeMap<String, ColumnEncoding>,
    /// The order of the rows, which is recorded and checked.
    pub sorting_columns: Vec<SortKey>,
    /// The file's own key/value metadata.
    pub key_value_metadata: BTreeMap<String, Option<String>>,
    /// Version of the data pages, 1 or 2.
    pub data_page_version: u8,
}

/// All columns, none, or some.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Columns {
    /// All or none.
    All(bool),
    /// Those of these names.
    Named(Vec<String>),
}

/// A codec.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Codec {
    None,
    Snappy,
    Gzip,
    Brotli,
    Zstd,
    Lz4,
}

/// An encoding of data pages.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the format's")]
pub enum ColumnEncoding {
    Plain,
    Rle,
    DeltaBinaryPacked,
    DeltaLengthByteArray,
    DeltaByteArray,
    ByteStreamSplit,
}

/// One column of an order of rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SortKey {
    /// A column of no nested type.
    pub column: String,
    /// Whether the greatest value comes first.
    pub descending: bool,
    /// Whether nulls come before all values.
    pub nulls_first: bool,
}

impl ParquetOptions {
    /// The writer's properties, for a file of these columns.
    ///
    /// # Errors
    /// `UNKNOWN_COLUMN` for a column that isn't there, `INVALID_ARGUMENT` for a level or an encoding that doesn't fit.
    pub fn properties(&self, schema: &SchemaDescriptor) -> Result<WriterProperties> {
        let statistics = match (self.statistics, self.page_index) {
            (false, _) => EnabledStatistics::None,
            (true, false) => EnabledStatistics::Chunk,
            (true, true) => EnabledStatistics::Page,
        };
        let mut builder = WriterProperties::builder()
            .set_created_by(format!("spillway version {} (parquet-rs)", env!("CARGO_PKG_VERSION")))
            .set_writer_version(match self.data_page_version {
                2 => WriterVersion::PARQUET_2_0,
                _ => WriterVersion::PARQUET_1_0,
            })
            .set_compression(self.codec()?)
            .set_data_page_size_limit(self.page_bytes)
            .set_statistics_enabled(statistics)
            .set_offset_index_disabled(!self.page_index)
            .set_dictionary_enabled(matches!(self.dictionary, Columns::All(true)))
            .set_key_value_metadata(self.metadata())
            .set_sorting_columns(self.sorting(schema)?);
        if let Columns::Named(names) = &self.dictionary {
            for path in paths(schema, names)? {
                builder = builder.set_column_dictionary_enabled(path, true);
            }
        }
        for path in paths(schema, &self.bloom_filter_columns)? {
            builder = builder
                .set_column_bloom_filter_enabled(path.clone(), true)
                // Filters are folded to what the values need when their row group ends.
                .set_column_bloom_filter_max_ndv(path, self.row_group_rows as u64);
        }
        for (name, encoding) in &self.encoding {
            for column in columns(schema, name)? {
                encoding.check(column)?;
                let path = column.path().clone();
                builder = builder
                    .set_column_dictionary_enabled(path.clone(), false)
                    .set_column_encoding(path, encoding.encoding());
            }
        }
        Ok(builder.build())
    }

    fn codec(&self) -> Result<Compression> {
        let level = self.compression_level;
        let or_default = |codec: Compression| match level {
            None => Ok(codec),
            Some(_) => Err(ParquetError::General(format!("{codec} has no levels"))),
        };
        let unsigned = |level: i32| u32::try_from(level).unwrap_or(u32::MAX);
        let codec = match (self.compression, level) {
            (Codec::None, _) => or_default(Compression::UNCOMPRESSED),
            (Codec::Snappy, _) => or_default(Compression::SNAPPY),
            (Codec::Lz4, _) => or_default(Compression::LZ4_RAW),
            (Codec::Gzip, None) => Ok(Compression::GZIP(GzipLevel::default())),
            (Codec::Gzip, Some(level)) => GzipLevel::try_new(unsigned(level)).map(Compression::GZIP),
            (Codec::Brotli, None) => Ok(Compression::BROTLI(BrotliLevel::default())),
            (Codec::Brotli, Some(level)) => BrotliLevel::try_new(unsigned(level)).map(Compression::BROTLI),
            // The level of zstd's own tools; parquet's default is 1.
            (Codec::Zstd, level) => ZstdLevel::try_new(level.unwrap_or(3)).map(Compression::ZSTD),
        };
        codec.map_err(|error| {
            let (level, codec) = (level.unwrap_or_default(), format!("{:?}", self.compression).to_lowercase());
            let message = format!(
                "Cannot compress by {codec} at level {level}: there is no such level; choose another compressionLevel, or \
                 leave it out"
            );
            invalid(&message).with_cause(&error)
        })
    }

    fn metadata(&self) -> Option<Vec<KeyValue>> {
        let pairs = self.key_value_metadata.iter();
        let pairs: Vec<_> = pairs.map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
        (!pairs.is_empty()).then_some(pairs)
    }

    fn sorting(&self, schema: &SchemaDescriptor) -> Result<Option<Vec<SortingColumn>>> {
        let column = |key: &SortKey| {
            let parts = [key.column.clone()];
            let found = schema.columns().iter().position(|column| column.path().parts() == parts);
            let index = found.ok_or_else(|| unknown(&key.column, schema))?;
            Ok(SortingColumn { column_idx: index as i32, descending: key.descending, nulls_first: key.nulls_first })
        };
        let sorting = self.sorting_columns.iter().map(column).collect::<Result<Vec<_>>>()?;
        Ok((!sorting.is_empty()).then_some(sorting))
    }
}

impl ColumnEncoding {
    fn encoding(self) -> Encoding {
        match self {
            Self::Plain => Encoding::PLAIN,
            Self::Rle => Encoding::RLE,
            Self::DeltaBinaryPacked => Encoding::DELTA_BINARY_PACKED,
            Self::DeltaLengthByteArray => Encoding::DELTA_LENGTH_BYTE_ARRAY,
            Self::DeltaByteArray => Encoding::DELTA_BYTE_ARRAY,
            Self::ByteStreamSplit => Encoding::BYTE_STREAM_SPLIT,
        }
    }

    /// Which physical types each encoding is for, as the format's `Encodings.md` says.
    fn check(self, column: &ColumnDescriptor) -> Result<()> {
        let physical = column.physical_type();
        let fits = match self {
            Self::Plain => true,
            Self::Rle => physical == Type::BOOLEAN,
            Self::DeltaBinaryPacked => matches!(physical, Type::INT32 | Type::INT64),
            Self::DeltaLengthByteArray => physical == Type::BYTE_ARRAY,
            Self::DeltaByteArray => matches!(physical, Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY),
            Self::ByteStreamSplit => {
                matches!(physical, Type::FLOAT | Type::DOUBLE | Type::INT32 | Type::INT64 | Type::FIXED_LEN_BYTE_ARRAY)
            }
        };
        if fits {
            return Ok(());
        }
        let (name, encoding) = (column.path().string(), self.encoding());
        let message = format!(
            "Cannot write column '{name}' as {encoding}: that is not for values stored as {physical}; choose another encoding"
        );
        Err(invalid(&message).at_column(name))
    }
}

/// The leaves of all columns named; a nested column names all of its leaves.
fn paths(schema: &SchemaDescriptor, names: &[String]) -> Result<Vec<ColumnPath>> {
    let mut all = Vec::new();
    for name in names {
        all.extend(columns(schema, name)?.into_iter().map(|column| column.path().clone()));
    }
    Ok(all)
}

fn columns<'a>(schema: &'a SchemaDescriptor, name: &str) -> Result<Vec<&'a ColumnDescriptor>> {
    let is_named = |column: &&'a ColumnDescriptor| {
        let path = column.path();
        path.parts()[0] == name || path.string() == name || path.string().starts_with(&format!("{name}."))
    };
    let found: Vec<_> = schema.columns().iter().map(AsRef::as_ref).filter(is_named).collect();
    if found.is_empty() { Err(unknown(name, schema)) } else { Ok(found) }
}

fn unknown(name: &str, schema: &SchemaDescriptor) -> SpillwayError {
    let names: Vec<String> = schema.columns().iter().map(|column| column.path().string()).collect();
    let message = format!("Cannot write with options for column '{name}': the batches have no such column");
    let suggestions = nearest(names.iter().map(String::as_str), name);
    SpillwayError::new(ErrorCode::UnknownColumn, message).at_column(name).with_suggestions(suggestions)
}

fn invalid(message: &str) -> SpillwayError {
    SpillwayError::new(ErrorCode::InvalidArgument, message)
}
