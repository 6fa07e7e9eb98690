//! The whole way across the boundary and back, as JavaScript takes it: by numbers and addresses alone. Miri and the
//! address sanitizer watch it, so that memory that is read after it was freed, freed twice or never shows here.

use std::ffi::c_void;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};

use super::exports::{
    BATCH, EMPTY, END, GROW, spw_buffer_free, spw_scan_close, spw_scan_next, spw_scan_open, spw_scan_wait,
};
use super::handles;
use super::input_exports::{spw_input_end, spw_input_open, spw_input_push};
use super::sink_exports::{spw_sink_finish, spw_sink_open, spw_sink_take, spw_sink_wait, spw_sink_write};
use super::text_exports::{TEXT_ERROR, spw_text};
use super::transform_exports::{spw_transform_apply, spw_transform_open};

const ROOM: u32 = 1;
const BYTES: u32 = 2;
const WAIT_MS: f64 = 60_000.0;
const TEXT: &[u8] = b"{\"n\":1,\"t\":\"a\"}\n{\"n\":null,\"t\":\"bc\"}\n{\"n\":3,\"t\":null}\n";

/// A buffer of native memory, as a descriptor names it. Freed on another thread, as the runtimes' collectors do.
struct Owned {
    address: usize,
    length: usize,
    slot: usize,
}

impl Owned {
    fn of([address, length, slot]: [f64; 3]) -> Self {
        Self { address: address as usize, length: length as usize, slot: slot as usize }
    }

    fn bytes(&self) -> &[u8] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: the slot keeps its bytes, and it is freed when this is dropped.
        unsafe { std::slice::from_raw_parts(self.address as *const u8, self.length) }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let (address, slot) = (self.address, self.slot);
        let free = move || {
            // SAFETY: the slot is freed once, here.
            unsafe { spw_buffer_free(address as *mut c_void, slot as *mut c_void) };
        };
        std::thread::spawn(free).join().expect("freed");
    }
}

/// A batch's descriptor, with the slots that it gives away.
struct Given {
    rows: f64,
    nodes: Vec<[f64; 2]>,
    slots: Vec<Owned>,
}

impl Given {
    fn read(numbers: &[f64]) -> Self {
        let (nodes, buffers) = (numbers[4] as usize, numbers[5] as usize);
        let (head, rest) = numbers.split_at(16);
        let nodes: Vec<[f64; 2]> = rest.as_chunks::<2>().0[..nodes].to_vec();
        let slots = rest[2 * nodes.len()..].as_chunks::<3>().0[..buffers].iter().map(|buffer| Owned::of(*buffer));
        Self { rows: head[2], nodes, slots: slots.collect() }
    }

    /// The batch as the library is lent it: two columns, of three and two buffers, or the other way round.
    fn lent(&self, with_slots: bool) -> Vec<f64> {
        let mut numbers = vec![0.0, self.rows, 0.0];
        let mut slots = self.slots.iter();
        for ([length, nulls], buffers) in self.nodes.iter().zip([2, 3]) {
            numbers.extend([*length, *nulls, 0.0, f64::from(buffers), 0.0]);
            for Owned { address, length, slot } in slots.by_ref().take(buffers as usize) {
                let slot = if with_slots { *slot } else { 0 };
                numbers.extend([*address, *length, slot].map(|number| number as f64));
            }
        }
        numbers
    }
}

fn schema() -> Vec<u8> {
    let fields = vec![Field::new("n", DataType::Int64, true), Field::new("t", DataType::Utf8, true)];
    let mut writer =
        arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &Arc::new(Schema::new(fields))).expect("begun");
    writer.finish().expect("ended");
    writer.into_inner().expect("bytes")
}

fn error(handle: u32) -> String {
    let mut text = vec![0; 4096];
    // SAFETY: the buffer is as long as it is said to be.
    let length = unsafe { spw_text(handle, TEXT_ERROR, text.as_mut_ptr(), 4096) };
    text.truncate(length as usize);
    String::from_utf8_lossy(&text).into_owned()
}

/// All batches of NDJSON that is pushed, in pieces of so many bytes.
fn scanned(text: &[u8], piece: usize) -> Vec<Given> {
    let json = br#"{"files": [], "text": {"format": {"ndjson": {}}, "pushed": true}, "memoryLimitBytes": 1000000}"#;
    // SAFETY: the JSON is as long as it is said to be.
    let scan = unsafe { spw_scan_open(handles::reserve(), json.as_ptr(), json.len() as u32) };
    assert_ne!(scan, 0, "{}", error(0));
    let bytes = spw_input_open(handles::reserve(), scan);
    for piece in text.chunks(piece) {
        loop {
            // SAFETY: the piece is as long as it is said to be.
            match unsafe { spw_input_push(bytes, piece.as_ptr(), piece.len() as u32) } {
                0 => assert_eq!(spw_scan_wait(bytes, WAIT_MS), 1),
                1 => break,
                other => panic!("{other}: {}", error(scan)),
            }
        }
    }
    assert_eq!(spw_input_end(bytes), 0);
    let mut given = Vec::new();
    let mut numbers = vec![0.0; 1];
    loop {
        // SAFETY: the buffer is as long as it is said to be.
        match unsafe { spw_scan_next(scan, 0.0, numbers.as_mut_ptr(), numbers.len() as u32) } {
            BATCH => given.push(Given::read(&numbers)),
            EMPTY => assert_eq!(spw_scan_wait(scan, WAIT_MS), 1),
            GROW => numbers.resize(numbers[0] as usize, 0.0),
            END => break,
            other => panic!("{other}: {}", error(scan)),
        }
    }
    spw_scan_close(bytes);
    spw_scan_close(scan);
    spw_scan_close(scan);
    given
}

/// What a sink of NDJSON makes of batches, which are given away with their slots.
fn written(batches: Vec<Given>) -> Vec<u8> {
    let (json, schema) = (br#"{"encoder": {"format": "ndjson", "text": {"explicitNulls": true}}}"#, schema());
    // SAFETY: both are as long as they are said to be.
    let sink = unsafe {
        spw_sink_open(handles::reserve(), json.as_ptr(), json.len() as u32, schema.as_ptr(), schema.len() as u32)
    };
    assert_ne!(sink, 0, "{}", error(0));
    for batch in batches {
        let lent = batch.lent(true);
        // SAFETY: the descriptor is of live slots, and nobody writes to their memory.
        let room = unsafe { spw_sink_write(sink, lent.as_ptr(), lent.len() as u32) };
        assert!(room >= 0, "{}", error(sink));
        // JavaScript lets go of the batch before the sink has encoded it.
        drop(batch);
        if room == 0 {
            spw_sink_wait(sink, ROOM, WAIT_MS);
        }
    }
    assert_eq!(spw_sink_finish(sink), 0);
    let (mut text, mut numbers) = (Vec::new(), [0.0; 3]);
    loop {
        // SAFETY: there is room for three numbers.
        match unsafe { spw_sink_take(sink, numbers.as_mut_ptr(), 3) } {
            BATCH => text.extend_from_slice(Owned::of(numbers).bytes()),
            EMPTY => assert_eq!(spw_sink_wait(sink, BYTES, WAIT_MS), 1),
            END => break,
            other => panic!("{other}: {}", error(sink)),
        }
    }
    spw_scan_close(sink);
    text
}

#[test]
fn what_a_sink_makes_of_batches_that_were_let_go_is_what_they_were() {
    let written = written(scanned(TEXT, 5));
    let expected = "{\"n\":1,\"t\":\"a\"}\n{\"n\":null,\"t\":\"bc\"}\n{\"n\":3,\"t\":null}\n";
    assert_eq!(String::from_utf8_lossy(&written), expected);
}

#[test]
fn buffers_outlive_the_scan_that_gave_them() {
    let batches = scanned(TEXT, TEXT.len());
    assert_eq!(batches.iter().map(|batch| batch.rows).sum::<f64>().to_bits(), 3.0_f64.to_bits());
    let values = batches[0].slots[1].bytes();
    assert_eq!(values[..8], 1_i64.to_le_bytes());
    drop(batches);
}

#[test]
fn a_transform_keeps_nothing_of_what_it_is_lent() {
    let batches = scanned(TEXT, TEXT.len());
    let steps = br#"[{"where": {"call": "gt", "arguments": [{"column": ["n"]}, {"literal": {"type": "number", "value": 0}}]}}]"#;
    let schema = schema();
    // SAFETY: both are as long as they are said to be.
    let transform = unsafe {
        spw_transform_open(handles::reserve(), steps.as_ptr(), steps.len() as u32, schema.as_ptr(), schema.len() as u32)
    };
    assert_ne!(transform, 0, "{}", error(0));
    let mut results = Vec::new();
    for batch in batches {
        let lent = batch.lent(false);
        let mut numbers = vec![0.0; 100];
        // SAFETY: the descriptor is of live memory, and there is room for so many numbers.
        let outcome =
            unsafe { spw_transform_apply(transform, lent.as_ptr(), lent.len() as u32, numbers.as_mut_ptr(), 100) };
        assert!([BATCH, EMPTY].contains(&outcome), "{outcome}: {}", error(transform));
        if outcome == BATCH {
            results.push(Given::read(&numbers));
        }
    }
    spw_scan_close(transform);
    assert_eq!(String::from_utf8_lossy(&written(results)), "{\"n\":1,\"t\":\"a\"}\n{\"n\":3,\"t\":null}\n");
}

#[test]
fn scans_that_are_closed_with_batches_in_wait_give_their_memory_back() {
    let json = br#"{"files": [], "text": {"format": {"ndjson": {}}, "pushed": true}}"#;
    // SAFETY: the JSON is as long as it is said to be.
    let scan = unsafe { spw_scan_open(handles::reserve(), json.as_ptr(), json.len() as u32) };
    let bytes = spw_input_open(handles::reserve(), scan);
    // SAFETY: the text is as long as it is said to be.
    assert_eq!(unsafe { spw_input_push(bytes, TEXT.as_ptr(), TEXT.len() as u32) }, 1);
    spw_input_end(bytes);
    assert_eq!(spw_scan_wait(scan, WAIT_MS), 1);
    let mut number = [0.0];
    // SAFETY: there is room for one number.
    while unsafe { spw_scan_next(scan, 0.0, number.as_mut_ptr(), 1) } == EMPTY {
        spw_scan_wait(scan, WAIT_MS);
    }
    spw_scan_close(scan);
    // SAFETY: as above.
    assert_eq!(unsafe { spw_scan_next(scan, 0.0, number.as_mut_ptr(), 1) }, -1);
    spw_scan_close(bytes);
}
