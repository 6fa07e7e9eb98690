//! Where a constant lies among the values of a type: what makes comparisons with it exact.
//!
//! No value of an integer column is 1.5; but it lies after 1 and before 2, which decides every comparison without a
//! conversion of the column.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float16Type,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType, Time32SecondType,
    Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    ArrayRef, BinaryArray, BinaryViewArray, BooleanArray, FixedSizeBinaryArray, LargeBinaryArray, LargeStringArray,
    PrimitiveArray, StringArray, StringViewArray,
};
use arrow_buffer::{Buffer, i256};
use arrow_schema::{DataType, TimeUnit};

use super::exact::{Exact, Scaled};
use super::literal::{DAY, Literal, parse_date_time, parse_time};
use super::types::{is_binary, is_date_or_timestamp, is_string, is_time, nanoseconds, precision_and_scale};

/// Where a constant lies among the values of a type.
#[derive(Debug, Clone)]
pub enum Place {
    /// It is this value, in an array of one.
    At(ArrayRef),
    /// After this value, and before the next.
    After(ArrayRef),
    /// Before all values.
    Below,
    /// After all values.
    Above,
}

/// Why a constant has no place among the values of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// They are of different kinds.
    Kind,
    /// It is a text that doesn't read as one of the type's values.
    Text,
}

/// Places a constant other than null among the values of a type that is no dictionary.
///
/// # Errors
/// Why it has no place.
pub fn place(literal: &Literal, data_type: &DataType) -> Result<Place, Misfit> {
    use DataType::{Boolean, Float16, Float32, Float64};
    match (literal, data_type) {
        (Literal::Boolean(value), Boolean) => Ok(Place::At(Arc::new(BooleanArray::from(vec![*value])))),
        (Literal::String(text), Boolean) => match text.as_str() {
            "true" => Ok(Place::At(Arc::new(BooleanArray::from(vec![true])))),
            "false" => Ok(Place::At(Arc::new(BooleanArray::from(vec![false])))),
            _ => Err(Misfit::Text),
        },
        (Literal::String(text), _) if is_string(data_type) => string(text, data_type).ok_or(Misfit::Kind),
        // Old writers store texts as bytes without saying so.
        (Literal::String(text), _) if is_binary(data_type) => bytes(text.as_bytes(), data_type).ok_or(Misfit::Kind),
        (Literal::Bytes(value), _) => bytes(value, data_type).ok_or(Misfit::Kind),
        (_, Float16 | Float32 | Float64) => float(literal, data_type),
        _ if data_type.is_integer() || precision_and_scale(data_type).is_some() => number(literal, data_type),
        _ if is_date_or_timestamp(data_type) => {
            let instant = match literal {
                Literal::String(text) => parse_date_time(text).ok_or(Misfit::Text)?,
                other => other.instant().ok_or(Misfit::Kind)?,
            };
            let unit = match data_type {
                DataType::Timestamp(unit, _) => nanoseconds(*unit),
                DataType::Date64 => nanoseconds(TimeUnit::Millisecond),
                _ => DAY,
            };
            Ok(ticks(instant, unit, data_type))
        }
        _ if is_time(data_type) => {
            let time = match literal {
                Literal::String(text) => parse_time(text).ok_or(Misfit::Text)?,
                Literal::PlainTime(time) => *time,
                _ => return Err(Misfit::Kind),
            };
            let (DataType::Time32(unit) | DataType::Time64(unit)) = data_type else { return Err(Misfit::Kind) };
            Ok(ticks(i128::from(time), nanoseconds(*unit), data_type))
        }
        _ => Err(Misfit::Kind),
    }
}

fn number(literal: &Literal, data_type: &DataType) -> Result<Place, Misfit> {
    let scale = precision_and_scale(data_type).map(|(_, scale)| scale);
    let exact = match literal {
        Literal::Number(value) => {
            // 0.05 beside a decimal is five hundredths, not the double next to it.
            let exact = if scale.is_some() { Exact::shortest(*value) } else { Exact::of_double(*value) };
            match exact {
                Some(exact) => exact,
                None if *value == f64::NEG_INFINITY => return Ok(Place::Below),
                None => return Ok(Place::Above),
            }
        }
        Literal::BigInt(exact) | Literal::Decimal(exact) => exact.clone(),
        Literal::String(text) => Exact::parse(text).ok_or(Misfit::Text)?,
        _ => return Err(Misfit::Kind),
    };
    Ok(scaled(exact.scaled(scale.unwrap_or(0)), data_type))
}

fn ticks(value: i128, unit: i128, data_type: &DataType) -> Place {
    let floor = value.div_euclid(unit);
    let is_exact = value.rem_euclid(unit) == 0;
    scaled(Scaled { floor: Some(i256::from_i128(floor)), is_exact, negative: value < 0 }, data_type)
}

/// Makes a value of a type that counts in integers; the native type's range decides, not a decimal's precision, which
/// values may exceed.
fn scaled(value: Scaled, data_type: &DataType) -> Place {
    let outside = if value.negative { Place::Below } else { Place::Above };
    match value.floor.and_then(|floor| integer_array(floor, data_type)) {
        Some(array) if value.is_exact => Place::At(array),
        Some(array) => Place::After(array),
        None => outside,
    }
}

/// One value of a type that counts in integers; none where the type doesn't hold it.
pub(crate) fn integer_array(value: i256, data_type: &DataType) -> Option<ArrayRef> {
    fn of<T: ArrowPrimitiveType>(value: i256, data_type: &DataType) -> Option<ArrayRef>
    where
        T::Native: TryFrom<i128>,
    {
        let native = T::Native::try_from(value.to_i128()?).ok()?;
        Some(Arc::new(PrimitiveArray::<T>::from_value(native, 1).with_data_type(data_type.clone())))
    }
    use DataType::{
        Date32, Date64, Decimal32, Decimal64, Decimal128, Decimal256, Duration, Int8, Int16, Int32, Int64, Time32,
        Time64, Timestamp, UInt8, UInt16, UInt32, UInt64,
    };
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    match data_type {
        Int8 => of::<Int8Type>(value, data_type),
        Int16 => of::<Int16Type>(value, data_type),
        Int32 => of::<Int32Type>(value, data_type),
        Int64 => of::<Int64Type>(value, data_type),
        UInt8 => of::<UInt8Type>(value, data_type),
        UInt16 => of::<UInt16Type>(value, data_type),
        UInt32 => of::<UInt32Type>(value, data_type),
        UInt64 => of::<UInt64Type>(value, data_type),
        Decimal32(..) => of::<Decimal32Type>(value, data_type),
        Decimal64(..) => of::<Decimal64Type>(value, data_type),
        Decimal128(..) => of::<Decimal128Type>(value, data_type),
        Decimal256(..) => {
            let array = PrimitiveArray::<Decimal256Type>::from_value(value, 1).with_data_type(data_type.clone());
            Some(Arc::new(array))
        }
        Date32 => of::<Date32Type>(value, data_type),
        Date64 => of::<Date64Type>(value, data_type),
        Time32(Second) => of::<Time32SecondType>(value, data_type),
        Time32(_) => of::<Time32MillisecondType>(value, data_type),
        Time64(Microsecond) => of::<Time64MicrosecondType>(value, data_type),
        Time64(_) => of::<Time64NanosecondType>(value, data_type),
        Timestamp(Second, _) => of::<TimestampSecondType>(value, data_type),
        Timestamp(Millisecond, _) => of::<TimestampMillisecondType>(value, data_type),
        Timestamp(Microsecond, _) => of::<TimestampMicrosecondType>(value, data_type),
        Timestamp(Nanosecond, _) => of::<TimestampNanosecondType>(value, data_type),
        Duration(Second) => of::<DurationSecondType>(value, data_type),
        Duration(Millisecond) => of::<DurationMillisecondType>(value, data_type),
        Duration(Microsecond) => of::<DurationMicrosecondType>(value, data_type),
        Duration(Nanosecond) => of::<DurationNanosecondType>(value, data_type),
        _ => None,
    }
}

fn float(literal: &Literal, data_type: &DataType) -> Result<Place, Misfit> {
    let exact = match literal {
        Literal::Number(value) => return Ok(double(*value, true, data_type)),
        Literal::String(text) => {
            let value = match text.as_str() {
                "NaN" => f64::NAN,
                "Infinity" => f64::INFINITY,
                "-Infinity" => f64::NEG_INFINITY,
                text => Exact::parse(text).ok_or(Misfit::Text)?.to_double(),
            };
            return Ok(double(value, true, data_type));
        }
        Literal::BigInt(exact) | Literal::Decimal(exact) => exact,
        _ => return Err(Misfit::Kind),
    };
    let nearest = exact.to_double();
    let below = match Exact::of_double(nearest) {
        Some(double) if double > *exact => nearest.next_down(),
        None if nearest > 0.0 => f64::MAX,
        _ => nearest,
    };
    let is_exact = Exact::of_double(nearest).as_ref() == Some(exact);
    Ok(double(if is_exact { nearest } else { below }, is_exact, data_type))
}

/// Places a number that is a double, or that lies between this one and the next.
#[expect(clippy::float_cmp, reason = "whether a conversion lost something")]
fn double(low: f64, is_exact: bool, data_type: &DataType) -> Place {
    macro_rules! place {
        ($type:ty, $nearest:expr, $wide:expr, $down:expr) => {{
            let nearest = $nearest;
            let array = |value| Arc::new(PrimitiveArray::<$type>::from_value(value, 1)) as ArrayRef;
            let wide = $wide(nearest);
            if low.is_nan() || (wide == low && is_exact) {
                Place::At(array(nearest))
            } else if wide > low {
                Place::After(array($down(nearest)))
            } else {
                Place::After(array(nearest))
            }
        }};
    }
    // Equal values have equal bits: what reads the literal may compare bits.
    let low = if low.is_nan() { f64::NAN } else { low + 0.0 };
    match data_type {
        DataType::Float16 => {
            type Half = <Float16Type as ArrowPrimitiveType>::Native;
            let down = |value: Half| {
                let bits = value.to_bits();
                // Towards minus infinity: up in magnitude below zero, down above it.
                Half::from_bits(match bits {
                    0 | 0x8000 => 0x8001,
                    0x8001.. => bits + 1,
                    _ => bits - 1,
                })
            };
            place!(Float16Type, Half::from_f64(low), |value: Half| value.to_f64(), down)
        }
        DataType::Float32 => place!(Float32Type, low as f32, f64::from, |value: f32| value.next_down()),
        _ => place!(Float64Type, low, |value: f64| value, |value: f64| value.next_down()),
    }
}

fn string(text: &str, data_type: &DataType) -> Option<Place> {
    Some(Place::At(match data_type {
        DataType::Utf8 => Arc::new(StringArray::from(vec![text])),
        DataType::LargeUtf8 => Arc::new(LargeStringArray::from(vec![text])),
        DataType::Utf8View => Arc::new(StringViewArray::from(vec![text])),
        _ => return None,
    }))
}

fn bytes(value: &[u8], data_type: &DataType) -> Option<Place> {
    Some(Place::At(match data_type {
        DataType::Binary => Arc::new(BinaryArray::from(vec![value])),
        DataType::LargeBinary => Arc::new(LargeBinaryArray::from(vec![value])),
        DataType::BinaryView => Arc::new(BinaryViewArray::from(vec![value])),
        DataType::FixedSizeBinary(size) => return fixed(value, *size),
        _ => return None,
    }))
}

/// Places bytes among those of one length: longer ones come after their beginning, shorter ones just before themselves
/// with zeros added.
fn fixed(value: &[u8], size: i32) -> Option<Place> {
    let length = usize::try_from(size).ok()?;
    let array = |bytes: Vec<u8>| -> Option<ArrayRef> {
        Some(Arc::new(FixedSizeBinaryArray::try_new_with_len(size, Buffer::from_vec(bytes), None, 1).ok()?))
    };
    Some(match value.len().cmp(&length) {
        std::cmp::Ordering::Equal => Place::At(array(value.to_vec())?),
        std::cmp::Ordering::Greater => Place::After(array(value[..length].to_vec())?),
        std::cmp::Ordering::Less => {
            let mut before = value.to_vec();
            before.resize(length, 0);
            match before.iter().rposition(|byte| *byte > 0) {
                None => Place::Below,
                Some(last) => {
                    before[last] -= 1;
                    before[last + 1..].fill(0xff);
                    Place::After(array(before)?)
                }
            }
        }
    })
}
