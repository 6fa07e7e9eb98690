//! Arrays of any type, whose values follow from a seed.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, IntervalDayTimeType, IntervalYearMonthType,
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, FixedSizeBinaryArray, FixedSizeListArray, Int32Array, LargeListArray,
    ListArray, MapArray, NullArray, PrimitiveArray, StringArray, StructArray,
};
use arrow_buffer::{IntervalDayTime, NullBuffer, OffsetBuffer, i256};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, Field, IntervalUnit, TimeUnit};

type Result<T> = std::result::Result<T, ArrowError>;

const DAY: u64 = 86_400;
const WORDS: [&str; 9] =
    ["", "a", "spill", "way", "\u{dc}berlauf", "\u{6c34}\u{9580}", "\u{1f980}", "\0", "flood gate "];

/// `SplitMix64` of a seed and a row.
pub fn hash(seed: u64, row: usize) -> u64 {
    let mut z = seed.wrapping_add((row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// `rows` values of the field's type, one in five null where the field may be null.
pub fn array(field: &Field, rows: usize, seed: u64) -> Result<ArrayRef> {
    let seed = field.name().bytes().fold(seed, |seed, byte| hash(seed, usize::from(byte)));
    let nulls = field.is_nullable().then(|| (0..rows).map(|row| !hash(seed ^ 0xff, row).is_multiple_of(5)).collect());
    values(field.data_type(), rows, seed, nulls)
}

fn values(data_type: &DataType, rows: usize, seed: u64, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
    use DataType as T;
    let input = Input { data_type, rows, seed, nulls };
    Ok(match data_type {
        T::Null => Arc::new(NullArray::new(rows)) as ArrayRef,
        T::Boolean => {
            Arc::new(BooleanArray::new((0..rows).map(|row| hash(seed, row).is_multiple_of(3)).collect(), input.nulls))
        }
        T::Int8 => input.primitive::<Int8Type>(|bits| bits as i8),
        T::Int16 => input.primitive::<Int16Type>(|bits| bits as i16),
        T::Int32 => input.primitive::<Int32Type>(|bits| bits as i32),
        T::Int64 => input.primitive::<Int64Type>(u64::cast_signed),
        T::UInt8 => input.primitive::<UInt8Type>(|bits| bits as u8),
        T::UInt16 => input.primitive::<UInt16Type>(|bits| bits as u16),
        T::UInt32 => input.primitive::<UInt32Type>(|bits| bits as u32),
        T::UInt64 => input.primitive::<UInt64Type>(|bits| bits),
        T::Float32 => input.primitive::<Float32Type>(|bits| double(bits) as f32),
        T::Float64 => input.primitive::<Float64Type>(double),
        T::Decimal32(_, _) => input.primitive::<Decimal32Type>(|bits| bits as i32 % 10_000_000),
        T::Decimal64(_, _) => input.primitive::<Decimal64Type>(|bits| bits.cast_signed() % 1_000_000_000_000_000),
        T::Decimal128(precision, _) => {
            let bound = 10_i128.pow(u32::from(*precision));
            input.primitive::<Decimal128Type>(|bits| wide(bits) % bound)
        }
        T::Decimal256(_, _) => {
            input.primitive::<Decimal256Type>(|bits| i256::from_i128(wide(bits)).wrapping_mul(i256::from(1_000_003)))
        }
        T::Date32 => input.primitive::<Date32Type>(|bits| bits as i32 % 100_000),
        T::Date64 => input.primitive::<Date64Type>(|bits| (bits.cast_signed() % 100_000) * 86_400_000),
        T::Time32(TimeUnit::Second) => input.primitive::<Time32SecondType>(|bits| (bits % DAY) as i32),
        T::Time32(_) => input.primitive::<Time32MillisecondType>(|bits| (bits % (DAY * 1_000)) as i32),
        T::Time64(TimeUnit::Microsecond) => {
            input.primitive::<Time64MicrosecondType>(|bits| (bits % (DAY * 1_000_000)).cast_signed())
        }
        T::Time64(_) => input.primitive::<Time64NanosecondType>(|bits| (bits % (DAY * 1_000_000_000)).cast_signed()),
        // Within 200 years of 1970, so that every unit holds them.
        T::Timestamp(TimeUnit::Second, _) => input.primitive::<TimestampSecondType>(|bits| ticks(bits, 1)),
        T::Timestamp(TimeUnit::Millisecond, _) => {
            input.primitive::<TimestampMillisecondType>(|bits| ticks(bits, 1_000))
        }
        T::Timestamp(TimeUnit::Microsecond, _) => {
            input.primitive::<TimestampMicrosecondType>(|bits| ticks(bits, 1_000_000))
        }
        T::Timestamp(TimeUnit::Nanosecond, _) => {
            input.primitive::<TimestampNanosecondType>(|bits| ticks(bits, 1_000_000_000))
        }
        T::Duration(TimeUnit::Second) => input.primitive::<DurationSecondType>(|bits| ticks(bits, 1)),
        T::Duration(TimeUnit::Millisecond) => input.primitive::<DurationMillisecondType>(|bits| ticks(bits, 1_000)),
        T::Duration(TimeUnit::Microsecond) => input.primitive::<DurationMicrosecondType>(|bits| ticks(bits, 1_000_000)),
        T::Duration(TimeUnit::Nanosecond) => {
            input.primitive::<DurationNanosecondType>(|bits| ticks(bits, 1_000_000_000))
        }
        T::Interval(IntervalUnit::YearMonth) => input.primitive::<IntervalYearMonthType>(|bits| bits as i32 % 1_200),
        T::Interval(_) => input.primitive::<IntervalDayTimeType>(|bits| {
            IntervalDayTime::new(bits as i32 % 400, ((bits >> 32) % (DAY * 1_000)) as i32)
        }),
        T::Utf8 => Arc::new(input.optional(text).collect::<StringArray>()),
        T::Binary => Arc::new(input.optional(|bits| text(bits).into_bytes()).collect::<BinaryArray>()),
        T::FixedSizeBinary(width) => Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(
            input.optional(|bits| bits.to_le_bytes().into_iter().cycle().take(*width as usize).collect::<Vec<u8>>()),
            *width,
        )?),
        T::List(item) => {
            let offsets = OffsetBuffer::<i32>::from_lengths(input.lengths());
            let child = array(item, offsets[rows] as usize, seed)?;
            Arc::new(ListArray::try_new(item.clone(), offsets, child, input.nulls)?)
        }
        T::LargeList(item) => {
            let offsets = OffsetBuffer::<i64>::from_lengths(input.lengths());
            let child = array(item, offsets[rows] as usize, seed)?;
            Arc::new(LargeListArray::try_new(item.clone(), offsets, child, input.nulls)?)
        }
        T::FixedSizeList(item, size) => {
            let child = array(item, rows * *size as usize, seed)?;
            Arc::new(FixedSizeListArray::try_new(item.clone(), *size, child, input.nulls)?)
        }
        T::Struct(fields) => {
            let children = fields.iter().map(|field| array(field, rows, seed)).collect::<Result<Vec<_>>>()?;
            Arc::new(StructArray::try_new(fields.clone(), children, input.nulls)?)
        }
        T::Map(entries, ordered) => {
            let offsets = OffsetBuffer::<i32>::from_lengths(input.lengths());
            let child = array(entries, offsets[rows] as usize, seed)?;
            let child = child.as_any().downcast_ref::<StructArray>().expect("entries are structs").clone();
            Arc::new(MapArray::try_new(entries.clone(), offsets, child, input.nulls, *ordered)?)
        }
        T::Dictionary(_, of) => {
            // Few distinct values, as a dictionary has.
            let distinct = values(of, 20, seed, None)?;
            let picks = Int32Array::from_iter(input.optional(|bits| (bits % 20) as i32));
            cast(&arrow_select::take::take(&distinct, &picks, None)?, data_type)?
        }
        T::RunEndEncoded(_, of) => cast(&array(of, rows, seed)?, data_type)?,
        T::ListView(item) => cast(&values(&T::List(item.clone()), rows, seed, input.nulls)?, data_type)?,
        T::Float16 => cast(&values(&T::Float32, rows, seed, input.nulls)?, data_type)?,
        T::LargeUtf8 | T::Utf8View => cast(&values(&T::Utf8, rows, seed, input.nulls)?, data_type)?,
        T::LargeBinary | T::BinaryView => cast(&values(&T::Binary, rows, seed, input.nulls)?, data_type)?,
        other => return Err(ArrowError::NotYetImplemented(format!("values of {other}"))),
    })
}

struct Input<'a> {
    data_type: &'a DataType,
    rows: usize,
    seed: u64,
    nulls: Option<NullBuffer>,
}

impl Input<'_> {
    fn primitive<T: ArrowPrimitiveType>(&self, value: impl Fn(u64) -> T::Native) -> ArrayRef {
        let values = (0..self.rows).map(|row| value(hash(self.seed, row))).collect::<Vec<_>>();
        // Precision, scale and zone are not part of the native type.
        let array = PrimitiveArray::<T>::new(values.into(), self.nulls.clone());
        Arc::new(array.with_data_type(self.data_type.clone()))
    }

    fn optional<T>(&self, value: impl Fn(u64) -> T) -> impl Iterator<Item = Option<T>> {
        (0..self.rows).map(move |row| {
            let valid = self.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
            valid.then(|| value(hash(self.seed, row)))
        })
    }

    /// Of lists: null ones have a length too, which nothing may show.
    fn lengths(&self) -> impl Iterator<Item = usize> {
        (0..self.rows).map(|row| hash(self.seed ^ 0x11, row) as usize % 4)
    }
}

/// Mostly plain numbers, and all the special ones.
fn double(bits: u64) -> f64 {
    match bits % 16 {
        0 => 0.0,
        1 => -0.0,
        2 => f64::NAN,
        3 => f64::INFINITY,
        4 => f64::NEG_INFINITY,
        5 => 1e-7,
        _ => f64::from(bits as i32 % 60_000) / 8.0,
    }
}

fn wide(bits: u64) -> i128 {
    (i128::from(bits) << 63 | i128::from(hash(bits, 0))) * if bits.is_multiple_of(2) { 1 } else { -1 }
}

fn ticks(bits: u64, per_second: i64) -> i64 {
    let seconds = bits.cast_signed() % (200 * 365 * DAY.cast_signed());
    seconds * per_second + (hash(bits, 1) % per_second.cast_unsigned()).cast_signed()
}

fn text(bits: u64) -> String {
    let words = (0..bits % 4).map(|word| WORDS[(hash(bits, word as usize) % WORDS.len() as u64) as usize]);
    let mut text = words.collect::<String>();
    if bits.is_multiple_of(7) {
        text = text.repeat(40);
    }
    text
}
