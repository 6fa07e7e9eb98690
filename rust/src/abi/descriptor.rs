//! A batch as numbers: counts, nodes and buffers, written into a `Float64Array` of the caller's.

use crate::abi::slot;
use crate::batches::batch::{Batch, HeldBuffer};
use crate::stats::ScanStats;

/// Numbers before the nodes.
const HEADER: usize = 16;
const NODE: usize = 2;
const BUFFER: usize = 3;
const DICTIONARY: usize = 8;

/// Flag: the consumer holds more than its share, so that this batch should be copied and released.
const FLAG_COPY: f64 = 1.0;

/// How many numbers a batch's descriptor takes.
pub fn length(batch: &Batch) -> usize {
    HEADER + NODE * batch.nodes.len() + BUFFER * batch.buffers.len() + DICTIONARY * batch.dictionaries.len()
}

/// Writes a batch's descriptor, of [`length`] numbers, and gives its buffers away to the slots named in it.
pub fn write(batch: Batch, stats: &ScanStats, copy: bool, out: &mut [f64]) {
    let header = [
        length(&batch) as f64,
        batch.sequence as f64,
        batch.rows as f64,
        batch.bytes as f64,
        batch.nodes.len() as f64,
        batch.buffers.len() as f64,
        batch.first_row_in_file as f64,
        batch.decode_ms,
        f64::from(batch.reason as u8),
        batch.dictionaries.len() as f64,
        stats.row_bytes as f64,
        stats.rows_left,
        stats.held_bytes as f64,
        stats.queued_bytes as f64,
        stats.share_bytes as f64,
        if copy { FLAG_COPY } else { 0.0 },
    ];
    let nodes = batch.nodes.iter().flat_map(|node| [node.length as f64, node.null_count as f64]);
    let buffers = batch.buffers.into_iter().flat_map(export);
    let dictionaries = batch.dictionaries.into_iter().flat_map(|dictionary| {
        let head = [dictionary.id as f64, dictionary.length as f64];
        head.into_iter().chain(export(dictionary.offsets)).chain(export(dictionary.data))
    });
    let numbers = header.into_iter().chain(nodes).chain(buffers).chain(dictionaries);
    out.iter_mut().zip(numbers).for_each(|(place, number)| *place = number);
}

/// Address, length and slot of a buffer. Addresses of user space have less than 53 bits, so that `f64` holds them.
fn export(buffer: HeldBuffer) -> [f64; BUFFER] {
    let (address, length) = (buffer.as_slice().as_ptr() as usize, buffer.as_slice().len());
    if length == 0 {
        return [0.0; BUFFER];
    }
    [address as f64, length as f64, slot::export(buffer) as usize as f64]
}
