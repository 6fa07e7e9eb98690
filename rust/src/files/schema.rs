//! Which Arrow type each column is decoded as, and which one the batch shows.
//!
//! Strings are decoded as views, the fastest form, and shown as `Utf8`, the form that is fast in JavaScript. Types that
//! apache-arrow cannot hold (views, large lists, 32 and 64 bit decimals, run-end encoding) are shown as their plain kin.

use std::sync::Arc;

use arrow_schema::{
    DECIMAL32_MAX_PRECISION, DECIMAL64_MAX_PRECISION, DataType, Field, FieldRef, Fields, Schema, SchemaRef,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use parquet::arrow::{FieldLevels, ProjectionMask, parquet_to_arrow_field_levels};
use parquet::basic::{Encoding, Type as PhysicalType};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::file::ParquetFile;
use crate::files::projection::{Projection, RootColumn};
use crate::files::target::FileColumn;
use crate::options::{Dictionary, ScanOptions, Strings};
use crate::pages::column_chunks::SegmentRowGroups;

/// A column of the scan: what is read, how it is decoded, what the batch shows.
#[derive(Debug, Clone)]
pub struct ScanColumn {
    /// The column's root and leaves in the file.
    pub root: RootColumn,
    /// The field of the batch.
    pub field: FieldRef,
    /// How parquet decodes it.
    pub levels: FieldLevels,
    /// The type that it is decoded as.
    pub decoded: DataType,
    /// The type that it is cast to next, where the scan shows a wider one than the file has.
    pub cast: Option<DataType>,
    /// The stream's dictionary of this column, if it is shown as one.
    pub dictionary: Option<usize>,
}

impl ScanColumn {
    /// The type of the arrays that its reader gives.
    #[must_use]
    pub fn read_type(&self) -> &DataType {
        self.cast.as_ref().unwrap_or(&self.decoded)
    }
}

/// Types of all columns of a scan, in the order of the projection.
///
/// # Errors
/// `UNKNOWN_COLUMN` or `INVALID_ARGUMENT` when `dictionary` names a column that is not read or holds no strings;
/// `UNSUPPORTED_FEATURE` for a type that parquet cannot decode to Arrow; `CORRUPT_FILE` for values of no bytes.
pub fn scan_columns(
    file: &Arc<ParquetFile>,
    projection: &Projection,
    dictionary: &Dictionary,
    strings: Strings,
) -> Result<Vec<ScanColumn>> {
    check_dictionary_names(file, projection, dictionary)?;
    let preserve = strings == Strings::Preserve;
    let mut dictionaries = 0..;
    let mut columns = Vec::with_capacity(projection.roots.len());
    for root in &projection.roots {
        check_lengths(file, root)?;
        let stored = file.schema.field(root.root_index);
        let as_dictionary = is_string(stored.data_type())
            && wants_dictionary(file.metadata.as_ref(), root, stored, dictionary, strings);
        let as_codes = is_string(stored.data_type()) && !preserve && gathers_codes(file, root);
        let hint = match root.leaves[..] {
            _ if as_dictionary || as_codes => dictionary_of_strings(),
            [leaf] => narrow_decimal(file, leaf, decoded_type(stored.data_type(), preserve, true)),
            _ => decoded_type(stored.data_type(), preserve, true),
        };
        let mut hints: Vec<FieldRef> = file.schema.fields().iter().cloned().collect();
        hints[root.root_index] = Arc::new(stored.clone().with_data_type(hint));
        let decode = |hints: Vec<FieldRef>| {
            let mask =
                ProjectionMask::leaves(file.metadata.file_metadata().schema_descr(), root.leaves.iter().copied());
            parquet_to_arrow_field_levels(
                file.metadata.file_metadata().schema_descr(),
                mask,
                Some(&Fields::from(hints)),
            )
        };
        let located = |e| SpillwayError::from_parquet(&e).at_path(&file.path).at_column(&root.name);
        let levels = decode(hints).map_err(located)?;
        let empty = SegmentRowGroups::new(file, Vec::new(), &Arc::default());
        let reader = ParquetRecordBatchReader::try_new_with_row_groups(&levels, &empty, 1, None).map_err(located)?;
        let decoded = arrow_array::RecordBatchReader::schema(&reader).field(0).data_type().clone();
        let shown_as_dictionary = as_dictionary || (!as_codes && matches!(decoded, DataType::Dictionary(..)));
        let id = shown_as_dictionary.then(|| dictionaries.next()).flatten();
        let shown = if id.is_some() { decoded.clone() } else { shown_type(&decoded, preserve) };
        let field = Arc::new(stored.clone().with_data_type(shown));
        columns.push(ScanColumn { root: root.clone(), field, levels, decoded, cast: None, dictionary: id });
    }
    Ok(columns)
}

/// Checks that the row numbers' column has a name of its own.
///
/// # Errors
/// `INVALID_ARGUMENT` when a column that is read has it.
pub fn check_row_index(file: &ParquetFile, columns: &[FileColumn], row_index: Option<&str>) -> Result<()> {
    match row_index.filter(|name| columns.iter().any(|column| column.field().name() == name)) {
        None => Ok(()),
        Some(name) => {
            let message = format!(
                "Cannot add row numbers as '{name}': the file has a column of that name; choose another `rowIndex`"
            );
            Err(SpillwayError::new(ErrorCode::InvalidArgument, message).at_path(&file.path).at_column(name))
        }
    }
}

/// The schema of the scan's batches, with the row numbers' field first when it is asked for.
#[must_use]
pub fn batch_schema(file: &ParquetFile, columns: impl Iterator<Item = FieldRef>, row_index: Option<&str>) -> SchemaRef {
    let fields = batch_fields(columns, row_index);
    Arc::new(Schema::new_with_metadata(fields, file.schema.metadata().clone()))
}

/// The fields of batches, with the row numbers' field first when it is asked for.
#[must_use]
pub fn batch_fields(columns: impl Iterator<Item = FieldRef>, row_index: Option<&str>) -> Vec<FieldRef> {
    let row_index = row_index.map(|name| Arc::new(Field::new(name, DataType::Int64, false)));
    row_index.into_iter().chain(columns).collect()
}

/// The schema that a scan of the whole file shows.
///
/// # Errors
/// As [`scan_columns`].
pub fn file_schema(file: &Arc<ParquetFile>, options: &ScanOptions) -> Result<SchemaRef> {
    let projection = Projection::resolve(file, None)?;
    let columns = scan_columns(file, &projection, &options.dictionary, options.strings)?;
    Ok(batch_schema(file, columns.iter().map(|column| Arc::clone(&column.field)), None))
}

fn dictionary_of_strings() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

fn is_string(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_string(value),
        _ => false,
    }
}

fn wants_dictionary(
    metadata: &ParquetMetaData,
    root: &RootColumn,
    stored: &Field,
    dictionary: &Dictionary,
    strings: Strings,
) -> bool {
    let kept = strings == Strings::Preserve && matches!(stored.data_type(), DataType::Dictionary(..));
    kept || match dictionary {
        Dictionary::None => false,
        Dictionary::Columns(names) => names.contains(&root.name),
        Dictionary::All => {
            let chunks = metadata.row_groups().iter().map(|row_group| row_group.column(root.leaves[0]));
            chunks.into_iter().all(is_dictionary_encoded)
        }
    }
}

/// Whether a column's strings are gathered from its codes.
pub(crate) fn gathers_codes(file: &ParquetFile, root: &RootColumn) -> bool {
    let [leaf] = root.leaves[..] else { return false };
    let descriptor = file.metadata.file_metadata().schema_descr().column(leaf);
    let mut chunks = file.metadata.row_groups().iter().map(|row_group| row_group.column(leaf));
    descriptor.path().parts().len() == 1 && descriptor.max_rep_level() == 0 && chunks.all(is_dictionary_encoded)
}

/// Whether all data pages of a column chunk are dictionary-encoded.
fn is_dictionary_encoded(chunk: &ColumnChunkMetaData) -> bool {
    if let Some(encodings) = chunk.page_encoding_stats_mask() {
        return encodings.is_only(Encoding::RLE_DICTIONARY) || encodings.is_only(Encoding::PLAIN_DICTIONARY);
    }
    // Without page statistics: plain strings cost at least their 4 byte lengths, codes seldom more than 2 bytes.
    chunk.dictionary_page_offset().is_some()
        && chunk.uncompressed_size() <= chunk.num_values().saturating_mul(3) + (1 << 20)
}

/// The type to decode to: what parquet does fastest, of those that can be shown.
pub(crate) fn decoded_type(stored: &DataType, preserve: bool, top_level: bool) -> DataType {
    match stored {
        DataType::LargeUtf8 | DataType::LargeBinary if preserve => stored.clone(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if top_level => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView if top_level => DataType::BinaryView,
        DataType::Dictionary(_, value) => decoded_type(value, preserve, top_level),
        other => shown_type(other, preserve),
    }
}

/// Decimals stored as integers are decoded as such, which is free, and widened where they are gathered.
fn narrow_decimal(file: &ParquetFile, leaf: usize, decoded: DataType) -> DataType {
    let physical = file.metadata.file_metadata().schema_descr().column(leaf).physical_type();
    match (decoded, physical) {
        (DataType::Decimal128(precision, scale), PhysicalType::INT32) if precision <= DECIMAL32_MAX_PRECISION => {
            DataType::Decimal32(precision, scale)
        }
        (DataType::Decimal128(precision, scale), PhysicalType::INT64) if precision <= DECIMAL64_MAX_PRECISION => {
            DataType::Decimal64(precision, scale)
        }
        (decoded, _) => decoded,
    }
}

/// The type that a batch shows for a decoded one.
#[must_use]
pub fn shown_type(decoded: &DataType, preserve: bool) -> DataType {
    let child =
        |field: &FieldRef| Arc::new(field.as_ref().clone().with_data_type(shown_type(field.data_type(), preserve)));
    match decoded {
        DataType::LargeUtf8 | DataType::LargeBinary if preserve => decoded.clone(),
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView => DataType::Binary,
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            DataType::Decimal128(*precision, *scale)
        }
        DataType::Dictionary(_, value) => shown_type(value, preserve),
        DataType::RunEndEncoded(_, values) => shown_type(values.data_type(), preserve),
        DataType::List(item) | DataType::LargeList(item) | DataType::ListView(item) | DataType::LargeListView(item) => {
            DataType::List(child(item))
        }
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(child(item), *size),
        DataType::Map(entries, sorted) => DataType::Map(child(entries), *sorted),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(child).collect()),
        other => other.clone(),
    }
}

/// Checks that values of a fixed length have at least one byte, as the format's own tools insist on: parquet divides by it.
fn check_lengths(file: &ParquetFile, root: &RootColumn) -> Result<()> {
    let schema = file.metadata.file_metadata().schema_descr();
    let has_no_bytes = |leaf: &usize| {
        let column = schema.column(*leaf);
        column.physical_type() == PhysicalType::FIXED_LEN_BYTE_ARRAY && column.type_length() < 1
    };
    if !root.leaves.iter().any(has_no_bytes) {
        return Ok(());
    }
    let message = format!(
        "Cannot read column '{}': its schema says that each value has a fixed length of 0 bytes, which Parquet does not allow; the file is corrupt, write it again or leave the column out",
        root.name
    );
    Err(SpillwayError::new(ErrorCode::CorruptFile, message).at_path(&file.path).at_column(&root.name))
}

fn check_dictionary_names(file: &ParquetFile, projection: &Projection, dictionary: &Dictionary) -> Result<()> {
    let Dictionary::Columns(names) = dictionary else { return Ok(()) };
    for name in names {
        let Some(root) = projection.roots.iter().find(|root| root.name == *name) else {
            let message = format!(
                "Cannot read column '{name}' as a dictionary: the scan does not read it; name it in `columns` too"
            );
            return Err(SpillwayError::new(ErrorCode::UnknownColumn, message).at_path(&file.path).at_column(name));
        };
        let stored = file.schema.field(root.root_index).data_type();
        if !is_string(stored) {
            let message =
                format!("Cannot read column '{name}' as a dictionary: it holds {stored}, and only strings can be");
            return Err(SpillwayError::new(ErrorCode::InvalidArgument, message).at_path(&file.path).at_column(name));
        }
    }
    Ok(())
}
