//! The exported functions, as Deno and Bun call them, behind safe ones.

use serde_json::Value;
use spillway as _;

use crate::shown::{Buffer, Numbers};

unsafe extern "C" {
    fn spw_handle_reserve(numbers: *mut f64, capacity: u32) -> u32;
    fn spw_scan_open(handle: u32, json: *const u8, length: u32) -> u32;
    fn spw_scan_ready(handle: u32) -> i32;
    fn spw_scan_next(handle: u32, chunk_rows: f64, numbers: *mut f64, capacity: u32) -> i32;
    fn spw_scan_wait(handle: u32, timeout_ms: f64) -> i32;
    fn spw_scan_close(handle: u32) -> i32;
    fn spw_scan_stats(handle: u32, numbers: *mut f64, capacity: u32) -> i32;
    fn spw_text(handle: u32, what: u32, buffer: *mut u8, capacity: u32) -> u32;
    fn spw_file_open(handle: u32, json: *const u8, length: u32) -> u32;
    fn spw_memory(numbers: *mut f64, capacity: u32) -> i32;
    fn spw_buffer_free(bytes: *mut u8, slot: *mut u8);
    fn spw_input_open(handle: u32, scan: u32) -> u32;
    fn spw_input_push(handle: u32, bytes: *const u8, length: u32) -> i32;
    fn spw_input_end(handle: u32) -> i32;
    fn spw_transform_open(handle: u32, json: *const u8, length: u32, schema: *const u8, schema_length: u32) -> u32;
    fn spw_transform_apply(handle: u32, lent: *const f64, lent_length: u32, numbers: *mut f64, capacity: u32) -> i32;
    fn spw_sink_open(handle: u32, json: *const u8, length: u32, schema: *const u8, schema_length: u32) -> u32;
    fn spw_sink_write(handle: u32, batch: *const f64, length: u32) -> i32;
    fn spw_sink_finish(handle: u32) -> i32;
    fn spw_sink_wait(handle: u32, what: u32, timeout_ms: f64) -> i32;
    fn spw_sink_take(handle: u32, numbers: *mut f64, capacity: u32) -> i32;
}

/// Texts of `spw_text`.
pub const TEXT_SCHEMA: u32 = 2;
const TEXTS_OF_SCANS: [u32; 5] = [3, 4, 5, 6, 7];
pub const TEXT_FILE: u32 = 4;

/// What went wrong, as JavaScript is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    pub code: String,
    pub text: String,
}

/// A handle, closed when it is dropped.
#[derive(Debug)]
pub struct Handle(u32);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: any handle may be closed.
        unsafe { spw_scan_close(self.0) };
    }
}

/// What `spw_scan_next` and `spw_transform_apply` give.
pub enum Given {
    Batch(Numbers),
    Nothing,
    End,
    Unchanged,
}

/// Sets the panic hook of the library, so that another one set later stays.
pub fn settle_panic_hook() {
    // SAFETY: any handle may be closed.
    unsafe { spw_scan_close(0) };
}

/// Bytes in use of all scans, and how many scans are decoding.
pub fn in_use() -> (u64, u64) {
    let mut numbers = [0.0; 6];
    // SAFETY: the buffer is as long as is said.
    unsafe { spw_memory(numbers.as_mut_ptr(), 6) };
    (numbers[3] as u64, numbers[4] as u64)
}

/// Gives a buffer back.
pub fn free(slot: usize) {
    // SAFETY: a `Buffer` gives its slot here once, when it is dropped.
    unsafe { spw_buffer_free(std::ptr::null_mut(), slot as *mut u8) };
}

pub fn open_scan(options: &Value) -> Result<Handle, Failure> {
    let json = options.to_string();
    // SAFETY: the text is as long as is said.
    opened(unsafe { spw_scan_open(reserved(), json.as_ptr(), json.len() as u32) })
}

pub fn open_file(options: &Value) -> Result<Handle, Failure> {
    let json = options.to_string();
    // SAFETY: the text is as long as is said.
    opened(unsafe { spw_file_open(reserved(), json.as_ptr(), json.len() as u32) })
}

pub fn open_transform(steps: &Value, schema: &[u8]) -> Result<Handle, Failure> {
    let json = steps.to_string();
    // SAFETY: both are as long as is said.
    opened(unsafe {
        spw_transform_open(reserved(), json.as_ptr(), json.len() as u32, schema.as_ptr(), schema.len() as u32)
    })
}

pub fn open_sink(options: &Value, schema: &[u8]) -> Result<Handle, Failure> {
    let json = options.to_string();
    // SAFETY: both are as long as is said.
    opened(unsafe { spw_sink_open(reserved(), json.as_ptr(), json.len() as u32, schema.as_ptr(), schema.len() as u32) })
}

/// A handle that stands for nothing yet, without a lease.
fn reserved() -> u32 {
    let mut lease = [0.0; 3];
    // SAFETY: the buffer is as long as is said.
    let handle = unsafe { spw_handle_reserve(lease.as_mut_ptr(), 3) };
    free(lease[2] as usize);
    handle
}

fn opened(handle: u32) -> Result<Handle, Failure> {
    if handle == 0 { Err(Handle(0).failure()) } else { Ok(Handle(handle)) }
}

impl Handle {
    /// What the last call on it failed with.
    pub fn failure(&self) -> Failure {
        let text = self.text(1);
        let json: Value = serde_json::from_slice(&text).unwrap_or_default();
        let code = json["code"].as_str().unwrap_or("none").to_owned();
        Failure { code, text: String::from_utf8_lossy(&text).into_owned() }
    }

    pub fn text(&self, what: u32) -> Vec<u8> {
        let mut buffer = vec![0; 1 << 14];
        loop {
            // SAFETY: the buffer is as long as is said.
            let length = unsafe { spw_text(self.0, what, buffer.as_mut_ptr(), buffer.len() as u32) } as usize;
            if length <= buffer.len() {
                buffer.truncate(length);
                return buffer;
            }
            buffer.resize(length, 0);
        }
    }

    /// Reads all that a scan tells of itself.
    pub fn look_at_texts(&self) {
        for text in TEXTS_OF_SCANS {
            drop(self.text(text));
        }
    }

    /// Waits for something to do: false when that took a second.
    pub fn wait(&self) -> bool {
        // SAFETY: takes no memory.
        unsafe { spw_scan_wait(self.0, 1000.0) == 1 }
    }

    /// Whether the schema is there.
    pub fn ready(&self) -> Result<bool, Failure> {
        // SAFETY: takes no memory.
        match unsafe { spw_scan_ready(self.0) } {
            -1 => Err(self.failure()),
            ready => Ok(ready == 1),
        }
    }

    pub fn next(&self, rows: f64) -> Result<Given, Failure> {
        // SAFETY: the buffer is as long as is said.
        self.given(&mut |numbers, capacity| unsafe { spw_scan_next(self.0, rows, numbers, capacity) })
    }

    /// Takes a transform's steps on a batch.
    ///
    /// # Safety
    /// The buffers that `lent` describes are as long as it says.
    pub unsafe fn apply(&self, lent: &[f64]) -> Result<Given, Failure> {
        let mut first = true;
        self.given(&mut |numbers, capacity| {
            let lent = if std::mem::take(&mut first) { lent } else { &[] };
            // SAFETY: by the caller's promise.
            unsafe { spw_transform_apply(self.0, lent.as_ptr(), lent.len() as u32, numbers, capacity) }
        })
    }

    fn given(&self, call: &mut dyn FnMut(*mut f64, u32) -> i32) -> Result<Given, Failure> {
        let mut numbers = vec![0.0; 64];
        loop {
            match call(numbers.as_mut_ptr(), numbers.len() as u32) {
                0 => return Ok(Given::Nothing),
                1 => return Ok(Given::Batch(Numbers::new(&numbers))),
                2 => return Ok(Given::End),
                3 => numbers = vec![0.0; numbers[0] as usize],
                4 => return Ok(Given::Unchanged),
                _ => return Err(self.failure()),
            }
        }
    }

    pub fn stats(&self) -> Vec<f64> {
        let mut numbers = vec![0.0; 64];
        // SAFETY: the buffer is as long as is said.
        let count = unsafe { spw_scan_stats(self.0, numbers.as_mut_ptr(), 64) };
        numbers.truncate(count.max(0) as usize);
        numbers
    }

    /// The input of a scan that bytes are pushed to.
    pub fn input(&self) -> Result<Self, Failure> {
        // SAFETY: takes no memory.
        opened(unsafe { spw_input_open(reserved(), self.0) })
    }

    /// Whether the bytes were taken (1), there is no room (0) or the scan is over (2).
    pub fn push(&self, bytes: &[u8]) -> Result<i32, Failure> {
        // SAFETY: the bytes are as many as is said.
        match unsafe { spw_input_push(self.0, bytes.as_ptr(), bytes.len() as u32) } {
            -1 => Err(self.failure()),
            outcome => Ok(outcome),
        }
    }

    pub fn end(&self) {
        // SAFETY: takes no memory.
        unsafe { spw_input_end(self.0) };
    }

    /// Gives a sink a batch.
    ///
    /// # Safety
    /// The buffers that `batch` describes are as long as it says.
    pub unsafe fn write(&self, batch: &[f64]) -> Result<(), Failure> {
        // SAFETY: by the caller's promise.
        if unsafe { spw_sink_write(self.0, batch.as_ptr(), batch.len() as u32) } < 0 {
            return Err(self.failure());
        }
        Ok(())
    }

    /// Ends a sink and takes all its bytes.
    pub fn finish(&self) -> Result<Vec<u8>, Failure> {
        // SAFETY: takes no memory.
        if unsafe { spw_sink_finish(self.0) } < 0 {
            return Err(self.failure());
        }
        let mut bytes = Vec::new();
        loop {
            let mut numbers = [0.0; 3];
            // SAFETY: the buffer is as long as is said.
            match unsafe { spw_sink_take(self.0, numbers.as_mut_ptr(), 3) } {
                1 => bytes.extend_from_slice(Buffer::new(&numbers).bytes()),
                2 => return Ok(bytes),
                // SAFETY: takes no memory.
                0 => drop(unsafe { spw_sink_wait(self.0, 2, 1000.0) }),
                _ => return Err(self.failure()),
            }
        }
    }
}
