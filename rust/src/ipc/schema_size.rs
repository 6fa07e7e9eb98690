//! How large a schema of Arrow IPC is, before any of it is made.
//!
//! Parts of a flatbuffer may be shared: some kilobytes can stand for a million fields, or for a name a million times.

use arrow_ipc::{Field, KeyValue, Schema};

use crate::error::SpillwayError;
use crate::limits::{Limit, ReadLimits};

/// Checks a schema's fields, their depth, and the bytes of names and metadata.
///
/// # Errors
/// `LIMIT_EXCEEDED`.
pub(crate) fn check_schema(schema: Schema<'_>, limits: ReadLimits) -> Result<(), SpillwayError> {
    let mut size = Size { limits, fields: 0, bytes: 0 };
    schema.custom_metadata().into_iter().flatten().try_for_each(|pair| size.add_pair(pair))?;
    schema.fields().into_iter().flatten().try_for_each(|field| size.add(field, 1))
}

struct Size {
    limits: ReadLimits,
    fields: u64,
    bytes: u64,
}

impl Size {
    fn add(&mut self, field: Field<'_>, depth: u64) -> Result<(), SpillwayError> {
        let what = || "the schema".to_owned();
        self.fields += 1;
        self.limits.check(Limit::Columns, self.fields, what)?;
        self.limits.check(Limit::NestingDepth, depth, what)?;
        self.add_bytes(field.name().map_or(0, str::len))?;
        field.custom_metadata().into_iter().flatten().try_for_each(|pair| self.add_pair(pair))?;
        field.children().into_iter().flatten().try_for_each(|child| self.add(child, depth + 1))
    }

    fn add_pair(&mut self, pair: KeyValue<'_>) -> Result<(), SpillwayError> {
        self.add_bytes(pair.key().map_or(0, str::len) + pair.value().map_or(0, str::len))
    }

    fn add_bytes(&mut self, bytes: usize) -> Result<(), SpillwayError> {
        self.bytes += bytes as u64;
        self.limits.check(Limit::MetadataBytes, self.bytes, || "the names and metadata of the schema".into())
    }
}
