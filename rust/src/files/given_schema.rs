//! A schema that the caller gives.

use arrow_ipc::reader::StreamReader;
use arrow_schema::{ArrowError, SchemaRef};

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::expression::literal::parse_hex;

/// Reads an Arrow IPC stream without batches, in hexadecimal.
///
/// # Errors
/// `INVALID_ARGUMENT` where it is none.
pub fn given_schema(text: &str) -> Result<SchemaRef> {
    let invalid = |cause: &str| {
        let message = format!("Cannot read the schema that was given: {cause}");
        SpillwayError::new(ErrorCode::InvalidArgument, message)
    };
    let bytes = parse_hex(text).ok_or_else(|| invalid("it is not in hexadecimal"))?;
    read_schema(&bytes).map_err(|error| invalid(&error.to_string()))
}

/// Reads an Arrow IPC stream without batches.
///
/// # Errors
/// Where it is none. Arrow makes room for as much as the first message says that it has, up to 2 GiB: it is asked only
/// where so much is there.
pub fn read_schema(bytes: &[u8]) -> std::result::Result<SchemaRef, ArrowError> {
    let message = bytes.strip_prefix(&[0xff; 4]).unwrap_or(bytes);
    let length = message.first_chunk::<4>().map(|length| i32::from_le_bytes(*length));
    if length.and_then(|length| usize::try_from(length).ok()).is_none_or(|length| length > message.len() - 4) {
        return Err(ArrowError::IpcError("it ends before its schema does".into()));
    }
    Ok(StreamReader::try_new(bytes, None)?.schema())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_schema::{DataType, Field, Schema};

    use super::*;

    #[test]
    fn a_schema_is_read_and_no_part_of_one() {
        let schema = Arc::new(Schema::new(vec![Field::new("a", DataType::Int32, true)]));
        let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &schema).expect("begun");
        writer.finish().expect("ended");
        let bytes = writer.into_inner().expect("bytes");
        assert_eq!(read_schema(&bytes).expect("whole"), schema);
        // What follows the schema says only that nothing does.
        for end in 0..bytes.len() - 8 {
            assert!(read_schema(&bytes[..end]).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn no_room_is_made_for_what_is_not_there() {
        for bytes in [&b"{\"path\":\"\"}"[..], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], &[0xff; 12], b""] {
            let error = read_schema(bytes).expect_err("none");
            assert!(error.to_string().contains("it ends before"), "{error}");
        }
    }
}
