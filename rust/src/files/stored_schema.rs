//! The Arrow schema that a Parquet file may have in its footer, which parquet believes as it is.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use parquet::arrow::ARROW_SCHEMA_META_KEY;
use parquet::file::metadata::KeyValue;

use crate::ipc::schema_size::check_schema;
use crate::limits::ReadLimits;

/// Before a message: a marker, and the message's length.
const PREFIX_BYTES: usize = 8;

/// Whether the schema among some pairs is within the limits, if there is one. One that is none is for parquet to refuse.
pub(crate) fn is_bounded(pairs: &[KeyValue], limits: ReadLimits) -> bool {
    let stored = pairs.iter().find(|pair| pair.key == ARROW_SCHEMA_META_KEY).and_then(|pair| pair.value.as_ref());
    let Some(Ok(bytes)) = stored.map(|text| BASE64_STANDARD.decode(text)) else { return true };
    let message = match bytes.strip_prefix(&[0xff; 4]) {
        Some(_) if bytes.len() > PREFIX_BYTES => &bytes[PREFIX_BYTES..],
        _ => &bytes,
    };
    let message = arrow_ipc::root_as_message(message);
    message
        .ok()
        .and_then(|message| message.header_as_schema())
        .is_none_or(|schema| check_schema(schema, limits).is_ok())
}
