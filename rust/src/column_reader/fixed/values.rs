//! The values of a page: plain ones, codes of a dictionary, and what parquet decodes.

use std::sync::Arc;

use arrow_buffer::{ArrowNativeType, BooleanBuffer};
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::data_type::{
    DataType as PhysicalType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
};
use parquet::encodings::decoding::{Decoder, get_decoder};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};

use super::super::codes::{Codes, expect, known, too_few, unknown};
use super::super::column_pages::PageValues;
use super::places::Places;
use crate::rows::kept_rows::{has_long_runs, kept_rows};

/// A value of an array, and how pages have it.
pub(in crate::column_reader) trait Fixed: ArrowNativeType + Into<Self::Wide> {
    /// What parquet decodes.
    type Physical: PhysicalType;

    /// What batches show it as, where not as it is: decimals have 16 bytes there.
    type Wide: ArrowNativeType;

    /// Bytes of each plain value of a column.
    fn width(column: &ColumnDescriptor) -> usize;

    /// Of the plain value that the bytes begin with, of this width; what is behind it may be looked at, and is of no matter.
    fn of_bytes(bytes: &[u8], width: usize) -> Self;

    /// Appends plain values.
    fn extend(to: &mut impl Places<Self>, bytes: &[u8], width: usize);

    /// Appends what a decoder gives next, `count` at most, of this width; tells how many there were.
    fn decode(
        decoder: &mut dyn Decoder<Self::Physical>,
        count: usize,
        width: usize,
        to: &mut Vec<Self>,
    ) -> Result<usize>;
}

macro_rules! numbers {
    ($($value:ty: $physical:ty, $wide:ty;)*) => {
        $(impl Fixed for $value {
            type Physical = $physical;
            type Wide = $wide;

            fn width(_: &ColumnDescriptor) -> usize {
                size_of::<Self>()
            }

            fn of_bytes(bytes: &[u8], _: usize) -> Self {
                bytes.first_chunk().map_or(Self::default(), |bytes| Self::from_le_bytes(*bytes))
            }

            fn extend(to: &mut impl Places<Self>, bytes: &[u8], _: usize) {
                to.put(bytes.as_chunks().0.iter().map(|bytes| Self::from_le_bytes(*bytes)));
            }

            fn decode(decoder: &mut dyn Decoder<$physical>, count: usize, _: usize, to: &mut Vec<Self>) -> Result<usize> {
                let start = to.len();
                to.resize(start + count, Self::default());
                decoder.get(&mut to[start..])
            }
        })*
    };
}
numbers!(i32: Int32Type, i128; i64: Int64Type, i128; f32: FloatType, f32; f64: DoubleType, f64;);

/// Decimals of up to 16 bytes, of which the highest comes first.
impl Fixed for i128 {
    type Physical = FixedLenByteArrayType;
    type Wide = Self;

    fn width(column: &ColumnDescriptor) -> usize {
        usize::try_from(column.type_length()).unwrap_or(0)
    }

    fn of_bytes(bytes: &[u8], width: usize) -> Self {
        let wide = bytes.first_chunk().copied().unwrap_or_else(|| {
            let mut wide = [0; size_of::<Self>()];
            wide[..bytes.len()].copy_from_slice(bytes);
            wide
        });
        // The shift drops what is behind the value, and repeats its sign.
        Self::from_be_bytes(wide) >> (8 * (size_of::<Self>() - width))
    }

    fn extend(to: &mut impl Places<Self>, bytes: &[u8], width: usize) {
        to.put((0..bytes.len() / width).map(|index| Self::of_bytes(&bytes[index * width..], width)));
    }

    fn decode(
        decoder: &mut dyn Decoder<FixedLenByteArrayType>,
        count: usize,
        width: usize,
        to: &mut Vec<Self>,
    ) -> Result<usize> {
        let mut values = vec![FixedLenByteArray::default(); count];
        let found = decoder.get(&mut values)?;
        for value in &values[..found] {
            if value.len() != width {
                let message = format!("a value has {} bytes, and those of its column {width}", value.len());
                return Err(ParquetError::General(message));
            }
            to.push(Self::of_bytes(value.data(), width));
        }
        Ok(found)
    }
}

/// The values of a page that are not read yet.
pub(super) enum FixedValues<T: Fixed> {
    /// The page's bytes, where the next value begins, and how many bytes each takes.
    Plain {
        bytes: Bytes,
        at: usize,
        width: usize,
    },
    Codes(Codes),
    Other {
        decoder: Box<dyn Decoder<T::Physical>>,
        width: usize,
    },
}

impl<T: Fixed> PageValues for FixedValues<T> {
    type Dictionary = Vec<T>;

    fn dictionary(bytes: &Bytes, count: usize, column: &ColumnDescPtr) -> Result<Vec<T>> {
        let mut values = Vec::new();
        extend_plain(&mut values, bytes, count, T::width(column))?;
        Ok(values)
    }

    fn new(data: Bytes, encoding: Encoding, most: usize, column: &ColumnDescPtr) -> Result<Self> {
        Ok(match encoding {
            Encoding::PLAIN => Self::Plain { bytes: data, at: 0, width: T::width(column) },
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY => Self::Codes(Codes::new(&data)?),
            other => {
                let mut decoder = get_decoder::<T::Physical>(Arc::clone(column), other)?;
                decoder.set_data(data, most)?;
                Self::Other { decoder, width: T::width(column) }
            }
        })
    }

    fn skip(&mut self, count: usize) -> Result<()> {
        match self {
            Self::Plain { at, width, .. } => *at += count * *width,
            Self::Codes(codes) => codes.skip(count)?,
            Self::Other { decoder, .. } => expect(count, decoder.skip(count)?)?,
        }
        Ok(())
    }
}

impl<T: Fixed> FixedValues<T> {
    /// Appends the next values.
    pub(super) fn read(&mut self, count: usize, dictionary: Option<&[T]>, to: &mut impl Places<T>) -> Result<()> {
        match self {
            Self::Plain { bytes, at, width } => {
                extend_plain(to, bytes.get(*at..).unwrap_or_default(), count, *width)?;
                *at += count * *width;
                Ok(())
            }
            // Without a value, there may be no dictionary.
            Self::Codes(_) if count == 0 => Ok(()),
            Self::Codes(codes) => look_up(codes, count, known(dictionary)?, to),
            Self::Other { decoder, width } => {
                let mut values = Vec::new();
                expect(count, T::decode(decoder.as_mut(), count, *width, &mut values)?)?;
                to.put(values.into_iter());
                Ok(())
            }
        }
    }

    /// As `read`, but only those of the next values whose bit is set.
    pub(super) fn keep<P: Places<T>>(
        &mut self,
        rows: &BooleanBuffer,
        dictionary: Option<&[T]>,
        to: &mut P,
    ) -> Result<()> {
        if has_long_runs(rows) {
            return self.read_runs(rows, dictionary, to);
        }
        match self {
            Self::Plain { bytes, at, width } => {
                let values = bytes.get(*at..).unwrap_or_default();
                if values.len() / *width < rows.len() {
                    return Err(too_few(rows.len(), values.len() / *width));
                }
                for some in kept_rows(rows.bit_chunks()) {
                    for (place, row) in to.next(some.len()).iter_mut().zip(some) {
                        *place = P::shown(T::of_bytes(&values[row * *width..], *width));
                    }
                }
                *at += rows.len() * *width;
                Ok(())
            }
            Self::Codes(codes) => look_up_kept(codes, rows, known(dictionary)?, to),
            Self::Other { .. } => {
                let mut values = Vec::new();
                self.read(rows.len(), dictionary, &mut values)?;
                for some in kept_rows(rows.bit_chunks()) {
                    to.put(some.map(|row| values[row]));
                }
                Ok(())
            }
        }
    }

    fn read_runs(&mut self, rows: &BooleanBuffer, dictionary: Option<&[T]>, to: &mut impl Places<T>) -> Result<()> {
        let mut passed = 0;
        for (start, end) in rows.set_slices() {
            self.skip(start - passed)?;
            self.read(end - start, dictionary, to)?;
            passed = end;
        }
        self.skip(rows.len() - passed)
    }
}

/// Appends so many plain values of this width.
fn extend_plain<T: Fixed>(to: &mut impl Places<T>, bytes: &[u8], count: usize, width: usize) -> Result<()> {
    let taken = count.checked_mul(width).and_then(|length| bytes.get(..length));
    T::extend(to, taken.ok_or_else(|| too_few(count, bytes.len() / width))?, width);
    Ok(())
}

/// Appends what the next codes stand for.
fn look_up<T: Fixed, P: Places<T>>(codes: &mut Codes, count: usize, dictionary: &[T], to: &mut P) -> Result<()> {
    let mut left = count;
    while left > 0 {
        let codes = codes.take(left)?;
        left -= codes.len();
        for (place, code) in to.next(codes.len()).iter_mut().zip(codes) {
            *place = P::shown(of_code(*code, dictionary)?);
        }
    }
    Ok(())
}

/// The same of those codes whose bit is set.
fn look_up_kept<T: Fixed, P: Places<T>>(
    codes: &mut Codes,
    rows: &BooleanBuffer,
    dictionary: &[T],
    to: &mut P,
) -> Result<()> {
    let mut at = 0;
    while at < rows.len() {
        let codes = codes.take(rows.len() - at)?;
        for some in kept_rows(rows.slice(at, codes.len()).bit_chunks()) {
            for (place, row) in to.next(some.len()).iter_mut().zip(some) {
                *place = P::shown(of_code(codes[row], dictionary)?);
            }
        }
        at += codes.len();
    }
    Ok(())
}

fn of_code<T: Copy>(code: i32, dictionary: &[T]) -> Result<T> {
    dictionary.get(code as u32 as usize).copied().ok_or_else(|| unknown(code, dictionary.len()))
}
