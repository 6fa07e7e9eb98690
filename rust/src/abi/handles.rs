//! Handles: small numbers that stand for scans, transforms, sinks and files, so that a stale or invented one is an error and never a pointer.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, OnceLock};

use arrow_schema::SchemaRef;

use crate::batch_scan::{BatchScan, ByteInput};
use crate::batches::batch::{Batch, StreamMemory};
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::file::ParquetFile;
use crate::options::ScanOptions;
use crate::sink::Sink;
use crate::transform::Transform;

/// What a handle stands for.
#[derive(Clone)]
pub enum Object {
    /// A scan, with the error that ended it once there is one.
    Scan(Arc<ScanHandle>),
    /// Where the bytes of a scan are pushed to.
    Input(Arc<dyn ByteInput>),
    /// Steps for batches of one schema.
    Transform(Arc<TransformHandle>),
    /// A sink of batches of one schema.
    Sink(Arc<SinkHandle>),
    /// An opened file, for its facts, and the options that its schema is shown with.
    File(Arc<(Arc<ParquetFile>, ScanOptions)>),
}

/// A scan and what its consumer has not fetched.
pub struct ScanHandle {
    /// The scan.
    pub scan: Box<dyn BatchScan>,
    /// A batch whose descriptor did not fit into the caller's buffer.
    pub pending: Mutex<Option<Box<Batch>>>,
    /// What the last call failed with.
    pub error: Mutex<Option<SpillwayError>>,
}

/// A transform and what its caller has not fetched.
pub struct TransformHandle {
    /// The steps.
    pub transform: Transform,
    /// Where the bytes of its batches are counted.
    pub memory: Arc<StreamMemory>,
    /// A batch whose descriptor did not fit into the caller's buffer.
    pub pending: Mutex<Option<Box<Batch>>>,
    /// What the last call failed with.
    pub error: Mutex<Option<SpillwayError>>,
}

/// A sink and what its batches are.
pub struct SinkHandle {
    /// The sink.
    pub sink: Sink,
    /// The schema of its batches.
    pub schema: SchemaRef,
    /// What the last call failed with.
    pub error: Mutex<Option<SpillwayError>>,
}

#[derive(Default)]
struct Table {
    last: u32,
    objects: HashMap<u32, Object>,
}

fn table() -> &'static Mutex<Table> {
    static TABLE: OnceLock<Mutex<Table>> = OnceLock::new();
    TABLE.get_or_init(Mutex::default)
}

/// A handle that stands for nothing yet. It is never 0, and given again only after 2^32 others.
pub fn reserve() -> u32 {
    let mut table = crate::lock(table());
    loop {
        table.last = table.last.wrapping_add(1);
        let handle = table.last;
        if handle != 0 && !table.objects.contains_key(&handle) {
            return handle;
        }
    }
}

/// Lets a reserved handle stand for an object, and gives the handle.
///
/// # Errors
/// `INVALID_HANDLE` for one that stands for another object, and for 0.
pub fn insert(handle: u32, object: Object) -> Result<u32> {
    match crate::lock(table()).objects.entry(handle) {
        Entry::Vacant(place) if handle != 0 => place.insert(object),
        _ => return Err(invalid(handle)),
    };
    Ok(handle)
}

/// The object of a handle.
///
/// # Errors
/// `INVALID_HANDLE` when it was closed or never given.
pub fn get(handle: u32) -> Result<Object> {
    crate::lock(table()).objects.get(&handle).cloned().ok_or_else(|| invalid(handle))
}

/// The scan of a handle.
///
/// # Errors
/// `INVALID_HANDLE` when it is none.
pub fn scan(handle: u32) -> Result<Arc<ScanHandle>> {
    match get(handle)? {
        Object::Scan(scan) => Ok(scan),
        _ => Err(invalid(handle)),
    }
}

/// The pushed input of a handle.
///
/// # Errors
/// `INVALID_HANDLE` when it is none.
pub fn byte_input(handle: u32) -> Result<Arc<dyn ByteInput>> {
    match get(handle)? {
        Object::Input(input) => Ok(input),
        _ => Err(invalid(handle)),
    }
}

/// The transform of a handle.
///
/// # Errors
/// `INVALID_HANDLE` when it is none.
pub fn transform(handle: u32) -> Result<Arc<TransformHandle>> {
    match get(handle)? {
        Object::Transform(transform) => Ok(transform),
        _ => Err(invalid(handle)),
    }
}

/// The sink of a handle.
///
/// # Errors
/// `INVALID_HANDLE` when it is none.
pub fn sink(handle: u32) -> Result<Arc<SinkHandle>> {
    match get(handle)? {
        Object::Sink(sink) => Ok(sink),
        _ => Err(invalid(handle)),
    }
}

/// Forgets a handle; idempotent.
pub fn remove(handle: u32) {
    let removed = crate::lock(table()).objects.remove(&handle);
    // Dropped outside the lock: a scan's end takes locks of its own.
    drop(removed);
}

fn invalid(handle: u32) -> SpillwayError {
    SpillwayError::new(ErrorCode::InvalidHandle, format!("Cannot use handle {handle}: it was closed or never opened"))
}
