//! A page's codes, of which parquet unpacks the runs and the packed bits.

use std::ops::Range;

use bytes::Bytes;
use parquet::encodings::rle::RleDecoder;
use parquet::errors::{ParquetError, Result};

/// Codes that are unpacked at once, whatever is read: so that the next ones begin with a byte, where parquet unpacks fast.
const CODES: usize = 1024;
/// The most bits that a code can have.
const MAX_CODE_BITS: u8 = 32;

/// The codes of a page that are not taken yet.
pub(super) struct Codes {
    decoder: RleDecoder,
    /// Codes that were unpacked, of which these are not taken yet.
    unpacked: Box<[i32; CODES]>,
    rest: Range<usize>,
}

impl Codes {
    /// The codes of a page, of which the first byte has their bits.
    pub(super) fn new(page: &Bytes) -> Result<Self> {
        let bits = *page.first().ok_or_else(|| ParquetError::EOF("a page of codes has no byte".into()))?;
        if bits > MAX_CODE_BITS {
            let message = format!("a page has codes of {bits} bits, and they can have {MAX_CODE_BITS}");
            return Err(ParquetError::General(message));
        }
        let mut decoder = RleDecoder::new(bits);
        decoder.set_data(page.slice(1..))?;
        Ok(Self { decoder, unpacked: Box::new([0; CODES]), rest: 0..0 })
    }

    /// Takes some of the next codes, `most` at most and at least one.
    pub(super) fn take(&mut self, most: usize) -> Result<&[i32]> {
        if self.rest.is_empty() {
            self.rest = 0..self.decoder.get_batch(self.unpacked.as_mut_slice())?;
        }
        let taken = self.rest.start..self.rest.end.min(self.rest.start + most);
        self.rest.start = taken.end;
        if taken.is_empty() { Err(too_few(most, 0)) } else { Ok(&self.unpacked[taken]) }
    }

    /// Passes the next codes.
    pub(super) fn skip(&mut self, count: usize) -> Result<()> {
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

/// The dictionary that codes are of.
pub(super) fn known<D: ?Sized>(dictionary: Option<&D>) -> Result<&D> {
    dictionary.ok_or_else(|| ParquetError::General("a page of codes has no dictionary in front of it".into()))
}

#[cold]
pub(super) fn unknown(code: i32, length: usize) -> ParquetError {
    ParquetError::General(format!("a dictionary of {length} values has none for the code {}", code as u32))
}

/// # Errors
/// A page has not as many values as it should.
pub(super) fn expect(expected: usize, found: usize) -> Result<()> {
    if found == expected { Ok(()) } else { Err(too_few(expected, found)) }
}

pub(super) fn too_few(expected: usize, found: usize) -> ParquetError {
    ParquetError::General(format!("a page has {found} of {expected} values"))
}
