//! How many bytes LZ4 frames decompress to, without decompressing them.
//!
//! arrow-ipc decompresses frames to their end, whatever length a message promises: 1 MiB may become 255 MiB. The lengths
//! within the frames tell that before.

const MAGIC: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];
const IS_PLAIN: u32 = 1 << 31;

/// The length of all frames when they are decompressed; `None` for bytes that are no LZ4 frames.
pub fn lz4_size(frames: &[u8]) -> Option<u64> {
    let mut bytes = Bytes(frames);
    let mut size = 0_u64;
    while !bytes.0.is_empty() {
        size = size.checked_add(frame_size(&mut bytes)?)?;
    }
    Some(size)
}

fn frame_size(bytes: &mut Bytes<'_>) -> Option<u64> {
    if bytes.take(4)? != MAGIC {
        return None;
    }
    let flags = bytes.byte()?;
    let [has_block_checksums, has_size, has_checksum, has_dictionary] =
        [1 << 4, 1 << 3, 1 << 2, 1].map(|flag| flags & flag != 0);
    let _block_limit = bytes.byte()?;
    bytes.take(if has_size { 8 } else { 0 } + if has_dictionary { 4 } else { 0 })?;
    let _header_checksum = bytes.byte()?;
    let mut size = 0_u64;
    loop {
        let length = u32::from_le_bytes(bytes.take(4)?.try_into().ok()?);
        if length == 0 {
            bytes.take(if has_checksum { 4 } else { 0 })?;
            return Some(size);
        }
        let block = bytes.take((length & !IS_PLAIN) as usize)?;
        let block_size = if length & IS_PLAIN != 0 { block.len() as u64 } else { block_size(block)? };
        size = size.checked_add(block_size)?;
        bytes.take(if has_block_checksums { 4 } else { 0 })?;
    }
}

/// A block is sequences of literals and a match each; the last has literals only.
fn block_size(block: &[u8]) -> Option<u64> {
    let mut bytes = Bytes(block);
    let mut size = 0_u64;
    loop {
        let token = bytes.byte()?;
        let literals = bytes.length(token >> 4)?;
        bytes.take(usize::try_from(literals).ok()?)?;
        size = size.checked_add(literals)?;
        if bytes.0.is_empty() {
            return Some(size);
        }
        bytes.take(2)?;
        size = size.checked_add(bytes.length(token & 0xf)? + 4)?;
    }
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// A length that begins in four bits of a token and goes on in bytes for as long as they are full.
    fn length(&mut self, nibble: u8) -> Option<u64> {
        let mut length = u64::from(nibble);
        if nibble == 0xf {
            loop {
                let more = self.byte()?;
                length += u64::from(more);
                if more < u8::MAX {
                    break;
                }
            }
        }
        Some(length)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, RecordBatch, StringArray};

    use super::*;
    use crate::encode::arrow_ipc::{ArrowIpcEncoder, ArrowIpcOptions, IpcCompression};
    use crate::encode::fixtures::encoded;
    use crate::ipc::encoded_batch::Body;
    use crate::ipc::pushed::{Found, PushedMessages};
    use crate::limits::ReadLimits;

    /// The frame that arrow-ipc makes of the bytes of a text.
    fn frame(text: &str) -> Vec<u8> {
        let array: ArrayRef = Arc::new(StringArray::from(vec![text]));
        let batch = RecordBatch::try_from_iter([("a", array)]).expect("batch");
        let options = ArrowIpcOptions { file: false, compression: Some(IpcCompression::Lz4) };
        let bytes = encoded(&mut ArrowIpcEncoder::new(&options, &batch.schema()).expect("encoder"), &[batch]);
        let (mut messages, mut rest) = (PushedMessages::new(u64::MAX, ReadLimits::default()), bytes.as_slice());
        assert!(matches!(messages.take(&mut rest), Ok(Some(Found::Schema(_)))));
        let Ok(Some(Found::Batch(batch))) = messages.take(&mut rest) else { panic!("no batch") };
        let Body::Pushed(body) = &batch.body else { panic!("a file") };
        let texts = batch.message.batch().expect("header").buffers().expect("buffers").get(2);
        let start = texts.offset() as usize;
        body[start + 8..start + texts.length() as usize].to_vec()
    }

    fn texts() -> Vec<String> {
        let mixed: String = (0..200_000).map(|n: u32| char::from((n.wrapping_mul(n) >> 7) as u8 % 128)).collect();
        vec!["a".repeat(100), "ab".repeat(5_000_000), format!("{mixed}{}", "x".repeat(70_000))]
    }

    #[test]
    fn sizes_are_those_of_the_texts() {
        for text in texts() {
            let frame = frame(&text);
            assert!(frame.len() < text.len());
            assert_eq!(lz4_size(&frame), Some(text.len() as u64));
            assert_eq!(lz4_size(&[frame.clone(), frame].concat()), Some(2 * text.len() as u64));
        }
        assert_eq!(lz4_size(&[]), Some(0));
    }

    #[test]
    fn frames_that_end_early_or_are_none_have_no_size() {
        let frame = frame(&texts()[0]);
        for end in 1..frame.len() {
            assert_eq!(lz4_size(&frame[..end]), None, "{end}");
        }
        assert_eq!(lz4_size(b"no frame at all"), None);
    }
}
