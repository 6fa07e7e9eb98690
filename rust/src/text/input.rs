//! Bytes of text that are read from front to back: of a file, decompressed, or pushed.

use std::io::Read;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use parquet::file::reader::{ChunkReader, Length};

use crate::error::{Result, SpillwayError};
use crate::memory::budget::Account;
use crate::memory::reservation::Reservation;
use crate::source::{IoMode, Source};
use crate::text::compression::Compression;
use crate::text::push_queue::PushQueue;
use crate::text::pushed_reader::{PushedReader, Taken};

/// Bytes that are read at once, at most; a fraction of the share where that is less, since each file that is read side by
/// side holds so many.
const MOST_READ: u64 = 256 << 10;
const READS_PER_SHARE: u64 = 64;
const LEAST_READ: u64 = 8 << 10;

/// Bytes that an input of a stream reads at once.
#[must_use]
pub fn bytes_at_once(account: &Account) -> u64 {
    (account.share() / READS_PER_SHARE).clamp(LEAST_READ, MOST_READ)
}

/// An input and how far it is read.
pub struct Input {
    kind: Kind,
    /// The file, if it is one that has bytes.
    source: Option<Source>,
    /// Of what was read and not yet taken.
    reserved: Reservation,
    /// Bytes that are read at once.
    at_once: usize,
}

enum Kind {
    /// What is left of a file that is mapped.
    Held(Bytes),
    /// A file that is read, or decompressed.
    Buffered { reader: Box<dyn Read + Send>, buffer: BytesMut, ended: bool },
    /// Bytes that are pushed.
    Pushed { queue: Arc<PushQueue>, buffer: BytesMut, version: u64, ended: bool },
    /// Bytes that are pushed, and decompressed.
    Unpacked { reader: Box<dyn Read + Send>, taken: Arc<Taken>, buffer: BytesMut, ended: bool },
}

impl Input {
    /// Opens a file, which may be empty.
    ///
    /// # Errors
    /// Those of [`Source::open_if_any`].
    pub fn open(path: &str, io: IoMode, compression: Compression, account: &Arc<Account>) -> Result<Self> {
        let reserved = Reservation::new(account, 0);
        let at_once = bytes_at_once(account) as usize;
        let Some(source) = Source::open_if_any(path, io)? else {
            return Ok(Self { kind: Kind::Held(Bytes::new()), source: None, reserved, at_once });
        };
        source.advise_sequential();
        let kind = if let (Some(bytes), Compression::None) = (source.held(), compression) {
            Kind::Held(bytes.clone())
        } else {
            let inner = source.get_read(0).map_err(|e| SpillwayError::from_parquet(&e))?;
            let counted = CountedReader { inner, source: source.clone() };
            let reader = compression.decoder(counted).map_err(|e| SpillwayError::from_io(&e, "decompress", path))?;
            Kind::Buffered { reader, buffer: BytesMut::new(), ended: false }
        };
        Ok(Self { kind, source: Some(source), reserved, at_once })
    }

    /// An input of the bytes that come through a queue.
    ///
    /// # Errors
    /// Where there is no memory for a decoder.
    pub fn pushed(queue: &Arc<PushQueue>, compression: Compression, account: &Arc<Account>) -> std::io::Result<Self> {
        let (queue, buffer, ended) = (Arc::clone(queue), BytesMut::new(), false);
        let kind = if compression == Compression::None {
            Kind::Pushed { queue, buffer, version: 0, ended }
        } else {
            let (reader, taken) = PushedReader::new(queue);
            Kind::Unpacked { reader: compression.decoder(reader)?, taken, buffer, ended }
        };
        let at_once = bytes_at_once(account) as usize;
        Ok(Self { kind, source: None, reserved: Reservation::new(account, 0), at_once })
    }

    /// The file, if it is one that has bytes.
    #[must_use]
    pub fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }

    /// Bytes of the file as it is stored; 0 for what is pushed.
    #[must_use]
    pub fn stored_bytes(&self) -> u64 {
        self.source.as_ref().map_or(0, Length::len)
    }

    /// Reads until so many bytes are there, or as many as there are; of what is pushed, those that came so far.
    ///
    /// # Errors
    /// What the system or the decompressor says.
    pub fn fill(&mut self, wanted: usize) -> std::io::Result<()> {
        match &mut self.kind {
            Kind::Held(_) => return Ok(()),
            Kind::Buffered { reader, buffer, ended } => {
                while buffer.len() < wanted && !*ended {
                    *ended = read_on(reader.as_mut(), buffer, self.at_once, &mut self.reserved)? == 0;
                }
            }
            Kind::Unpacked { reader, taken, buffer, ended } => {
                while buffer.len() < wanted && !*ended {
                    match read_on(reader.as_mut(), buffer, self.at_once, &mut self.reserved) {
                        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                        // Nothing at all is an empty text, as it is of a file.
                        Err(_) if taken.is_nothing() => *ended = true,
                        read => *ended = read? == 0,
                    }
                }
            }
            Kind::Pushed { queue, buffer, version, ended } => {
                (*version, *ended) = queue.take(buffer, wanted);
                self.reserved.set(buffer.len() as u64);
            }
        }
        Ok(())
    }

    /// The next bytes that are there, so many at most, and whether nothing follows them.
    #[must_use]
    pub fn peek(&self, most: usize) -> (&[u8], bool) {
        let (bytes, ended): (&[u8], bool) = match &self.kind {
            Kind::Held(bytes) => (bytes, true),
            Kind::Buffered { buffer, ended, .. }
            | Kind::Pushed { buffer, ended, .. }
            | Kind::Unpacked { buffer, ended, .. } => (buffer, *ended),
        };
        if bytes.len() <= most { (bytes, ended) } else { (&bytes[..most], false) }
    }

    /// Takes so many of the bytes that are there.
    pub fn take(&mut self, length: usize) -> Bytes {
        match &mut self.kind {
            Kind::Held(bytes) => {
                if let Some(source) = &self.source {
                    source.scanned(length as u64);
                }
                bytes.split_to(length)
            }
            Kind::Buffered { buffer, .. } | Kind::Pushed { buffer, .. } | Kind::Unpacked { buffer, .. } => {
                let bytes = buffer.split_to(length).freeze();
                self.reserved.set(buffer.len() as u64);
                bytes
            }
        }
    }

    /// Bytes that it holds: those that were read and not yet taken.
    #[must_use]
    pub fn held_bytes(&self) -> u64 {
        self.reserved.bytes()
    }

    /// Whether what is taken is memory of the process, which a map is not.
    #[must_use]
    pub fn is_memory(&self) -> bool {
        !matches!(self.kind, Kind::Held(_))
    }

    /// Whether more may be pushed.
    #[must_use]
    pub fn is_pushed(&self) -> bool {
        matches!(self.kind, Kind::Pushed { .. } | Kind::Unpacked { .. })
    }

    /// Says that more has to be pushed; `false` where more has come since [`Input::fill`].
    #[must_use]
    pub fn starve(&self) -> bool {
        match &self.kind {
            Kind::Pushed { queue, version, .. } => queue.starve(*version),
            Kind::Unpacked { taken, .. } => taken.starve(),
            Kind::Held(_) | Kind::Buffered { .. } => false,
        }
    }
}

/// Reads once, unless a signal comes between, and puts the bytes behind those of the buffer, which are reserved.
fn read_on(
    reader: &mut dyn Read,
    buffer: &mut BytesMut,
    most: usize,
    reserved: &mut Reservation,
) -> std::io::Result<usize> {
    let start = buffer.len();
    buffer.resize(start + most, 0);
    let read = loop {
        match reader.read(&mut buffer[start..]) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            result => break result,
        }
    };
    buffer.truncate(start + *read.as_ref().unwrap_or(&0));
    reserved.set(buffer.len() as u64);
    read
}

/// Counts the bytes of a file as they are read.
struct CountedReader<R> {
    inner: R,
    source: Source,
}

impl<R: Read> Read for CountedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.source.scanned(read as u64);
        Ok(read)
    }
}
