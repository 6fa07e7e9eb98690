//! A schema that the caller gives.

use arrow_ipc::reader::StreamReader;
use arrow_schema::SchemaRef;

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
    let reader = StreamReader::try_new(bytes.as_slice(), None).map_err(|e| invalid(&e.to_string()))?;
    Ok(reader.schema())
}
