//! Where a file's bytes come from: a memory map, whose slices cost no copy, or reads of ranges; of a small file one read.

mod held;
mod region;
mod stamp;
mod tracked;

use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::{Buf, Bytes};
use memmap2::Mmap;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use serde::{Deserialize, Serialize};

use self::held::{Held, WORTH_MAPPING};
use self::stamp::Stamp;
pub use self::tracked::TrackedSource;
use crate::error::{ErrorCode, FILE_CHANGED, Result, SpillwayError, caught};
use crate::memory::allocation;

/// Mapped bytes are let go in multiples of this: at least the page size of every system.
#[cfg(unix)]
const GRAIN: u64 = 64 << 10;
/// Bytes that scans of a file read before its map is let go: about the most of it that counts as the process's memory.
const SWEEP: u64 = 16 << 20;
/// Sequential reads are page headers, most of which take less than 100 bytes.
const HEADER_BUFFER: usize = 512;

/// How a file's bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IoMode {
    /// Through a memory map: nothing is copied before it is decompressed.
    #[default]
    Mmap,
    /// By reads of ranges: immune to a file that is cut off while it is read, and fit for network mounts.
    Read,
}

/// A file's bytes. Clones share the map, the descriptor and the counter.
#[derive(Debug, Clone)]
pub struct Source(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: String,
    file: File,
    stamp: Stamp,
    held: Option<Held>,
    /// Whether a part of a map of it could not be read, and shows zeros instead for as long as the map is there.
    broken: Arc<AtomicBool>,
    bytes_read: AtomicU64,
    bytes_scanned: Arc<AtomicU64>,
}

impl Source {
    /// Opens a regular file; with [`IoMode::Mmap`] it is mapped whole, which costs no reading, if it can be. A small one is
    /// read instead, which costs less.
    ///
    /// # Errors
    /// `FILE_NOT_FOUND`, `NOT_A_FILE`, `FILE_ACCESS` and `EMPTY_FILE`.
    pub fn open(path: &str, io: IoMode) -> Result<Self> {
        Self::open_if_any(path, io)?.ok_or_else(|| {
            let message = format!("Cannot read '{path}': the file is empty; check whether its writer finished");
            SpillwayError::new(ErrorCode::EmptyFile, message).at_path(path)
        })
    }

    /// The same of a file that may be empty: `None` then.
    ///
    /// # Errors
    /// As [`Source::open`], but for `EMPTY_FILE`.
    pub fn open_if_any(path: &str, io: IoMode) -> Result<Option<Self>> {
        let failed = |error: std::io::Error| SpillwayError::from_io(&error, "open", path);
        // Before opening: to open a named pipe would wait for its writer.
        let facts = std::fs::metadata(path).map_err(failed)?;
        if !facts.is_file() {
            let what = if facts.is_dir() { "a directory" } else { "not a regular file" };
            let message = format!("Cannot open '{path}': it is {what}; give the path of a file, or a glob of files");
            return Err(SpillwayError::new(ErrorCode::NotAFile, message).at_path(path));
        }
        let file = File::open(path).map_err(failed)?;
        let facts = file.metadata().map_err(failed)?;
        if facts.len() == 0 {
            return Ok(None);
        }
        let broken = Arc::default();
        let held = match io {
            IoMode::Mmap => Held::new(&file, path, facts.len(), &broken)?,
            IoMode::Read => None,
        };
        let (path, stamp) = (path.to_owned(), Stamp::new(&facts));
        let (bytes_read, bytes_scanned) = (AtomicU64::new(0), Arc::default());
        Ok(Some(Self(Arc::new(Inner { path, file, stamp, held, broken, bytes_read, bytes_scanned }))))
    }

    /// How its bytes are read: not by a map where the file is small, the system gives none, or it can't be guarded.
    #[must_use]
    pub fn io(&self) -> IoMode {
        if self.map().is_some() { IoMode::Mmap } else { IoMode::Read }
    }

    fn map(&self) -> Option<&Mmap> {
        self.0.held.as_ref().and_then(Held::map)
    }

    /// Bytes asked for so far, by all clones.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.0.bytes_read.load(Ordering::Relaxed)
    }

    /// Bytes of pages that scans have read so far, by all clones.
    #[must_use]
    pub fn bytes_scanned(&self) -> u64 {
        self.0.bytes_scanned.load(Ordering::Relaxed)
    }

    /// All of its bytes, where it is mapped, or was small enough to be read at once.
    #[must_use]
    pub fn held(&self) -> Option<&Bytes> {
        self.0.held.as_ref().map(Held::bytes)
    }

    /// A scan has read so many bytes more. Each time that scans have read another 16 MiB, the map is let go.
    pub fn scanned(&self, bytes: u64) {
        let before = self.0.bytes_scanned.fetch_add(bytes, Ordering::Relaxed);
        if before / SWEEP != (before + bytes) / SWEEP {
            self.release(0..self.length());
        }
    }

    /// The counter of [`Source::bytes_scanned`], which may outlive the source.
    #[must_use]
    pub fn scanned_counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.0.bytes_scanned)
    }

    /// Tells the system that the map is read from front to back, so that it reads further ahead. Only advice.
    pub fn advise_sequential(&self) {
        #[cfg(unix)]
        if let Some(map) = self.map() {
            let _ = map.advise(memmap2::Advice::Sequential);
        }
    }

    /// Lets go of the map's memory inside a byte range, in whole granules of 64 KiB. Slices of it stay valid: what is
    /// touched again comes back from the file. Does nothing in [`IoMode::Read`].
    pub fn release(&self, range: Range<u64>) {
        #[cfg(unix)]
        if let Some(map) = self.map() {
            let start = range.start.next_multiple_of(GRAIN);
            let end = if range.end >= self.length() { self.length() } else { range.end / GRAIN * GRAIN };
            if start < end {
                let advice = memmap2::UncheckedAdvice::DontNeed;
                // SAFETY: the range is within the map, whose pages are clean and backed by the file (it was made read-only
                // by `Mmap::map`, and nothing writes to it), so a dropped page is read again with the same bytes.
                let result = unsafe { map.unchecked_advise_range(advice, start as usize, (end - start) as usize) };
                // Only advice: where the system does not take it, the pages stay.
                drop(result);
            }
        }
        #[cfg(not(unix))]
        drop(range);
    }

    /// Up to `at_most` bytes from `start` on, for a look at what lies there: bytes of a map are not counted as read.
    ///
    /// # Errors
    /// When `start` is beyond the end, or the file was changed.
    pub(crate) fn peek(&self, start: u64, at_most: usize) -> parquet::errors::Result<Bytes> {
        self.check()?;
        self.peek_at(start, at_most)
    }

    /// Fails when the file is no longer as it was when it was opened. Bytes of a map beyond the end of a file that was
    /// cut off read as zeros, and other changes would pass as garbage.
    ///
    /// # Errors
    /// `FILE_CHANGED`; `FILE_ACCESS` where the system gave no bytes of a file that is as it was.
    pub fn check_unchanged(&self) -> Result<()> {
        let path = &self.0.path;
        let facts = self.0.file.metadata().map_err(|error| SpillwayError::from_io(&error, "read", path))?;
        if !self.0.stamp.is_of(&facts, path) {
            return Err(changed().at_path(path));
        }
        if self.0.broken.load(Ordering::Acquire) {
            let message = format!(
                "Cannot read '{path}': the system could not give a part of its map; check its disk, and scan it again"
            );
            return Err(SpillwayError::new(ErrorCode::FileAccess, message).at_path(path));
        }
        Ok(())
    }

    /// What came of the file's bytes: of no worth where they were changed meanwhile, a failure as little as a value.
    ///
    /// # Errors
    /// The failure, or, where the file has changed, `FILE_CHANGED` with the failure as its cause.
    pub fn checked<T>(&self, result: Result<T>) -> Result<T> {
        match (self.check_unchanged(), result) {
            (Ok(()), result) => result,
            (Err(_), Err(error)) if error.code() == ErrorCode::FileChanged => Err(error),
            (Err(changed), Err(error)) => Err(changed.with_cause(&error)),
            (Err(changed), Ok(_)) => Err(changed),
        }
    }

    /// The same of `body`, which may panic on bytes that change while it reads them.
    ///
    /// # Errors
    /// As [`Source::checked`].
    pub fn guarded<T>(&self, body: impl FnOnce() -> Result<T>) -> Result<T> {
        self.checked(caught(body))
    }

    /// As [`Source::check_unchanged`], for parquet, before it gets bytes that may be changed.
    fn check(&self) -> parquet::errors::Result<()> {
        if matches!(self.0.held, Some(Held::Copied(_))) {
            return Ok(());
        }
        self.check_unchanged().map_err(|error| ParquetError::External(Box::new(error)))
    }

    fn length(&self) -> u64 {
        self.0.stamp.length()
    }

    fn check_bounds(&self, start: u64, length: u64) -> parquet::errors::Result<()> {
        let len = self.length();
        if start.checked_add(length).is_some_and(|end| end <= len) {
            return Ok(());
        }
        Err(ParquetError::EOF(format!("Cannot read {length} bytes at offset {start}: the file has {len} bytes")))
    }
}

fn changed() -> SpillwayError {
    let message = format!("Cannot go on reading: {FILE_CHANGED}; scan it again");
    SpillwayError::new(ErrorCode::FileChanged, message)
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.length()
    }
}

impl ChunkReader for Source {
    type T = SourceReader;

    fn get_read(&self, start: u64) -> parquet::errors::Result<SourceReader> {
        self.check()?;
        self.read_from(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.check()?;
        self.bytes_at(start, length)
    }
}

impl Source {
    /// As `get_read`, but whether the file is as it was is for the caller to check.
    fn read_from(&self, start: u64) -> parquet::errors::Result<SourceReader> {
        self.check_bounds(start, 0)?;
        Ok(match self.held() {
            Some(held) => SourceReader::Held(held.slice(start as usize..).reader()),
            None => SourceReader::Ranged(BufReader::with_capacity(
                HEADER_BUFFER,
                RangeReader { source: self.clone(), offset: start },
            )),
        })
    }

    /// As [`Source::peek`], but whether the file is as it was is for the caller to check.
    pub(crate) fn peek_at(&self, start: u64, at_most: usize) -> parquet::errors::Result<Bytes> {
        self.check_bounds(start, 0)?;
        let length = (self.length() - start).min(at_most as u64) as usize;
        match self.held() {
            Some(held) => Ok(held.slice(start as usize..start as usize + length)),
            None => self.bytes_at(start, length),
        }
    }

    /// As `get_bytes`, but whether the file is as it was is for the caller to check.
    fn bytes_at(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.check_bounds(start, length as u64)?;
        if let Some(held) = self.held() {
            self.0.bytes_read.fetch_add(length as u64, Ordering::Relaxed);
            return Ok(held.slice(start as usize..start as usize + length));
        }
        let mut buffer = allocation::zeroed(length);
        let mut reader = RangeReader { source: self.clone(), offset: start };
        reader.read_exact(&mut buffer).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => ParquetError::External(Box::new(changed())),
            _ => error.into(),
        })?;
        Ok(buffer.into())
    }
}

/// Sequential reads of a [`Source`].
#[derive(Debug)]
pub enum SourceReader {
    /// From bytes that are all there.
    Held(bytes::buf::Reader<Bytes>),
    /// By reads of ranges, a few hundred bytes each.
    Ranged(BufReader<RangeReader>),
}

impl Read for SourceReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Held(reader) => reader.read(buffer),
            Self::Ranged(reader) => reader.read(buffer),
        }
    }
}

/// Reads a file from an offset on without moving its cursor, so that many can read at once.
#[derive(Debug)]
pub struct RangeReader {
    source: Source,
    offset: u64,
}

impl Read for RangeReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(&self.source.0.file, buffer, self.offset)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(&self.source.0.file, buffer, self.offset)?;
        self.offset += read as u64;
        self.source.0.bytes_read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
