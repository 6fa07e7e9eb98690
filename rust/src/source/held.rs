//! All bytes of a file: mapped, or of a small file read at once.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use memmap2::{Mmap, MmapOptions};

use super::changed;
use crate::error::{Result, SpillwayError};
#[cfg(unix)]
use crate::map_guard::MapGuard;

/// What is smaller is read: a map costs two calls of the system, a fault a page, and a word with all processors that have
/// seen it when it is undone.
pub(super) const WORTH_MAPPING: u64 = 64 << 10;

/// All bytes of a file.
#[derive(Debug)]
pub(super) enum Held {
    Mapped(Mapped),
    /// Those of a small file, as they were when it was opened.
    Copied(Bytes),
}

#[derive(Debug)]
pub(super) struct Mapped {
    #[cfg_attr(not(unix), allow(dead_code))]
    map: Arc<Mmap>,
    bytes: Bytes,
}

/// Lets `Bytes` own the map together with the source. The guard goes first: a map is unmapped unguarded.
struct MapOwner {
    #[cfg(unix)]
    _guard: MapGuard,
    map: Arc<Mmap>,
}

impl AsRef<[u8]> for MapOwner {
    fn as_ref(&self) -> &[u8] {
        &self.map
    }
}

impl Held {
    /// The bytes of a file that was just opened and had that length; `None` where it is to be mapped, and can't be.
    ///
    /// # Errors
    /// `FILE_CHANGED` for a small file that has less by now, `FILE_ACCESS`.
    pub(super) fn new(file: &File, path: &str, length: u64, broken: &Arc<AtomicBool>) -> Result<Option<Self>> {
        if length >= WORTH_MAPPING {
            return Ok(Mapped::new(file, length, broken).map(Self::Mapped));
        }
        let mut bytes = Vec::with_capacity(length as usize);
        file.take(length).read_to_end(&mut bytes).map_err(|error| SpillwayError::from_io(&error, "read", path))?;
        if bytes.len() as u64 == length { Ok(Some(Self::Copied(bytes.into()))) } else { Err(changed().at_path(path)) }
    }

    pub(super) fn bytes(&self) -> &Bytes {
        match self {
            Self::Mapped(mapped) => &mapped.bytes,
            Self::Copied(bytes) => bytes,
        }
    }

    /// The map, if it is one.
    pub(super) fn map(&self) -> Option<&Mmap> {
        match self {
            Self::Mapped(mapped) => Some(&mapped.map),
            Self::Copied(_) => None,
        }
    }
}

impl Mapped {
    /// A map of the file; `None` where the system gives none, or it can't be guarded.
    fn new(file: &File, length: u64, broken: &Arc<AtomicBool>) -> Option<Self> {
        // As long as the file was a moment ago, whatever it is now: what lies behind its end is guarded too.
        let mut options = MmapOptions::new();
        options.len(usize::try_from(length).ok()?);
        // SAFETY: the map is read-only and never written through. The file may be changed by others, as every file may:
        // `check_unchanged` refuses a changed file after each chunk that was decoded, and all parsers of the bytes are
        // bounds-checked, so bytes that change meanwhile give wrong values or errors, never wild reads.
        let map = Arc::new(unsafe { options.map(file) }.ok()?);
        #[cfg(unix)]
        let guard = MapGuard::new(&map, broken)?;
        #[cfg(not(unix))]
        let _ = broken;
        let bytes = Bytes::from_owner(MapOwner {
            #[cfg(unix)]
            _guard: guard,
            map: Arc::clone(&map),
        });
        Some(Self { map, bytes })
    }
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::ChunkReader;

    use super::super::{IoMode, Source};
    use super::*;
    use crate::error::ErrorCode;

    fn file(length: u64) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("file");
        std::fs::write(file.path(), vec![7; length as usize]).expect("write");
        file
    }

    #[test]
    fn a_small_file_is_as_it_was_when_it_was_opened() {
        let file = file(WORTH_MAPPING - 1);
        let source = Source::open(file.path().to_str().expect("path"), IoMode::Mmap).expect("source");
        assert_eq!(source.io(), IoMode::Read);
        std::fs::write(file.path(), [8; 100]).expect("write");
        assert_eq!(source.get_bytes(1000, 5).expect("bytes"), [7; 5].as_slice());
        assert_eq!(source.peek(WORTH_MAPPING - 2, 5).expect("bytes"), [7].as_slice());
        assert_eq!(source.bytes_read(), 5);
        assert_eq!(source.check_unchanged().expect_err("changed").code(), ErrorCode::FileChanged);
    }

    #[test]
    fn a_larger_file_is_mapped() {
        let file = file(WORTH_MAPPING);
        let source = Source::open(file.path().to_str().expect("path"), IoMode::Mmap).expect("source");
        assert_eq!(source.io(), IoMode::Mmap);
        assert_eq!(source.held().map(Bytes::len), Some(WORTH_MAPPING as usize));
        assert!(Source::open(file.path().to_str().expect("path"), IoMode::Read).expect("source").held().is_none());
    }

    #[test]
    fn a_small_file_that_was_cut_off_since_is_no_shorter_one() {
        let path = file(100);
        let opened = File::open(path.path()).expect("open");
        let error = Held::new(&opened, "a file", 101, &Arc::default()).expect_err("changed");
        assert_eq!(error.code(), ErrorCode::FileChanged);
    }
}
