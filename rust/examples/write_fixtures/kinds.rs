//! Files of generated values: every type, every shape of nesting, every codec and encoding.

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, DataType, Field, Fields, IntervalUnit, Schema, TimeUnit};
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::schema::types::ColumnPath;

use crate::generate::array;
use crate::write::{Outcome, expected, parquet};

pub fn write(directory: &Path) -> Outcome {
    // Pages and row groups end at different rows, and the last ones are not full.
    let small = || {
        WriterProperties::builder()
            .set_max_row_group_row_count(Some(300))
            .set_data_page_row_count_limit(70)
            .set_write_batch_size(35)
    };
    both(directory, "types", types(), 1_000, small())?;
    both(directory, "nested", nested(), 1_000, small())?;
    both(directory, "strings", strings(), 3_000, small().set_dictionary_page_size_limit(400))?;
    both(directory, "nested_v2", nested(), 500, small().set_writer_version(WriterVersion::PARQUET_2_0))?;
    both(
        directory,
        "plain_v2",
        types(),
        500,
        small()
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_dictionary_enabled(false)
            .set_compression(Compression::ZSTD(parquet::basic::ZstdLevel::try_new(1)?)),
    )?;
    both(directory, "encodings", encoded(), 900, encodings(small()))?;
    both(directory, "empty", types(), 0, small())?;
    codecs(directory)
}

fn both(directory: &Path, name: &str, fields: Vec<Field>, rows: usize, properties: WriterPropertiesBuilder) -> Outcome {
    let batch = batch(fields, rows)?;
    parquet(directory, name, [batch.clone()], properties.build())?;
    expected(directory, name, &batch)
}

fn batch(fields: Vec<Field>, rows: usize) -> Result<RecordBatch, ArrowError> {
    let columns = fields.iter().map(|field| array(field, rows, 7)).collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// Every flat type, each once with nulls and, where it is often so stored, once without.
pub fn types() -> Vec<Field> {
    use DataType as T;
    let units = [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond];
    let mut types = vec![
        ("null", T::Null),
        ("bool", T::Boolean),
        ("int8", T::Int8),
        ("int16", T::Int16),
        ("int32", T::Int32),
        ("int64", T::Int64),
        ("uint8", T::UInt8),
        ("uint16", T::UInt16),
        ("uint32", T::UInt32),
        ("uint64", T::UInt64),
        ("float16", T::Float16),
        ("float32", T::Float32),
        ("float64", T::Float64),
        ("decimal32", T::Decimal32(7, 3)),
        ("decimal64", T::Decimal64(15, 2)),
        ("decimal128", T::Decimal128(38, 10)),
        ("decimal128_small", T::Decimal128(10, 2)),
        ("decimal256", T::Decimal256(60, 20)),
        ("date32", T::Date32),
        ("date64", T::Date64),
        ("time32_s", T::Time32(TimeUnit::Second)),
        ("time32_ms", T::Time32(TimeUnit::Millisecond)),
        ("time64_us", T::Time64(TimeUnit::Microsecond)),
        ("time64_ns", T::Time64(TimeUnit::Nanosecond)),
        ("interval_year_month", T::Interval(IntervalUnit::YearMonth)),
        ("interval_day_time", T::Interval(IntervalUnit::DayTime)),
        ("fixed5", T::FixedSizeBinary(5)),
        ("fixed16", T::FixedSizeBinary(16)),
        ("runs_of_int", runs(T::Int64)),
    ];
    for unit in units {
        for (zone, name) in [(None, "local"), (Some("UTC"), "utc"), (Some("+02:00"), "zoned")] {
            types.push((name, T::Timestamp(unit, zone.map(Into::into))));
        }
        types.push(("duration", T::Duration(unit)));
    }
    let mut fields = types
        .into_iter()
        .enumerate()
        .map(|(at, (name, data_type))| Field::new(format!("{name}_{at}"), data_type, true))
        .collect::<Vec<_>>();
    for data_type in [T::Boolean, T::Int32, T::Int64, T::Float64, T::Date32, T::Decimal128(20, 4)] {
        fields.push(Field::new(format!("required_{data_type}"), data_type, false));
    }
    fields
}

/// Every type of text and bytes.
pub fn strings() -> Vec<Field> {
    use DataType as T;
    let mut fields = [
        ("utf8", T::Utf8),
        ("large_utf8", T::LargeUtf8),
        ("utf8_view", T::Utf8View),
        ("binary", T::Binary),
        ("large_binary", T::LargeBinary),
        ("binary_view", T::BinaryView),
        ("dictionary8", dictionary(T::Int8, T::Utf8)),
        ("dictionary32", dictionary(T::Int32, T::LargeUtf8)),
        ("dictionary_of_binary", dictionary(T::UInt16, T::Binary)),
        ("dictionary_of_int", dictionary(T::Int32, T::Int64)),
        ("runs_of_text", runs(T::Utf8)),
    ]
    .map(|(name, data_type)| Field::new(name, data_type, true))
    .to_vec();
    fields.push(Field::new("required", T::Utf8, false));
    fields
}

/// Nesting of every kind, in and over each other, with nulls at every level.
pub fn nested() -> Vec<Field> {
    use DataType as T;
    let item = |data_type: DataType| Arc::new(Field::new("item", data_type, true));
    let fields = |fields: Vec<(&str, DataType)>| -> Fields {
        fields.into_iter().map(|(name, data_type)| Field::new(name, data_type, true)).collect()
    };
    let map = |key: DataType, value: DataType| {
        let entries = Fields::from(vec![Field::new("keys", key, false), Field::new("values", value, true)]);
        T::Map(Arc::new(Field::new("entries", T::Struct(entries), false)), false)
    };
    let point = T::Struct(fields(vec![("x", T::Int32), ("y", T::Float64)]));
    let person = T::Struct(fields(vec![
        ("name", T::Utf8),
        ("tags", T::List(item(T::Utf8))),
        ("home", T::Struct(fields(vec![("at", point.clone()), ("zip", dictionary(T::Int32, T::Utf8))]))),
    ]));
    [
        ("ints", T::List(item(T::Int32))),
        ("texts", T::List(item(T::Utf8))),
        ("flags", T::List(item(T::Boolean))),
        ("large", T::LargeList(item(T::Float64))),
        ("fixed", T::FixedSizeList(item(T::Int16), 3)),
        ("views", T::ListView(item(T::Int32))),
        ("view_texts", T::List(item(T::Utf8View))),
        ("nothing", T::List(item(T::Null))),
        ("point", point.clone()),
        ("points", T::List(item(point.clone()))),
        ("person", person.clone()),
        ("people", T::List(item(person))),
        ("matrix", T::List(item(T::List(item(T::Int64))))),
        ("counts", map(T::Utf8, T::Int64)),
        ("lookups", map(T::Int32, T::List(item(point)))),
        ("maps", T::List(item(map(T::Utf8, T::Timestamp(TimeUnit::Millisecond, None))))),
        ("money", T::Struct(fields(vec![("amount", T::Decimal128(18, 4)), ("small", T::Decimal32(6, 2))]))),
        ("codes", T::List(item(dictionary(T::Int32, T::Utf8)))),
    ]
    .into_iter()
    .map(|(name, data_type)| Field::new(name, data_type, true))
    .chain([Field::new("required", T::List(Arc::new(Field::new("item", T::Int32, false))), false)])
    .collect()
}

/// One column for each encoding that a writer may be asked for.
pub fn encoded() -> Vec<Field> {
    ENCODINGS
        .iter()
        .flat_map(|(name, data_type, _)| {
            [
                Field::new(*name, data_type.clone(), true),
                Field::new(format!("{name}_required"), data_type.clone(), false),
            ]
        })
        .collect()
}

const ENCODINGS: [(&str, DataType, Encoding); 10] = [
    ("delta_int32", DataType::Int32, Encoding::DELTA_BINARY_PACKED),
    ("delta_int64", DataType::Int64, Encoding::DELTA_BINARY_PACKED),
    ("delta_length", DataType::Utf8, Encoding::DELTA_LENGTH_BYTE_ARRAY),
    ("delta_text", DataType::Utf8, Encoding::DELTA_BYTE_ARRAY),
    ("delta_binary", DataType::Binary, Encoding::DELTA_BYTE_ARRAY),
    ("split_float", DataType::Float32, Encoding::BYTE_STREAM_SPLIT),
    ("split_double", DataType::Float64, Encoding::BYTE_STREAM_SPLIT),
    ("split_int", DataType::Int32, Encoding::BYTE_STREAM_SPLIT),
    ("split_fixed", DataType::FixedSizeBinary(6), Encoding::BYTE_STREAM_SPLIT),
    ("rle_bool", DataType::Boolean, Encoding::RLE),
];

pub fn encodings(mut properties: WriterPropertiesBuilder) -> WriterPropertiesBuilder {
    properties = properties.set_dictionary_enabled(false);
    for (name, _, encoding) in ENCODINGS {
        for column in [name.to_string(), format!("{name}_required")] {
            properties = properties.set_column_encoding(ColumnPath::from(column), encoding);
        }
    }
    properties
}

fn codecs(directory: &Path) -> Outcome {
    let batch = batch(strings().into_iter().chain(types()).chain(nested()).step_by(3).collect(), 700)?;
    for (name, codec) in [
        ("uncompressed", Compression::UNCOMPRESSED),
        ("snappy", Compression::SNAPPY),
        ("gzip", Compression::GZIP(parquet::basic::GzipLevel::default())),
        ("brotli", Compression::BROTLI(parquet::basic::BrotliLevel::default())),
        ("zstd", Compression::ZSTD(parquet::basic::ZstdLevel::default())),
        ("lz4", Compression::LZ4),
        ("lz4_raw", Compression::LZ4_RAW),
    ] {
        let properties = WriterProperties::builder()
            .set_compression(codec)
            .set_data_page_row_count_limit(200)
            .set_write_batch_size(100);
        parquet(directory, &format!("codec_{name}"), [batch.clone()], properties.build())?;
    }
    expected(directory, "codec", &batch)
}

fn dictionary(key: DataType, value: DataType) -> DataType {
    DataType::Dictionary(Box::new(key), Box::new(value))
}

fn runs(of: DataType) -> DataType {
    DataType::RunEndEncoded(
        Arc::new(Field::new("run_ends", DataType::Int32, false)),
        Arc::new(Field::new("values", of, true)),
    )
}
