//! A file's facts as plain data: its footer, in the words of the Parquet format.

use std::collections::BTreeMap;

use parquet::basic::{ConvertedType, LogicalType};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData, SortingColumn};
use parquet::file::statistics::Statistics;
use serde::Serialize;
use serde_json::{Value, json};

use crate::files::file::ParquetFile;

/// What the footer says of a file. Sizes are bytes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileFacts {
    path: String,
    size_bytes: u64,
    num_rows: i64,
    created_by: Option<String>,
    format_version: i32,
    key_value_metadata: BTreeMap<String, Option<String>>,
    num_row_groups: usize,
    row_groups: Vec<RowGroupFacts>,
    estimated_row_size_bytes: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RowGroupFacts {
    index: usize,
    num_rows: i64,
    total_byte_size: i64,
    compressed_size: i64,
    first_row: i64,
    sorting_columns: Vec<SortingFacts>,
    columns: Vec<ColumnFacts>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SortingFacts {
    column: String,
    descending: bool,
    nulls_first: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ColumnFacts {
    path: String,
    physical_type: String,
    logical_type: Option<String>,
    codec: String,
    encodings: Vec<String>,
    num_values: i64,
    compressed_size: i64,
    uncompressed_size: i64,
    data_page_offset: i64,
    dictionary_page_offset: Option<i64>,
    has_offset_index: bool,
    has_column_index: bool,
    has_bloom_filter: bool,
    statistics: Option<StatisticsFacts>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StatisticsFacts {
    null_count: Option<u64>,
    distinct_count: Option<u64>,
    /// As stored: numbers, 64 bit integers as decimal text, byte strings as text where they are UTF-8, else as hex.
    min: Option<Value>,
    max: Option<Value>,
    min_is_exact: bool,
    max_is_exact: bool,
    /// Whether they are of the fields that order everything as signed, text, bytes and unsigned integers too.
    min_max_deprecated: bool,
}

/// The facts of a file, from its footer alone.
#[must_use]
pub fn file_facts(file: &ParquetFile) -> FileFacts {
    let footer = file.metadata.file_metadata();
    let mut first_row = 0;
    let row_groups = file.metadata.row_groups().iter().enumerate().map(|(index, row_group)| {
        let facts = row_group_facts(index, first_row, row_group);
        first_row += row_group.num_rows();
        facts
    });
    let row_groups: Vec<RowGroupFacts> = row_groups.collect();
    let chunks = file.metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    let decoded = chunks.map(crate::pages::page_cursor::chunk_decoded_bytes).fold(0, u64::saturating_add);
    let metadata = footer.key_value_metadata().into_iter().flatten();
    FileFacts {
        path: file.path.clone(),
        size_bytes: parquet::file::reader::Length::len(&file.source),
        num_rows: footer.num_rows(),
        created_by: footer.created_by().map(str::to_owned),
        format_version: footer.version(),
        key_value_metadata: metadata.map(|entry| (entry.key.clone(), entry.value.clone())).collect(),
        num_row_groups: row_groups.len(),
        row_groups,
        estimated_row_size_bytes: decoded.div_ceil(footer.num_rows().max(1) as u64),
    }
}

fn row_group_facts(index: usize, first_row: i64, row_group: &RowGroupMetaData) -> RowGroupFacts {
    let sorting = row_group.sorting_columns().into_iter().flatten();
    RowGroupFacts {
        index,
        num_rows: row_group.num_rows(),
        total_byte_size: row_group.total_byte_size(),
        compressed_size: row_group.compressed_size(),
        first_row,
        sorting_columns: sorting.filter_map(|sorting| sorting_facts(sorting, row_group)).collect(),
        columns: row_group.columns().iter().map(column_facts).collect(),
    }
}

fn sorting_facts(sorting: &SortingColumn, row_group: &RowGroupMetaData) -> Option<SortingFacts> {
    let chunk = row_group.columns().get(usize::try_from(sorting.column_idx).ok()?)?;
    let column = chunk.column_path().string();
    Some(SortingFacts { column, descending: sorting.descending, nulls_first: sorting.nulls_first })
}

fn column_facts(chunk: &ColumnChunkMetaData) -> ColumnFacts {
    // Old writers state a converted type only.
    let converted = chunk.column_descr().converted_type();
    let converted = (converted != ConvertedType::NONE).then(|| converted.to_string());
    let logical = chunk.column_descr().logical_type_ref().map(logical_name).or(converted);
    ColumnFacts {
        path: chunk.column_path().string(),
        physical_type: chunk.column_type().to_string(),
        logical_type: logical,
        codec: codec_name(chunk),
        encodings: chunk.encodings().map(|encoding| encoding.to_string()).collect(),
        num_values: chunk.num_values(),
        compressed_size: chunk.compressed_size(),
        uncompressed_size: chunk.uncompressed_size(),
        data_page_offset: chunk.data_page_offset(),
        dictionary_page_offset: chunk.dictionary_page_offset(),
        has_offset_index: chunk.offset_index_offset().is_some(),
        has_column_index: chunk.column_index_offset().is_some(),
        has_bloom_filter: chunk.bloom_filter_offset().is_some(),
        statistics: chunk.statistics().map(statistics_facts),
    }
}

fn logical_name(logical: &LogicalType) -> String {
    format!("{logical:?}")
}

/// The codec's name without the level, which the format does not store.
fn codec_name(chunk: &ColumnChunkMetaData) -> String {
    let name = format!("{:?}", chunk.compression());
    name.split('(').next().unwrap_or_default().to_owned()
}

fn statistics_facts(statistics: &Statistics) -> StatisticsFacts {
    let (min, max) = match statistics {
        Statistics::Boolean(s) => (s.min_opt().map(|v| json!(v)), s.max_opt().map(|v| json!(v))),
        Statistics::Int32(s) => (s.min_opt().map(|v| json!(v)), s.max_opt().map(|v| json!(v))),
        Statistics::Int64(s) => (s.min_opt().map(|v| json!(v.to_string())), s.max_opt().map(|v| json!(v.to_string()))),
        Statistics::Int96(s) => (s.min_opt().map(|v| json!(v.to_string())), s.max_opt().map(|v| json!(v.to_string()))),
        Statistics::Float(s) => (s.min_opt().map(|v| json!(v)), s.max_opt().map(|v| json!(v))),
        Statistics::Double(s) => (s.min_opt().map(|v| json!(v)), s.max_opt().map(|v| json!(v))),
        Statistics::ByteArray(s) => {
            (s.min_opt().map(|v| bytes_value(v.data())), s.max_opt().map(|v| bytes_value(v.data())))
        }
        Statistics::FixedLenByteArray(s) => {
            (s.min_opt().map(|v| bytes_value(v.data())), s.max_opt().map(|v| bytes_value(v.data())))
        }
    };
    StatisticsFacts {
        null_count: statistics.null_count_opt(),
        distinct_count: statistics.distinct_count_opt(),
        min,
        max,
        min_is_exact: statistics.min_is_exact(),
        max_is_exact: statistics.max_is_exact(),
        min_max_deprecated: statistics.is_min_max_deprecated(),
    }
}

fn bytes_value(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!(text),
        Err(_) => json!(bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))),
    }
}
