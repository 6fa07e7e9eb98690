//! Batches that the encoders' tests write: every type of a cell, with nulls and with values at the types' limits.

use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, StringDictionaryBuilder};
use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Date64Array, Decimal128Array, DictionaryArray,
    DurationMillisecondArray, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array,
    LargeStringArray, NullArray, RecordBatch, StringArray, StringViewArray, Time32SecondArray, Time64MicrosecondArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt8Array,
    UInt16Array, UInt32Array, UInt64Array,
};
use arrow_cast::cast;
use arrow_schema::{DataType, SchemaRef};
use serde_json::{Value, json};

use super::{Encoder, ParquetOptions};

/// What an encoder makes of batches that it gets in one call.
pub(crate) fn encoded(encoder: &mut dyn Encoder, batches: &[RecordBatch]) -> Vec<u8> {
    let mut out = Vec::new();
    encoder.write(batches, &mut out).expect("batches");
    encoder.finish(&mut out).expect("end");
    out
}

/// Options of Parquet: a file that is not compressed, in one row group, but for what `changes` say.
pub(crate) fn parquet_options(changes: Value) -> ParquetOptions {
    let mut options = json!({
        "compression": "none", "rowGroupRows": 1 << 20, "rowGroupBytes": 1 << 30, "pageBytes": 1 << 20, "dictionary": true,
        "statistics": true, "pageIndex": true, "bloomFilterColumns": [], "encoding": {}, "sortingColumns": [],
        "keyValueMetadata": {}, "dataPageVersion": 1,
    });
    let Value::Object(changes) = changes else { panic!("no options: {changes}") };
    options.as_object_mut().expect("options").extend(changes);
    serde_json::from_value(options).expect("options")
}

/// A batch of the columns.
pub(crate) fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    // Explicitly nullable: a slice that has no null must be of the same schema.
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .expect("batch")
}

/// No rows of a schema.
pub(crate) fn no_rows(schema: &SchemaRef) -> RecordBatch {
    RecordBatch::new_empty(Arc::clone(schema))
}

/// Numbers, texts and times that readers give back as they were: four rows.
pub(crate) fn plain() -> RecordBatch {
    batch(vec![
        ("bool", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false), Some(true)]))),
        ("i8", Arc::new(Int8Array::from(vec![Some(i8::MIN), None, Some(0), Some(i8::MAX)]))),
        ("i16", Arc::new(Int16Array::from(vec![Some(i16::MIN), None, Some(0), Some(i16::MAX)]))),
        ("i32", Arc::new(Int32Array::from(vec![Some(i32::MIN), None, Some(0), Some(i32::MAX)]))),
        ("i64", Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some((1 << 53) + 1), Some(i64::MAX)]))),
        ("u8", Arc::new(UInt8Array::from(vec![Some(0), None, Some(1), Some(u8::MAX)]))),
        ("u16", Arc::new(UInt16Array::from(vec![Some(0), None, Some(1), Some(u16::MAX)]))),
        ("u32", Arc::new(UInt32Array::from(vec![Some(0), None, Some(1), Some(u32::MAX)]))),
        ("u64", Arc::new(UInt64Array::from(vec![Some(0), None, Some((1 << 53) + 1), Some(u64::MAX)]))),
        ("f32", Arc::new(Float32Array::from(vec![Some(f32::MIN), None, Some(0.1), Some(f32::MIN_POSITIVE)]))),
        ("f64", Arc::new(Float64Array::from(vec![Some(f64::MIN), None, Some(0.1), Some(5.0e-324)]))),
        ("decimal", Arc::new(decimals())),
        (
            "text",
            Arc::new(StringArray::from(vec![Some("a,\"b\"\r\n\\c"), None, Some(" \u{1f600}\u{0}"), Some("null")])),
        ),
        ("large", Arc::new(LargeStringArray::from(vec![Some("x"), None, Some("y\ny"), Some("true")]))),
        ("view", Arc::new(StringViewArray::from(vec![Some("x"), None, Some("longer than twelve bytes"), Some("1")]))),
        ("date", Arc::new(Date32Array::from(vec![Some(-719_162), None, Some(0), Some(2_932_896)]))),
        ("date64", Arc::new(Date64Array::from(vec![Some(-86_400_000), None, Some(0), Some(86_400_000)]))),
        ("time32", Arc::new(Time32SecondArray::from(vec![Some(0), None, Some(3_600), Some(86_399)]))),
        ("time64", Arc::new(Time64MicrosecondArray::from(vec![Some(0), None, Some(1), Some(86_399_999_999)]))),
        ("second", Arc::new(TimestampSecondArray::from(vec![Some(-1), None, Some(0), Some(253_402_300_799)]))),
        ("milli", Arc::new(TimestampMillisecondArray::from(vec![Some(-1), None, Some(0), Some(1_700_000_000_001)]))),
        (
            "micro",
            Arc::new(TimestampMicrosecondArray::from(vec![Some(-1), None, Some(1), Some(1_700_000_000_000_001)])),
        ),
        ("nano", Arc::new(TimestampNanosecondArray::from(vec![Some(-1), None, Some(i64::MIN), Some(i64::MAX)]))),
        ("utc", Arc::new(moments().with_timezone("+00:00"))),
        ("none", Arc::new(NullArray::new(4))),
    ])
}

/// Moments in a zone that Arrow knows by no offset: four rows.
pub(crate) fn zoned() -> RecordBatch {
    batch(vec![("berlin", Arc::new(moments().with_timezone("Europe/Berlin")))])
}

/// Values that text formats have no exact form for or that readers can't know the type of: two rows.
pub(crate) fn odd() -> RecordBatch {
    let mut fixed = FixedSizeBinaryBuilder::new(2);
    fixed.append_value([0, 255]).expect("value");
    fixed.append_null();
    batch(vec![
        ("f16", cast(&Float32Array::from(vec![1.5, 65504.0]), &DataType::Float16).expect("halves")),
        ("f64", Arc::new(Float64Array::from(vec![f64::NAN, f64::NEG_INFINITY]))),
        ("binary", Arc::new(BinaryArray::from_opt_vec(vec![Some(b"\x00\xab"), None]))),
        ("fixed", Arc::new(fixed.finish())),
        ("duration", Arc::new(DurationMillisecondArray::from(vec![Some(90_500), None]))),
    ])
}

/// Text by dictionary, with a null among the keys and another among the values: four rows.
pub(crate) fn dictionaries() -> RecordBatch {
    let keys = Int8Array::from(vec![Some(2), None, Some(1), Some(0)]);
    let values = StringArray::from(vec![Some("a"), None, Some("c,")]);
    let numbers =
        DictionaryArray::<Int32Type>::new(Int32Array::from(vec![0, 0, 1, 0]), Arc::new(Int64Array::from(vec![7, 8])));
    let empty = StringDictionaryBuilder::<Int8Type>::new();
    batch(vec![
        ("text", Arc::new(DictionaryArray::<Int8Type>::new(keys, Arc::new(values)))),
        ("number", Arc::new(numbers)),
        ("empty", all_null(empty)),
    ])
}

fn all_null(mut builder: StringDictionaryBuilder<Int8Type>) -> ArrayRef {
    (0..4).for_each(|_| builder.append_null());
    Arc::new(builder.finish())
}

fn decimals() -> Decimal128Array {
    let digits = 10_i128.pow(38) - 1;
    Decimal128Array::from(vec![Some(-digits), None, Some(5), Some(digits)])
        .with_precision_and_scale(38, 2)
        .expect("decimals")
}

fn moments() -> TimestampMicrosecondArray {
    TimestampMicrosecondArray::from(vec![Some(-1), None, Some(0), Some(1_700_000_000_000_001)])
}
