//! Pushed bytes for a decompressor, which reads.

use std::io::{Error, ErrorKind, Read, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::text::push_queue::{Moved, PushQueue};

/// Reads what was pushed. Where more has to be pushed first it fails with [`ErrorKind::WouldBlock`], after which
/// decompressors go on where they were.
pub struct PushedReader(Arc<Taken>);

/// What was taken of the pushed bytes, known to the input too, whose decompressor has the reader.
pub struct Taken {
    queue: Arc<PushQueue>,
    /// The queue's version when it was last looked at.
    version: AtomicU64,
    is_any: AtomicBool,
}

impl PushedReader {
    /// A reader of what comes through a queue.
    #[must_use]
    pub fn new(queue: Arc<PushQueue>) -> (Self, Arc<Taken>) {
        let taken = Arc::new(Taken { queue, version: AtomicU64::new(0), is_any: AtomicBool::new(false) });
        (Self(Arc::clone(&taken)), taken)
    }
}

impl Read for PushedReader {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let Moved { bytes, version, ended } = self.0.queue.read(buffer);
        self.0.version.store(version, Ordering::Relaxed);
        if bytes > 0 {
            self.0.is_any.store(true, Ordering::Relaxed);
        }
        if bytes > 0 || ended { Ok(bytes) } else { Err(Error::from(ErrorKind::WouldBlock)) }
    }
}

impl Taken {
    /// Whether not one byte was pushed before the end.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        !self.is_any.load(Ordering::Relaxed)
    }

    /// Says that more has to be pushed; `false` where more has come since the last look.
    #[must_use]
    pub fn starve(&self) -> bool {
        self.queue.starve(self.version.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::budget::Account;
    use crate::text::compression::Compression;

    /// Takes all that comes out of a decompressor for now.
    fn drain(decoder: &mut dyn Read, text: &mut Vec<u8>) -> Result<()> {
        let mut buffer = [0; 7];
        loop {
            match decoder.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(bytes) => text.extend_from_slice(&buffer[..bytes]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    #[test]
    fn decompressors_go_on_where_they_waited_for_more() {
        let part = |text: &[u8]| {
            let mut gzip = flate2::GzBuilder::new()
                .filename("a.ndjson")
                .comment("of some length")
                .extra(vec![1; 40])
                .write(Vec::new(), flate2::Compression::default());
            std::io::Write::write_all(&mut gzip, text).expect("written");
            gzip.finish().expect("finished")
        };
        let zstd = |text: &[u8]| zstd::encode_all(text, 1).expect("compressed");
        let text = b"one line\nanother line\n".repeat(50);
        for (compression, bytes) in [
            (Compression::Gzip, [part(&text), part(b""), part(&text)].concat()),
            (Compression::Zstd, [zstd(&text), zstd(b""), zstd(&text)].concat()),
        ] {
            let queue = Arc::new(PushQueue::new(&Account::new(None)));
            let (reader, taken) = PushedReader::new(Arc::clone(&queue));
            let mut decoder = compression.decoder(reader).expect("a decoder");
            let mut out = Vec::new();
            assert!(taken.is_nothing());
            for byte in bytes {
                drain(decoder.as_mut(), &mut out).expect("decompressed");
                assert!(taken.starve());
                assert!(queue.push(&[byte]));
                assert!(!taken.starve());
            }
            queue.end();
            drain(decoder.as_mut(), &mut out).expect("decompressed");
            assert_eq!(out, text.repeat(2));
            assert!(!taken.is_nothing());
        }
    }
}
