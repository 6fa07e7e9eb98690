//! The values of a page: plain ones, codes of a dictionary, and what parquet decodes.

use std::ops::Range;
use std::sync::Arc;

use arrow_buffer::{ArrowNativeType, BooleanBuffer};
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::data_type::{
    DataType as PhysicalType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
};
use parquet::encodings::decoding::{Decoder, get_decoder};
use parquet::encodings::rle::RleDecoder;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};

/// Codes that are unpacked at once, whatever is read: so that the next ones begin with a byte, where parquet unpacks fast.
const CODES: usize = 1024;
/// The most bits that a code can have.
const MAX_CODE_BITS: u8 = 32;

/// A value of an array, and how pages have it.
pub(in crate::column_reader) trait Fixed: ArrowNativeType {
    /// What parquet decodes.
    type Physical: PhysicalType;

    /// Bytes of each plain value of a column.
    fn width(column: &ColumnDescriptor) -> usize;

    /// Of the plain value that the bytes begin with, of this width; what is behind it may be looked at, and is of no matter.
    fn of_bytes(bytes: &[u8], width: usize) -> Self;

    /// Appends plain values.
    fn extend(to: &mut Vec<Self>, bytes: &[u8], width: usize);

    /// Appends what a decoder gives next, `count` at most, of this width; tells how many there were.
    fn decode(
        decoder: &mut dyn Decoder<Self::Physical>,
        count: usize,
        width: usize,
        to: &mut Vec<Self>,
    ) -> Result<usize>;
}

macro_rules! numbers {
    ($($value:ty: $physical:ty),*) => {
        $(impl Fixed for $value {
            type Physical = $physical;

            fn width(_: &ColumnDescriptor) -> usize {
                size_of::<Self>()
            }

            fn of_bytes(bytes: &[u8], _: usize) -> Self {
                bytes.first_chunk().map_or(Self::default(), |bytes| Self::from_le_bytes(*bytes))
            }

            fn extend(to: &mut Vec<Self>, bytes: &[u8], _: usize) {
                to.extend(bytes.as_chunks().0.iter().map(|bytes| Self::from_le_bytes(*bytes)));
            }

            fn decode(decoder: &mut dyn Decoder<$physical>, count: usize, _: usize, to: &mut Vec<Self>) -> Result<usize> {
                let start = to.len();
                to.resize(start + count, Self::default());
                decoder.get(&mut to[start..])
            }
        })*
    };
}
numbers!(i32: Int32Type, i64: Int64Type, f32: FloatType, f64: DoubleType);

/// Decimals of up to 16 bytes, of which the highest comes first.
impl Fixed for i128 {
    type Physical = FixedLenByteArrayType;

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

    fn extend(to: &mut Vec<Self>, bytes: &[u8], width: usize) {
        to.extend((0..bytes.len() / width).map(|index| Self::of_bytes(&bytes[index * width..], width)));
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
pub(super) enum PageValues<T: Fixed> {
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

impl<T: Fixed> PageValues<T> {
    /// Values in an encoding; as many as `most`.
    pub(super) fn new(data: Bytes, encoding: Encoding, most: usize, column: &ColumnDescPtr) -> Result<Self> {
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

    /// Appends the next values.
    pub(super) fn read(&mut self, count: usize, dictionary: Option<&[T]>, to: &mut Vec<T>) -> Result<()> {
        match self {
            Self::Plain { bytes, at, width } => {
                extend_plain(to, bytes.get(*at..).unwrap_or_default(), count, *width)?;
                *at += count * *width;
                Ok(())
            }
            Self::Codes(codes) => codes.look_up(count, known(dictionary)?, to),
            Self::Other { decoder, width } => expect(count, T::decode(decoder.as_mut(), count, *width, to)?),
        }
    }

    /// As `read`, but only those of the next values whose bit is set.
    pub(super) fn keep(&mut self, rows: &BooleanBuffer, dictionary: Option<&[T]>, to: &mut Vec<T>) -> Result<()> {
        match self {
            Self::Plain { bytes, at, width } => {
                let values = bytes.get(*at..).unwrap_or_default();
                if values.len() / *width < rows.len() {
                    return Err(too_few(rows.len(), values.len() / *width));
                }
                to.extend(rows.set_indices().map(|row| T::of_bytes(&values[row * *width..], *width)));
                *at += rows.len() * *width;
                Ok(())
            }
            Self::Codes(codes) => codes.look_up_kept(rows, known(dictionary)?, to),
            Self::Other { .. } => {
                let start = to.len();
                self.read(rows.len(), dictionary, to)?;
                keep_behind(to, start, rows);
                Ok(())
            }
        }
    }

    /// Passes the next values.
    pub(super) fn skip(&mut self, count: usize) -> Result<()> {
        match self {
            Self::Plain { at, width, .. } => *at += count * *width,
            Self::Codes(codes) => codes.skip(count)?,
            Self::Other { decoder, .. } => expect(count, decoder.skip(count)?)?,
        }
        Ok(())
    }
}

/// Appends so many plain values of this width.
pub(super) fn extend_plain<T: Fixed>(to: &mut Vec<T>, bytes: &[u8], count: usize, width: usize) -> Result<()> {
    let taken = count.checked_mul(width).and_then(|length| bytes.get(..length));
    T::extend(to, taken.ok_or_else(|| too_few(count, bytes.len() / width))?, width);
    Ok(())
}

/// A page's codes.
pub(super) struct Codes {
    decoder: RleDecoder,
    /// Codes that were unpacked, of which these are not taken yet.
    unpacked: Box<[i32; CODES]>,
    rest: Range<usize>,
}

impl Codes {
    fn new(page: &Bytes) -> Result<Self> {
        let bits = *page.first().ok_or_else(|| ParquetError::EOF("a page of codes has no byte".into()))?;
        if bits > MAX_CODE_BITS {
            let message = format!("a page has codes of {bits} bits, and they can have {MAX_CODE_BITS}");
            return Err(ParquetError::General(message));
        }
        let mut decoder = RleDecoder::new(bits);
        decoder.set_data(page.slice(1..))?;
        Ok(Self { decoder, unpacked: Box::new([0; CODES]), rest: 0..0 })
    }

    /// Takes some of the next codes, `most` at most.
    fn take(&mut self, most: usize) -> Result<&[i32]> {
        if self.rest.is_empty() {
            self.rest = 0..self.decoder.get_batch(self.unpacked.as_mut_slice())?;
        }
        let taken = self.rest.start..self.rest.end.min(self.rest.start + most);
        self.rest.start = taken.end;
        if taken.is_empty() { Err(too_few(most, 0)) } else { Ok(&self.unpacked[taken]) }
    }

    /// Appends what the next codes stand for.
    fn look_up<T: Fixed>(&mut self, count: usize, dictionary: &[T], to: &mut Vec<T>) -> Result<()> {
        let mut left = count;
        while left > 0 {
            let codes = self.take(left)?;
            left -= codes.len();
            let start = to.len();
            to.resize(start + codes.len(), T::default());
            for (value, code) in to[start..].iter_mut().zip(codes) {
                *value = *dictionary.get(*code as u32 as usize).ok_or_else(|| unknown(*code, dictionary.len()))?;
            }
        }
        Ok(())
    }

    /// The same of those codes whose bit is set.
    fn look_up_kept<T: Fixed>(&mut self, kept: &BooleanBuffer, dictionary: &[T], to: &mut Vec<T>) -> Result<()> {
        let mut at = 0;
        while at < kept.len() {
            let codes = self.take(kept.len() - at)?;
            for index in kept.slice(at, codes.len()).set_indices() {
                let code = codes[index];
                to.push(*dictionary.get(code as u32 as usize).ok_or_else(|| unknown(code, dictionary.len()))?);
            }
            at += codes.len();
        }
        Ok(())
    }

    fn skip(&mut self, count: usize) -> Result<()> {
        let unpacked = count.min(self.rest.len());
        self.rest.start += unpacked;
        let left = count - unpacked;
        // To skip within a byte would make all that follows slow.
        let whole = left - left % CODES;
        expect(whole, self.decoder.skip(whole)?)?;
        let mut left = left - whole;
        while left > 0 {
            left -= self.take(left)?.len();
        }
        Ok(())
    }
}

/// Leaves of the values from `start` on those whose bit is set.
pub(super) fn keep_behind<T: Copy>(values: &mut Vec<T>, start: usize, kept: &BooleanBuffer) {
    let mut end = start;
    for index in kept.set_indices() {
        values[end] = values[start + index];
        end += 1;
    }
    values.truncate(end);
}

fn known<T>(dictionary: Option<&[T]>) -> Result<&[T]> {
    dictionary.ok_or_else(|| ParquetError::General("a page of codes has no dictionary in front of it".into()))
}

#[cold]
fn unknown(code: i32, length: usize) -> ParquetError {
    ParquetError::General(format!("a dictionary of {length} values has none for the code {}", code as u32))
}

fn expect(expected: usize, found: usize) -> Result<()> {
    if found == expected { Ok(()) } else { Err(too_few(expected, found)) }
}

fn too_few(expected: usize, found: usize) -> ParquetError {
    ParquetError::General(format!("a page has {found} of {expected} values"))
}
