//! Decompresses pages into buffers that are used again, and never to more than their headers say.
//!
//! parquet's own decompressors of gzip, Brotli and framed LZ4 go on to the end of what is compressed, whatever the header
//! promises: some kilobytes may become gigabytes.

use std::fmt::Display;
use std::io::Read;
use std::sync::Arc;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use parquet::basic::Compression;
use parquet::compression::{Codec, CodecOptionsBuilder, create_codec};
use parquet::errors::ParquetError;

use crate::ipc::lz4_size::lz4_size;
use crate::pages::page_buffers::PageBuffers;

/// What LZ4's frames begin with, and what those of its first version did.
const LZ4_FRAME: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];
const LZ4_OLD_FRAME: [u8; 4] = [0x02, 0x21, 0x4c, 0x18];
/// A byte of LZ4 stands for no more bytes.
const LZ4_RATIO: usize = 255;
/// What Brotli reads at once.
const BROTLI_INPUT: usize = 4096;

/// Decompresses the pages of one column chunk.
pub(crate) struct PageDecompressor {
    codec: ChunkCodec,
    buffers: Arc<PageBuffers>,
}

enum ChunkCodec {
    None,
    Snappy(snap::raw::Decoder),
    Gzip,
    Brotli,
    Zstd(Box<zstd::bulk::Decompressor<'static>>),
    /// Those of which parquet's decompressors are bounded.
    Other {
        codec: Box<dyn Codec>,
        may_be_framed: bool,
    },
}

impl PageDecompressor {
    /// # Errors
    /// A codec that is not supported.
    pub(crate) fn new(compression: Compression, buffers: &Arc<PageBuffers>) -> Result<Self, ParquetError> {
        let codec = match compression {
            Compression::UNCOMPRESSED => ChunkCodec::None,
            Compression::SNAPPY => ChunkCodec::Snappy(snap::raw::Decoder::new()),
            Compression::GZIP(_) => ChunkCodec::Gzip,
            Compression::BROTLI(_) => ChunkCodec::Brotli,
            Compression::ZSTD(_) => ChunkCodec::Zstd(Box::new(zstd::bulk::Decompressor::new()?)),
            other => {
                let codec = create_codec(other, &CodecOptionsBuilder::default().build())?;
                let codec = codec.ok_or_else(|| ParquetError::NYI(format!("the codec {other} is not supported")))?;
                ChunkCodec::Other { codec, may_be_framed: other == Compression::LZ4 }
            }
        };
        Ok(Self { codec, buffers: Arc::clone(buffers) })
    }

    /// A page's `length` bytes: the first `plain` as they are stored, then what the rest decompresses to.
    ///
    /// # Errors
    /// What is compressed is none, or of another length; in a few words.
    pub(crate) fn decompress(&mut self, stored: Bytes, plain: usize, length: usize) -> Result<Bytes, String> {
        let text = |cause: &dyn Display| cause.to_string();
        let other_length = || format!("its bytes are not the {length} that its header declares");
        let (Some(levels), Some(rest)) = (stored.get(..plain), length.checked_sub(plain)) else {
            return Err("its levels are longer than the page".into());
        };
        let compressed = &stored[plain..];
        if matches!(self.codec, ChunkCodec::None) {
            return Ok(stored);
        }
        if let ChunkCodec::Other { codec, may_be_framed } = &mut self.codec {
            if *may_be_framed && compressed.starts_with(&LZ4_OLD_FRAME) {
                return Err("it is compressed by the first version of LZ4's frames".into());
            }
            if *may_be_framed && compressed.starts_with(&LZ4_FRAME) && lz4_size(compressed) != Some(rest as u64) {
                return Err(other_length());
            }
            if rest / LZ4_RATIO > compressed.len() {
                return Err(other_length());
            }
            let mut page = Vec::with_capacity(length);
            page.extend_from_slice(levels);
            if rest > 0 {
                codec.decompress(compressed, &mut page, Some(rest)).map_err(|e| text(&e))?;
            }
            return if page.len() == length { Ok(page.into()) } else { Err(other_length()) };
        }
        let mut page = self.buffers.take(length);
        let (to_levels, target) = page.as_mut().split_at_mut(plain);
        to_levels.copy_from_slice(levels);
        // Nothing is compressed of a page of nulls.
        if rest > 0 {
            match &mut self.codec {
                ChunkCodec::Snappy(decoder) => {
                    // Before: it writes no more than it says.
                    if snap::raw::decompress_len(compressed).map_err(|e| text(&e))? != rest {
                        return Err(other_length());
                    }
                    decoder.decompress(compressed, target).map_err(|e| text(&e))?;
                }
                ChunkCodec::Gzip => fill(MultiGzDecoder::new(compressed), target).ok_or_else(other_length)?,
                ChunkCodec::Brotli => {
                    fill(brotli::Decompressor::new(compressed, BROTLI_INPUT), target).ok_or_else(other_length)?;
                }
                ChunkCodec::Zstd(decoder) => {
                    let written = decoder.decompress_to_buffer(compressed, target).map_err(|e| text(&e))?;
                    if written != rest {
                        return Err(other_length());
                    }
                }
                ChunkCodec::None | ChunkCodec::Other { .. } => {}
            }
        }
        Ok(Bytes::from_owner(page))
    }
}

/// Fills the target; `None` where there is less, or more.
fn fill(mut reader: impl Read, target: &mut [u8]) -> Option<()> {
    reader.read_exact(target).ok()?;
    matches!(reader.read(&mut [0]), Ok(0)).then_some(())
}

#[cfg(test)]
mod tests {
    use parquet::basic::{BrotliLevel, GzipLevel, ZstdLevel};

    use super::*;

    fn compressed(compression: Compression, bytes: &[u8]) -> Bytes {
        let mut codec =
            create_codec(compression, &CodecOptionsBuilder::default().build()).expect("codec").expect("one");
        let mut out = Vec::new();
        codec.compress(bytes, &mut out).expect("compressed");
        out.into()
    }

    fn decompress(compression: Compression, stored: Bytes, plain: usize, length: usize) -> Result<Bytes, String> {
        PageDecompressor::new(compression, &Arc::default()).expect("codec").decompress(stored, plain, length)
    }

    fn codecs() -> [Compression; 6] {
        [
            Compression::SNAPPY,
            Compression::GZIP(GzipLevel::default()),
            Compression::BROTLI(BrotliLevel::default()),
            Compression::ZSTD(ZstdLevel::default()),
            Compression::LZ4,
            Compression::LZ4_RAW,
        ]
    }

    #[test]
    fn a_page_is_its_levels_and_what_is_compressed() {
        let text = b"so it goes, ".repeat(1000);
        for codec in codecs() {
            let stored: Bytes = [b"levels", &compressed(codec, &text)[..]].concat().into();
            let page = decompress(codec, stored, 6, text.len() + 6).unwrap_or_else(|e| panic!("{codec}: {e}"));
            assert_eq!(page[..], [b"levels", &text[..]].concat(), "{codec}");
        }
    }

    #[test]
    fn another_length_than_is_declared_is_an_error() {
        let text = b"so it goes, ".repeat(100_000);
        for codec in codecs() {
            let stored = compressed(codec, &text);
            for length in [0, 1, 10, text.len() - 1, text.len() + 1, 2 * text.len()] {
                // Nothing is decompressed for a page of no bytes.
                let result = decompress(codec, stored.clone(), 0, length);
                assert_eq!(result.is_ok(), length == 0, "{codec} {length}");
            }
            assert!(decompress(codec, stored.slice(..stored.len() / 2), 0, text.len()).is_err(), "{codec}");
            assert!(decompress(codec, stored.clone(), stored.len() + 1, text.len()).is_err(), "{codec}");
            assert!(decompress(codec, Bytes::from_static(b"garbage, not compressed"), 0, 1000).is_err(), "{codec}");
        }
    }

    #[test]
    fn frames_of_lz4_are_bounded_too() {
        let frame = b"\x04\x22\x4d\x18\x60\x40\x82\x05\0\0\x80hello\0\0\0\0";
        let page = |length| decompress(Compression::LZ4, Bytes::from_static(frame), 0, length);
        assert_eq!(page(5).expect("frame")[..], *b"hello");
        assert!(page(4).is_err() && page(6).is_err());
    }
}
