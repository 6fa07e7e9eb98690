//! The exported function that writes texts: errors, schemas, plans and facts.

use crate::abi::exports::output;
use crate::abi::guard::{guard, last_error};
use crate::abi::handles::{self, Object};
use crate::batch_scan::Report;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::facts;
use crate::files::schema::file_schema;

/// Texts of [`spw_text`].
pub(super) const TEXT_ERROR: u32 = 1;
const TEXT_SCHEMA: u32 = 2;
const TEXT_PLAN: u32 = 3;
const TEXT_FILE: u32 = 4;
const TEXT_DECISIONS: u32 = 5;
const TEXT_PRUNING: u32 = 6;
const TEXT_FILES: u32 = 7;
const TEXT_SUMMARY: u32 = 8;

/// Writes one of the texts if it fits; returns the bytes that it needs, 0 where there is none.
///
/// # Safety
/// `buffer` points to `capacity` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_text(handle: u32, what: u32, buffer: *mut u8, capacity: u32) -> u32 {
    let text = if what == TEXT_ERROR { Ok(error_text(handle)) } else { text_of(handle, what) };
    guard(0, || {
        let text = text?;
        // SAFETY: by the caller's promise.
        let out = unsafe { output(buffer, capacity) };
        if let Some(place) = out.get_mut(..text.len()) {
            place.copy_from_slice(&text);
        }
        Ok(text.len() as u32)
    })
}

fn error_text(handle: u32) -> Vec<u8> {
    let own = match handles::get(handle) {
        Ok(Object::Scan(scan)) => crate::lock(&scan.error).clone(),
        Ok(Object::Transform(transform)) => crate::lock(&transform.error).clone(),
        Ok(Object::Sink(sink)) => crate::lock(&sink.error).clone(),
        Ok(Object::File(_) | Object::Input(_)) | Err(_) => None,
    };
    own.or_else(last_error).map(|error| error.to_json().into_bytes()).unwrap_or_default()
}

fn text_of(handle: u32, what: u32) -> Result<Vec<u8>> {
    let invalid = |message: String| SpillwayError::new(ErrorCode::InvalidArgument, message);
    let json = |result: serde_json::Result<Vec<u8>>| {
        result.map_err(|e| SpillwayError::new(ErrorCode::Internal, format!("Cannot write a text: {e}")))
    };
    match handles::get(handle)? {
        Object::File(opened) => match what {
            TEXT_SCHEMA => schema_text(&file_schema(&opened.0, &opened.1)?),
            TEXT_FILE => json(serde_json::to_vec(&facts::file_facts(&opened.0))),
            _ => Err(invalid(format!("Cannot give text {what} of a file"))),
        },
        Object::Transform(transform) => match what {
            TEXT_SCHEMA => schema_text(transform.transform.schema()),
            TEXT_PLAN => json(serde_json::to_vec(transform.transform.lending())),
            _ => Err(invalid(format!("Cannot give text {what} of a transform"))),
        },
        Object::Sink(sink) => match what {
            TEXT_SUMMARY => sink.sink.summary().map_or_else(|| Ok(Vec::new()), |it| json(serde_json::to_vec(&it))),
            _ => Err(invalid(format!("Cannot give text {what} of a sink"))),
        },
        Object::Input(_) => Err(invalid(format!("Cannot give text {what} of an input"))),
        Object::Scan(scan) => {
            let report = match what {
                TEXT_SCHEMA => {
                    return scan.scan.schema()?.map_or_else(|| Ok(Vec::new()), |schema| schema_text(&schema));
                }
                TEXT_PLAN => Report::Plan,
                TEXT_FILE => Report::File,
                TEXT_DECISIONS => Report::Decisions,
                TEXT_PRUNING => Report::Pruning,
                TEXT_FILES => Report::Files,
                _ => return Err(invalid(format!("Cannot give text {what} of a scan"))),
            };
            if matches!(report, Report::Plan | Report::File) {
                // What opening failed with.
                scan.scan.schema()?;
            }
            scan.scan.report(report).map_or_else(|| Ok(Vec::new()), json)
        }
    }
}

/// A schema as an Arrow IPC stream without batches.
fn schema_text(schema: &arrow_schema::SchemaRef) -> Result<Vec<u8>> {
    let write = || {
        let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), schema)?;
        writer.finish()?;
        writer.into_inner()
    };
    write().map_err(|e| {
        SpillwayError::new(ErrorCode::UnsupportedFeature, format!("Cannot describe the schema in Arrow's format: {e}"))
    })
}
