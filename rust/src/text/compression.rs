//! Compressed files of text.

use std::io::{Error, ErrorKind, Read};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;

use crate::error::{ErrorCode, SpillwayError};

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// By gzip, in any number of members.
    Gzip,
    /// By Zstandard, in any number of frames.
    Zstd,
}

impl Compression {
    /// What the end of a file's name says.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let ends_in = |suffix: &str| {
            let end = path.len().checked_sub(suffix.len()).and_then(|start| path.get(start..));
            end.is_some_and(|end| end.eq_ignore_ascii_case(suffix))
        };
        if ends_in(".gz") {
            Self::Gzip
        } else if ends_in(".zst") {
            Self::Zstd
        } else {
            Self::None
        }
    }

    /// A reader of what compressed bytes stand for.
    ///
    /// # Errors
    /// Where there is no memory for a decoder.
    pub fn decoder(self, compressed: impl Read + Send + 'static) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::None => Box::new(compressed),
            Self::Gzip => Box::new(MultiGzDecoder::new(compressed)),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::new(compressed)?),
        })
    }

    /// What reading failed with: the system's reason, or that of the decompressor, of a file or of pushed bytes.
    #[must_use]
    pub fn failure(self, error: &Error, path: Option<&str>) -> SpillwayError {
        let format = match self {
            Self::Gzip => "gzip",
            Self::Zstd => "Zstandard",
            Self::None => return SpillwayError::from_io(error, "read", path.unwrap_or_default()),
        };
        if error.raw_os_error().is_some() {
            return SpillwayError::from_io(error, "read", path.unwrap_or_default());
        }
        let what = path.map_or("the bytes".to_owned(), |path| format!("'{path}'"));
        let reason = if error.kind() == ErrorKind::UnexpectedEof {
            "the end is missing; it was cut off and must be written again".to_owned()
        } else {
            format!("this is no {format}, or damaged; check `compression`, or write it again")
        };
        let failure = SpillwayError::new(ErrorCode::CorruptFile, format!("Cannot decompress {what}: {reason}"));
        let failure = failure.with_cause(error);
        if let Some(path) = path { failure.at_path(path) } else { failure }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn names_tell_the_compression() {
        let cases = [
            ("a.ndjson.gz", Compression::Gzip),
            ("A.GZ", Compression::Gzip),
            ("a.zst", Compression::Zstd),
            ("a.csv", Compression::None),
            ("gz", Compression::None),
            ("ü.gz", Compression::Gzip),
            ("üz", Compression::None),
        ];
        for (path, compression) in cases {
            assert_eq!(Compression::of_path(path), compression, "{path}");
        }
    }

    #[test]
    fn members_and_frames_follow_each_other() {
        let gzip = |text: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(text).expect("written");
            encoder.finish().expect("finished")
        };
        let zstd = |text: &[u8]| zstd::encode_all(text, 1).expect("compressed");
        let several = [
            (Compression::Gzip, [gzip(b"one "), gzip(b""), gzip(b"two")].concat()),
            (Compression::Zstd, [zstd(b"one "), zstd(b""), zstd(b"two")].concat()),
            (Compression::None, b"one two".to_vec()),
        ];
        for (compression, bytes) in several {
            let mut text = String::new();
            let mut decoder = compression.decoder(std::io::Cursor::new(bytes)).expect("decoder");
            decoder.read_to_string(&mut text).expect("text");
            assert_eq!(text, "one two");
        }
    }
}
