//! The values of a page: plain ones, codes of a dictionary, and what parquet decodes.

use std::ops::Range;
use std::sync::Arc;

use arrow_buffer::{ArrowNativeType, BooleanBuffer};
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::data_type::DataType as PhysicalType;
use parquet::encodings::decoding::{Decoder, get_decoder};
use parquet::encodings::rle::RleDecoder;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescPtr;

/// Codes that are unpacked at once, whatever is read: so that the next ones begin with a byte, where parquet unpacks fast.
const CODES: usize = 1024;
/// The most bits that a code can have.
const MAX_CODE_BITS: u8 = 32;

/// A physical value that Arrow has in the same bytes.
pub(in crate::column_reader) trait Fixed: ArrowNativeType {
    /// Its bytes, of which there have to be as many as it takes.
    fn of_bytes(bytes: &[u8]) -> Self;
}

macro_rules! fixed {
    ($($value:ty),*) => {
        $(impl Fixed for $value {
            fn of_bytes(bytes: &[u8]) -> Self {
                bytes.try_into().map_or(Self::default(), Self::from_le_bytes)
            }
        })*
    };
}
fixed!(i32, i64, f32, f64);

/// The values of a page that are not read yet.
pub(super) enum PageValues<P: PhysicalType> {
    /// The page's bytes, and where the next value begins.
    Plain(Bytes, usize),
    Codes(Codes),
    Other(Box<dyn Decoder<P>>),
}

impl<P: PhysicalType> PageValues<P>
where
    P::T: Fixed,
{
    /// Values in an encoding; as many as `most`.
    pub(super) fn new(data: Bytes, encoding: Encoding, most: usize, column: &ColumnDescPtr) -> Result<Self> {
        Ok(match encoding {
            Encoding::PLAIN => Self::Plain(data, 0),
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY => Self::Codes(Codes::new(&data)?),
            other => {
                let mut decoder = get_decoder::<P>(Arc::clone(column), other)?;
                decoder.set_data(data, most)?;
                Self::Other(decoder)
            }
        })
    }

    /// Appends the next values.
    pub(super) fn read(&mut self, count: usize, dictionary: Option<&[P::T]>, to: &mut Vec<P::T>) -> Result<()> {
        match self {
            Self::Plain(bytes, at) => {
                let bytes = bytes.get(*at..).unwrap_or_default();
                extend_plain(to, bytes, count)?;
                *at += count * size_of::<P::T>();
                Ok(())
            }
            Self::Codes(codes) => codes.look_up(count, known(dictionary)?, to),
            Self::Other(decoder) => {
                let start = to.len();
                to.resize(start + count, P::T::default());
                expect(count, decoder.get(&mut to[start..])?)
            }
        }
    }

    /// As `read`, but only those of the next values whose bit is set.
    pub(super) fn keep(&mut self, rows: &BooleanBuffer, dictionary: Option<&[P::T]>, to: &mut Vec<P::T>) -> Result<()> {
        match self {
            Self::Plain(bytes, at) => {
                let width = size_of::<P::T>();
                let values = bytes.get(*at..).unwrap_or_default();
                let (values, _) = values
                    .split_at_checked(rows.len() * width)
                    .ok_or_else(|| too_few(rows.len(), values.len() / width))?;
                to.extend(rows.set_indices().map(|row| P::T::of_bytes(&values[row * width..(row + 1) * width])));
                *at += rows.len() * width;
                Ok(())
            }
            Self::Codes(codes) => codes.look_up_kept(rows, known(dictionary)?, to),
            Self::Other(_) => {
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
            Self::Plain(_, at) => *at += count * size_of::<P::T>(),
            Self::Codes(codes) => codes.skip(count)?,
            Self::Other(decoder) => expect(count, decoder.skip(count)?)?,
        }
        Ok(())
    }
}

/// Appends plain values.
pub(super) fn extend_plain<T: Fixed>(to: &mut Vec<T>, bytes: &[u8], count: usize) -> Result<()> {
    let width = size_of::<T>();
    let taken = count.checked_mul(width).and_then(|length| bytes.get(..length));
    let taken = taken.ok_or_else(|| too_few(count, bytes.len() / width))?;
    to.extend(taken.chunks_exact(width).map(T::of_bytes));
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
