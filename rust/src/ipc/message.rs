//! Messages: a prefix with their length, metadata, and a body that the metadata describes.

use std::ops::Range;

use arrow_buffer::Buffer;
use arrow_ipc::convert::{MessageBuffer, try_fb_to_schema};
use arrow_ipc::{
    BodyCompressionMethod, CompressionType, Endianness, MessageHeader, MetadataVersion, RecordBatch as BatchHeader,
};
use arrow_schema::{DataType, Schema, UnionMode};

use super::lz4_size::lz4_size;
use super::malformed::malformed;
use super::schema_size::check_schema;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::limits::{Limit, ReadLimits};

/// What every message begins with since version 0.15 of Arrow.
const MARKER: [u8; 4] = [0xff; 4];
/// Before each compressed buffer: the length that it decompresses to, or -1 for one that is not compressed.
const LENGTH_BYTES: usize = 8;

/// What stands before a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    /// The stream ends here, after so many bytes.
    End(usize),
    /// So many bytes, and then so many of metadata.
    Metadata(usize, usize),
}

impl Prefix {
    /// Reads a prefix; `None` where it is not whole yet.
    ///
    /// # Errors
    /// A length that no metadata has.
    pub(super) fn read(bytes: &[u8], limits: ReadLimits) -> Result<Option<Self>> {
        let word = |at: usize| bytes.get(at..at + 4).and_then(|word| <[u8; 4]>::try_from(word).ok());
        let (length, prefix) = match word(0) {
            None => return Ok(None),
            Some(MARKER) => match word(4) {
                None => return Ok(None),
                Some(length) => (length, 8),
            },
            Some(length) => (length, 4),
        };
        match u32::from_le_bytes(length) {
            0 => Ok(Some(Self::End(prefix))),
            // Without a marker it is more likely another format.
            length if length > i32::MAX as u32 || (prefix == 4 && u64::from(length) > limits.metadata_bytes) => {
                Err(malformed("a message begins with no length of metadata"))
            }
            length => {
                limits.check(Limit::MetadataBytes, u64::from(length), || "the metadata of a message".into())?;
                Ok(Some(Self::Metadata(prefix, length as usize)))
            }
        }
    }
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Schema,
    Dictionary,
    Batch,
    /// Nothing that rows depend on.
    Other,
}

/// A message without its body.
#[derive(Debug, Clone)]
pub(super) struct Message(MessageBuffer);

impl Message {
    /// # Errors
    /// Metadata that is none.
    pub(super) fn parse(metadata: Buffer) -> Result<Self> {
        MessageBuffer::try_new(metadata)
            .map(Self)
            .map_err(|error| malformed("a message has no metadata").with_cause(&error))
    }

    /// # Errors
    /// A kind that no stream of record batches has.
    pub(super) fn kind(&self) -> Result<Kind> {
        match self.0.as_ref().header_type() {
            MessageHeader::Schema => Ok(Kind::Schema),
            MessageHeader::DictionaryBatch => Ok(Kind::Dictionary),
            MessageHeader::RecordBatch => Ok(Kind::Batch),
            MessageHeader::NONE => Ok(Kind::Other),
            other => {
                let message =
                    format!("Cannot read Arrow IPC: it holds {other:?}, and only record batches are supported");
                Err(SpillwayError::new(ErrorCode::UnsupportedFeature, message))
            }
        }
    }

    /// # Errors
    /// A negative length.
    pub(super) fn body_length(&self) -> Result<u64> {
        u64::try_from(self.0.as_ref().bodyLength()).map_err(|_| malformed("a message's body has a negative length"))
    }

    pub(super) fn version(&self) -> MetadataVersion {
        self.0.as_ref().version()
    }

    /// # Errors
    /// A schema that is none, or of another byte order; `LIMIT_EXCEEDED`.
    pub(super) fn schema(&self, limits: ReadLimits) -> Result<Schema> {
        let message = self.0.as_ref();
        schema_of(message.header_as_schema(), limits)
    }

    /// The header of a record batch.
    ///
    /// # Errors
    /// A message that is none.
    pub(super) fn batch(&self) -> Result<BatchHeader<'_>> {
        self.0.as_ref().header_as_record_batch().ok_or_else(|| malformed("a record batch has no header"))
    }

    /// The header of a dictionary.
    ///
    /// # Errors
    /// A message that is none.
    pub(super) fn dictionary(&self) -> Result<arrow_ipc::DictionaryBatch<'_>> {
        let header = self.0.as_ref().header_as_dictionary_batch();
        header.filter(|header| header.data().is_some()).ok_or_else(|| malformed("a dictionary has no header"))
    }
}

/// The schema of a header.
///
/// # Errors
/// A schema that is none, or of another byte order; `LIMIT_EXCEEDED`.
pub(super) fn schema_of(header: Option<arrow_ipc::Schema<'_>>, limits: ReadLimits) -> Result<Schema> {
    let header = header.filter(|header| header.fields().is_some()).ok_or_else(|| malformed("there is no schema"))?;
    if header.endianness() == Endianness::Big {
        let message =
            "Cannot read Arrow IPC: its numbers are big-endian, which is not supported; write it on another machine";
        return Err(SpillwayError::new(ErrorCode::UnsupportedFeature, message));
    }
    check_schema(header, limits)?;
    caught(|| try_fb_to_schema(header).map_err(|error| malformed("its schema contradicts itself").with_cause(&error)))
}

/// Calls arrow-ipc, which panics where metadata contradicts itself.
pub(super) fn caught<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let cause = SpillwayError::from_panic(panic.as_ref());
        if cause.code() == ErrorCode::MemoryLimit {
            return Err(cause);
        }
        Err(malformed("its metadata contradicts itself").with_cause(cause.cause().unwrap_or_default()))
    })
}

/// Where the buffers of some columns lie in a record batch's body.
#[derive(Debug)]
pub(super) struct Buffers {
    pub(super) ranges: Vec<Range<u64>>,
    compression: Option<CompressionType>,
}

impl Buffers {
    /// The buffers of the columns at the places `wanted` of the fields, all of which are checked to lie in the body.
    ///
    /// # Errors
    /// A header that contradicts itself or the schema.
    pub(super) fn of(
        header: &BatchHeader<'_>,
        version: MetadataVersion,
        schema: &Schema,
        wanted: &[usize],
        body: u64,
    ) -> Result<Self> {
        if header.length() < 0 || header.nodes().iter().flatten().any(|node| node.length() < 0 || node.null_count() < 0)
        {
            return Err(malformed("a batch has a negative number of rows"));
        }
        let mut all = Vec::new();
        for buffer in header.buffers().iter().flatten() {
            let range = u64::try_from(buffer.offset()).ok().zip(u64::try_from(buffer.length()).ok());
            let range = range.and_then(|(start, length)| Some(start..start.checked_add(length)?));
            let range = range.filter(|range| range.end <= body);
            all.push(range.ok_or_else(|| malformed("a buffer lies outside of its message"))?);
        }
        let mut views = header.variadicBufferCounts().into_iter().flatten();
        let mut rest = all.into_iter();
        let mut ranges = Vec::new();
        for (place, field) in schema.fields().iter().enumerate() {
            let count = buffer_count(field.data_type(), version, &mut views);
            let count = count.ok_or_else(|| malformed("a batch does not say how many buffers its texts have"))?;
            let own: Vec<Range<u64>> = rest.by_ref().take(count).collect();
            if own.len() < count {
                return Err(malformed("a batch has fewer buffers than its columns need"));
            }
            if wanted.contains(&place) {
                ranges.extend(own);
            }
        }
        let compression = header.compression().map(|compression| {
            if compression.method() != BodyCompressionMethod::BUFFER {
                return Err(malformed("its compression is of an unknown kind"));
            }
            match compression.codec() {
                codec @ (CompressionType::LZ4_FRAME | CompressionType::ZSTD) => Ok(codec),
                other => Err(malformed(&format!("its compression {other:?} is unknown"))),
            }
        });
        Ok(Self { ranges, compression: compression.transpose()? })
    }

    pub(super) fn is_compressed(&self) -> bool {
        self.compression.is_some()
    }

    /// Bytes that the buffers have when they are decoded; `bytes` gives those of a range in the body.
    ///
    /// # Errors
    /// A length that is none, and what `bytes` fails with.
    pub(super) fn decoded_bytes(&self, bytes: impl Fn(Range<u64>) -> Result<Buffer>) -> Result<u64> {
        let mut total = 0_u64;
        for range in self.ranges.iter().filter(|range| !range.is_empty()) {
            let length = if self.is_compressed() {
                let stored = range.end - range.start;
                let head = bytes(range.start..range.start + stored.min(LENGTH_BYTES as u64))?;
                match decoded_length(&head)? {
                    Some(length) => length,
                    None => stored,
                }
            } else {
                range.end - range.start
            };
            total = total.checked_add(length).ok_or_else(|| malformed("a buffer decompresses to no length"))?;
        }
        Ok(total)
    }

    /// Checks that LZ4 frames decompress to what they promise, which arrow-ipc finds out too late.
    ///
    /// # Errors
    /// A frame that doesn't.
    pub(super) fn check_frames(&self, body: &Buffer) -> Result<()> {
        if self.compression != Some(CompressionType::LZ4_FRAME) {
            return Ok(());
        }
        for range in self.ranges.iter().filter(|range| !range.is_empty()) {
            let buffer = &body[range.start as usize..range.end as usize];
            if let Some(length) = decoded_length(buffer)?.filter(|length| *length > 0)
                && lz4_size(&buffer[LENGTH_BYTES..]) != Some(length)
            {
                return Err(malformed("a buffer decompresses to another length than it says"));
            }
        }
        Ok(())
    }
}

/// The length that a buffer decompresses to; `None` for one that is not compressed.
fn decoded_length(buffer: &[u8]) -> Result<Option<u64>> {
    let head = buffer.get(..LENGTH_BYTES).and_then(|head| <[u8; LENGTH_BYTES]>::try_from(head).ok());
    match head.map(i64::from_le_bytes) {
        Some(-1) => Ok(None),
        Some(length) if length >= 0 => Ok(Some(length as u64)),
        _ => Err(malformed("a compressed buffer does not say its length")),
    }
}

/// How many buffers a column has; `None` where `views`, the numbers of buffers of texts by view, end early.
fn buffer_count(
    data_type: &DataType,
    version: MetadataVersion,
    views: &mut impl Iterator<Item = i64>,
) -> Option<usize> {
    use DataType::{
        Binary, BinaryView, FixedSizeList, LargeBinary, LargeList, LargeListView, LargeUtf8, List, ListView, Map, Null,
        RunEndEncoded, Struct, Union, Utf8, Utf8View,
    };
    let mut child = |data_type: &DataType| buffer_count(data_type, version, views);
    Some(match data_type {
        Null => 0,
        Utf8 | Binary | LargeUtf8 | LargeBinary => 3,
        Utf8View | BinaryView => usize::try_from(views.next()?).ok()?.checked_add(2)?,
        List(item) | LargeList(item) | Map(item, _) => 2 + child(item.data_type())?,
        ListView(item) | LargeListView(item) => 3 + child(item.data_type())?,
        FixedSizeList(item, _) => 1 + child(item.data_type())?,
        Struct(fields) => fields.iter().try_fold(1, |sum: usize, field| sum.checked_add(child(field.data_type())?))?,
        RunEndEncoded(ends, values) => child(ends.data_type())? + child(values.data_type())?,
        Union(fields, mode) => {
            let own = 1 + usize::from(version < MetadataVersion::V5) + usize::from(*mode == UnionMode::Dense);
            fields.iter().try_fold(own, |sum, (_, field)| sum.checked_add(child(field.data_type())?))?
        }
        // Numbers, dates and the like, and the keys of dictionaries: validity and values.
        _ => 2,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_have_a_marker_or_not() {
        let read = |bytes: &[u8]| Prefix::read(bytes, ReadLimits::default());
        let marked = |length: u32| [MARKER, length.to_le_bytes()].concat();
        assert_eq!(read(&marked(24)).expect("prefix"), Some(Prefix::Metadata(8, 24)));
        assert_eq!(read(&24_u32.to_le_bytes()).expect("prefix"), Some(Prefix::Metadata(4, 24)));
        assert_eq!(read(&marked(0)).expect("prefix"), Some(Prefix::End(8)));
        assert_eq!(read(&0_u32.to_le_bytes()).expect("prefix"), Some(Prefix::End(4)));
        for short in 0..8 {
            assert_eq!(read(&marked(24)[..short]).expect("prefix"), None, "{short}");
        }
        assert_eq!(read(&marked(u32::MAX)).expect_err("length").code(), ErrorCode::MalformedData);
        assert_eq!(read(b"PAR1").expect_err("Parquet").code(), ErrorCode::MalformedData);
    }

    #[test]
    fn lengths_of_buffers_are_checked() {
        let length = |length: i64| decoded_length(&length.to_le_bytes());
        assert_eq!((length(7).expect("length"), length(-1).expect("length")), (Some(7), None));
        assert!(length(-2).is_err());
        assert!(decoded_length(&[0; 7]).is_err());
    }
}
