//! Parts of a file as buffers that a consumer may write to.

use std::ops::Range;

use arrow_buffer::Buffer;
use bytes::Bytes;
use memmap2::{MmapMut, MmapOptions};

use super::{IoMode, RangeReader, Source, WORTH_MAPPING, changed};
use crate::error::{Result, SpillwayError};
#[cfg(unix)]
use crate::map_guard::MapGuard;
use crate::memory::allocation;

/// A part of a file that is mapped. The guard goes first: a map is unmapped unguarded.
struct MappedRegion {
    #[cfg(unix)]
    _guard: MapGuard,
    map: MmapMut,
}

impl AsRef<[u8]> for MappedRegion {
    fn as_ref(&self) -> &[u8] {
        &self.map
    }
}

impl Source {
    /// The bytes of a range: mapped, which costs no copy, or read.
    ///
    /// A map is private: what a consumer writes to it stays with the consumer, and the file stays as it is.
    ///
    /// # Errors
    /// `FILE_CHANGED` for a file that is no longer as it was, `CORRUPT_FILE` for a range beyond its end, `FILE_ACCESS`.
    pub fn region(&self, range: Range<u64>, io: IoMode) -> Result<Buffer> {
        let from_parquet = |error| SpillwayError::from_parquet(&error);
        let length = range.end.saturating_sub(range.start);
        self.check_bounds(range.start, length).map_err(from_parquet)?;
        self.check_unchanged()?;
        if io == IoMode::Mmap
            && length >= WORTH_MAPPING
            && let Some(region) = self.mapped_region(range.start, length as usize)
        {
            return Ok(region);
        }
        let mut buffer = allocation::buffer(length as usize);
        buffer.resize(length as usize, 0);
        self.read_into(range.start, buffer.as_slice_mut())?;
        Ok(buffer.into())
    }

    /// As many bytes as a range has, of which only those of the `parts` are read, which lie within and are counted from its
    /// start; the others are zeros, which take no memory where they are many. Nothing that changes in the file later shows.
    ///
    /// # Errors
    /// As [`Source::region`].
    pub fn parts(&self, range: Range<u64>, parts: &[Range<u64>]) -> Result<Buffer> {
        let length = range.end.saturating_sub(range.start);
        self.check_bounds(range.start, length).map_err(|error| SpillwayError::from_parquet(&error))?;
        self.check_unchanged()?;
        let mut buffer = allocation::zeroed(length as usize);
        for part in parts.iter().filter(|part| !part.is_empty()) {
            let bytes = buffer.get_mut(part.start as usize..part.end as usize);
            let bytes = bytes.ok_or_else(|| SpillwayError::internal("a part lies outside of its range"))?;
            self.read_into(range.start + part.start, bytes)?;
        }
        Ok(buffer.into())
    }

    fn read_into(&self, offset: u64, bytes: &mut [u8]) -> Result<()> {
        let mut reader = RangeReader { source: self.clone(), offset };
        std::io::Read::read_exact(&mut reader, bytes).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => changed(),
            _ => SpillwayError::from_parquet(&error.into()),
        })
    }

    /// A map of the range; `None` where the system gives none, or it can't be guarded.
    fn mapped_region(&self, start: u64, length: usize) -> Option<Buffer> {
        let mut options = MmapOptions::new();
        // SAFETY: the map is private, so that writes to it reach no one else. The file may be changed by others, as every
        // file may: readers check that it is as it was before and after they decode, and see zeros where it was cut off.
        let map = unsafe { options.offset(start).len(length).map_copy(&self.0.file) }.ok()?;
        self.0.bytes_read.fetch_add(length as u64, std::sync::atomic::Ordering::Relaxed);
        let region = MappedRegion {
            #[cfg(unix)]
            _guard: MapGuard::new(&map, &self.0.broken)?,
            map,
        };
        Some(Buffer::from(Bytes::from_owner(region)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::error::ErrorCode;

    fn file_of(bytes: &[u8]) -> (tempfile::NamedTempFile, Source) {
        let mut file = tempfile::NamedTempFile::new().expect("file");
        file.write_all(bytes).expect("bytes");
        let source = Source::open(file.path().to_str().expect("path"), IoMode::Read).expect("source");
        (file, source)
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    #[test]
    fn a_region_is_the_same_mapped_or_read() {
        let bytes = bytes(300_000);
        let (_file, source) = file_of(&bytes);
        for range in [0..300_000_u64, 5..299_999, 65_536..200_000, 7..7, 100..110] {
            let expected = &bytes[range.start as usize..range.end as usize];
            for io in [IoMode::Mmap, IoMode::Read] {
                assert_eq!(source.region(range.clone(), io).expect("region").as_slice(), expected, "{range:?} {io:?}");
            }
        }
    }

    #[test]
    fn a_range_beyond_the_end_is_an_error() {
        let (_file, source) = file_of(&bytes(10));
        for range in [5..11_u64, 11..12, u64::MAX - 1..u64::MAX] {
            let error = source.region(range, IoMode::Mmap).expect_err("beyond");
            assert_eq!(error.code(), ErrorCode::CorruptFile);
        }
    }

    #[test]
    fn a_file_that_was_cut_off_is_an_error_and_its_maps_show_zeros() {
        let (file, source) = file_of(&vec![7; 300_000]);
        let region = source.region(0..300_000, IoMode::Mmap).expect("region");
        file.as_file().set_len(100).expect("cut");
        assert_eq!((region[99], region[299_999]), (7, 0));
        let error = source.region(0..300_000, IoMode::Mmap).expect_err("changed");
        assert_eq!(error.code(), ErrorCode::FileChanged);
    }
}
