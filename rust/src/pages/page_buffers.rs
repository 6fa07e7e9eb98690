//! Buffers of decompressed pages, which are filled again and again.
//!
//! A fresh buffer for each page costs a tenth of a full scan in page faults and `memset`, so decompressors write into
//! memory that the scan has used before. What of a buffer no page has needed yet is not touched either.

use std::sync::{Arc, Mutex};

use crate::memory::allocation;
use crate::workers;

/// Bytes of free buffers that a scan keeps: a page or two a column of a usual file.
const MAX_FREE_BYTES: usize = 16 << 20;
/// The smallest buffer.
const SMALLEST: usize = 16 << 10;

/// A scan's page buffers. They are never cleared: each is as long as the longest page that it held, and no longer.
#[derive(Debug, Default)]
pub struct PageBuffers {
    free: Mutex<Free>,
}

#[derive(Debug, Default)]
struct Free {
    /// With the worker that had each, those that came back last behind.
    buffers: Vec<(Option<usize>, Vec<u8>)>,
    bytes: usize,
}

impl PageBuffers {
    /// A buffer of at least `length` initialised bytes: the smallest free one that is large enough, or a new one. Of
    /// several, this worker's own, and the one that came back last, are the warmest.
    pub(crate) fn take(self: &Arc<Self>, length: usize) -> PageBuffer {
        let mut free = crate::lock(&self.free);
        let worker = workers::current();
        let fitting = free.buffers.iter().enumerate().rev().filter(|(_, (_, buffer))| buffer.capacity() >= length);
        let best =
            fitting.min_by_key(|(_, (last, buffer))| (buffer.capacity(), *last != worker)).map(|(index, _)| index);
        let reused = best.map(|index| free.buffers.remove(index).1);
        free.bytes -= reused.as_ref().map_or(0, Vec::capacity);
        drop(free);
        let mut bytes = reused.unwrap_or_else(|| allocation::bytes(rounded(length)));
        if bytes.len() < length {
            bytes.resize(length, 0);
        }
        PageBuffer { bytes, length, home: Arc::clone(self) }
    }

    fn give_back(&self, bytes: Vec<u8>) {
        let mut free = crate::lock(&self.free);
        if free.bytes + bytes.capacity() <= MAX_FREE_BYTES {
            free.bytes += bytes.capacity();
            free.buffers.push((workers::current(), bytes));
        }
    }
}

/// Buffers fit more pages where their lengths are few, but those that are not kept have no more than is needed.
fn rounded(length: usize) -> usize {
    if length > MAX_FREE_BYTES { length } else { length.next_power_of_two().max(SMALLEST) }
}

/// The bytes of one page; they go home when the last view of them is gone.
pub(crate) struct PageBuffer {
    bytes: Vec<u8>,
    length: usize,
    home: Arc<PageBuffers>,
}

impl AsMut<[u8]> for PageBuffer {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.length]
    }
}

impl AsRef<[u8]> for PageBuffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl Drop for PageBuffer {
    fn drop(&mut self) {
        self.home.give_back(std::mem::take(&mut self.bytes));
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn free(buffers: &PageBuffers) -> usize {
        crate::lock(&buffers.free).buffers.len()
    }

    #[test]
    fn a_page_buffer_goes_home_with_its_last_view() {
        let buffers = Arc::new(PageBuffers::default());
        let page = Bytes::from_owner(buffers.take(1000));
        let view = page.slice(10..20);
        drop(page);
        assert_eq!(free(&buffers), 0);
        drop(view);
        assert_eq!(free(&buffers), 1);
        assert_eq!(buffers.take(500).as_ref().len(), 500);
    }

    #[test]
    fn the_smallest_buffer_that_fits_is_reused() {
        let buffers = Arc::new(PageBuffers::default());
        drop([buffers.take(1 << 20), buffers.take(1 << 16), buffers.take(1 << 18)]);
        assert_eq!(buffers.take(100_000).bytes.capacity(), 1 << 18);
        assert_eq!(buffers.take(2 << 20).bytes.capacity(), 2 << 20);
    }

    #[test]
    fn a_buffer_is_as_long_as_its_longest_page() {
        let buffers = Arc::new(PageBuffers::default());
        for (length, longest) in [(600_000, 600_000), (1 << 20, 1 << 20), (700_000, 1 << 20)] {
            let page = buffers.take(length);
            assert_eq!((page.as_ref().len(), page.bytes.len(), page.bytes.capacity()), (length, longest, 1 << 20));
        }
    }

    #[test]
    fn a_thread_gets_its_own_buffers_first() {
        let buffers = Arc::new(PageBuffers::default());
        let [own, others, smaller] = [1 << 20, 1 << 20, 1 << 16].map(|length| buffers.take(length));
        let address = own.bytes.as_ptr();
        drop(own);
        let (done, is_done) = std::sync::mpsc::channel();
        let give_back = move || {
            drop([others, smaller]);
            done.send(()).expect("a test that waits");
        };
        workers::spawn(give_back).expect("a worker");
        is_done.recv().expect("the worker's word");
        assert_eq!(buffers.take(1 << 16).bytes.capacity(), 1 << 16, "the smallest that fits, whoever had it");
        assert_eq!(buffers.take(1 << 20).bytes.as_ptr(), address, "not the one that came back last");
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let buffers = Arc::new(PageBuffers::default());
        let many: Vec<PageBuffer> = (0..6).map(|_| buffers.take(4 << 20)).collect();
        drop(many);
        assert_eq!(free(&buffers), 4);
    }
}
