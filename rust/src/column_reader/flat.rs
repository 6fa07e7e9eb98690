//! The readers of columns that are leaves of the schema's root.

use arrow_schema::DataType;
use parquet::arrow::array_reader::{
    ArrayReader, PrimitiveArrayReader, make_byte_array_dictionary_reader, make_byte_array_reader,
    make_byte_view_array_reader, make_fixed_len_byte_array_reader,
};
use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::Type as PhysicalType;
use parquet::data_type::{BoolType, DoubleType, FloatType, Int32Type, Int64Type, Int96Type};

use super::WriteRecords;
use super::bytes::{BytesReader, is_bytes};
use super::fixed::{FixedReader, KeepRecords, is_fixed};
use crate::files::file::ParquetFile;
use crate::files::schema::ScanColumn;
use crate::pages::column_chunks::SegmentRowGroups;

/// Rows that parquet's readers make room for at first.
const EXPECTED_ROWS: usize = 8192;
/// No more room than this is made for values of a fixed length, of which a file may say what it likes.
const EXPECTED_BYTES: usize = 1 << 20;
/// Whether a column is a leaf of the schema's root, not repeated and of a type that needs no special reader.
pub(super) fn is_flat(file: &ParquetFile, column: &ScanColumn) -> bool {
    let [leaf] = column.root.leaves[..] else { return false };
    let descriptor = file.metadata.file_metadata().schema_descr().column(leaf);
    descriptor.path().parts().len() == 1 && descriptor.max_rep_level() == 0 && column.decoded != DataType::Null
}

/// The reader of a flat column.
pub(super) enum ValueReader {
    /// Parquet's own, as its record batch reader would make it.
    Parquet(Box<dyn ArrayReader>),
    Fixed(Box<dyn KeepRecords>),
}

impl ValueReader {
    pub(super) fn as_array_reader(&mut self) -> &mut dyn ArrayReader {
        match self {
            Self::Parquet(reader) => reader.as_mut(),
            Self::Fixed(reader) => reader.as_mut(),
        }
    }
}

/// Whether the reader of a flat column is [`ValueReader::Fixed`].
pub(super) fn keeps_rows(file: &ParquetFile, column: &ScanColumn) -> bool {
    let metadata = file.metadata.file_metadata();
    let descriptor = metadata.schema_descr().column(column.root.leaves[0]);
    match descriptor.physical_type() {
        PhysicalType::INT32 => is_fixed::<i32>(&descriptor, &column.decoded),
        PhysicalType::INT64 => is_fixed::<i64>(&descriptor, &column.decoded),
        PhysicalType::FLOAT => is_fixed::<f32>(&descriptor, &column.decoded),
        PhysicalType::DOUBLE => is_fixed::<f64>(&descriptor, &column.decoded),
        PhysicalType::FIXED_LEN_BYTE_ARRAY => {
            // Some of its versions wrote lengths in between, which parquet passes over.
            let is_parquet_rs = metadata.created_by().is_none_or(|writer| writer.starts_with("parquet-rs"));
            !is_parquet_rs && is_fixed::<i128>(&descriptor, &column.decoded)
        }
        _ => false,
    }
}

/// A reader of fixed values, of a type that [`keeps_rows`].
macro_rules! fixed_reader {
    ($chunks:expr, $descriptor:expr, $column:expr) => {{
        let (chunks, descriptor, shown) = ($chunks, $descriptor, $column.decoded.clone());
        match descriptor.physical_type() {
            PhysicalType::INT32 => Box::new(FixedReader::<i32>::new(chunks, descriptor, shown, EXPECTED_ROWS)),
            PhysicalType::INT64 => Box::new(FixedReader::<i64>::new(chunks, descriptor, shown, EXPECTED_ROWS)),
            PhysicalType::FLOAT => Box::new(FixedReader::<f32>::new(chunks, descriptor, shown, EXPECTED_ROWS)),
            PhysicalType::DOUBLE => Box::new(FixedReader::<f64>::new(chunks, descriptor, shown, EXPECTED_ROWS)),
            _ => Box::new(FixedReader::<i128>::new(chunks, descriptor, shown, EXPECTED_ROWS)),
        }
    }};
}

/// Whether a flat column has a reader that needs no arrays for what a batch shows.
pub(super) fn writes(file: &ParquetFile, column: &ScanColumn) -> bool {
    let descriptor = file.metadata.file_metadata().schema_descr().column(column.root.leaves[0]);
    column.cast.is_none() && (is_bytes(&descriptor, column) || keeps_rows(file, column))
}

/// That reader.
pub(super) fn writing_reader(
    file: &ParquetFile,
    column: &ScanColumn,
    source: &SegmentRowGroups,
) -> parquet::errors::Result<Box<dyn WriteRecords>> {
    let leaf = column.root.leaves[0];
    let descriptor = file.metadata.file_metadata().schema_descr().column(leaf);
    let chunks = source.column_chunks(leaf)?;
    if is_bytes(&descriptor, column) {
        return Ok(Box::new(BytesReader::new(chunks, descriptor, &column.decoded)));
    }
    Ok(fixed_reader!(chunks, descriptor, column))
}

/// A reader of a flat column.
pub(super) fn flat_reader(
    file: &ParquetFile,
    column: &ScanColumn,
    source: &SegmentRowGroups,
) -> parquet::errors::Result<ValueReader> {
    let leaf = column.root.leaves[0];
    let descriptor = file.metadata.file_metadata().schema_descr().column(leaf);
    let pages = source.column_chunks(leaf)?;
    let data_type = Some(column.decoded.clone());
    macro_rules! primitive {
        ($physical:ty) => {
            Box::new(PrimitiveArrayReader::<$physical>::new(pages, descriptor, data_type, EXPECTED_ROWS, None)?)
        };
    }
    if keeps_rows(file, column) {
        return Ok(ValueReader::Fixed(fixed_reader!(pages, descriptor, column)));
    }
    Ok(ValueReader::Parquet(match (descriptor.physical_type(), &column.decoded) {
        (PhysicalType::BOOLEAN, _) => primitive!(BoolType),
        (PhysicalType::INT32, _) => primitive!(Int32Type),
        (PhysicalType::INT64, _) => primitive!(Int64Type),
        (PhysicalType::INT96, _) => primitive!(Int96Type),
        (PhysicalType::FLOAT, _) => primitive!(FloatType),
        (PhysicalType::DOUBLE, _) => primitive!(DoubleType),
        (_, DataType::Dictionary(..)) => {
            make_byte_array_dictionary_reader(pages, descriptor, data_type, EXPECTED_ROWS, None)?
        }
        (PhysicalType::BYTE_ARRAY, DataType::Utf8View | DataType::BinaryView) => {
            make_byte_view_array_reader(pages, descriptor, data_type, EXPECTED_ROWS, None)?
        }
        (PhysicalType::BYTE_ARRAY, _) => make_byte_array_reader(pages, descriptor, data_type, EXPECTED_ROWS, None)?,
        (PhysicalType::FIXED_LEN_BYTE_ARRAY, _) => {
            let width = usize::try_from(descriptor.type_length()).unwrap_or(0).max(1);
            let rows = EXPECTED_ROWS.min(EXPECTED_BYTES / width).max(1);
            make_fixed_len_byte_array_reader(pages, descriptor, data_type, rows, None)?
        }
    }))
}
