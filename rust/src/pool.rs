//! A stream's pool of column buffers: memory that a released batch gives back is filled again, still mapped and warm.
//!
//! Fresh memory is dear on virtual machines, where every first touch of a page is a fault into the hypervisor; a scan
//! that reuses its buffers runs about twice as fast as one that asks the allocator for new pages.

use std::sync::Mutex;

use arrow_buffer::MutableBuffer;

use crate::allocation;

/// Size classes for each doubling: a buffer is at most a quarter larger than what was asked for.
const STEPS_PER_OCTAVE: usize = 4;
const SMALLEST_CLASS_BYTES: usize = 4096;
const CLASSES: usize = 128;

/// Buffers waiting to be filled again, by size class.
#[derive(Debug)]
pub struct BufferPool {
    idle: Mutex<Idle>,
    max_idle_bytes: usize,
}

#[derive(Debug)]
struct Idle {
    bytes: usize,
    classes: Vec<Vec<MutableBuffer>>,
    closed: bool,
}

impl BufferPool {
    /// An empty pool that keeps at most `max_idle_bytes` of unused buffers.
    #[must_use]
    pub fn new(max_idle_bytes: usize) -> Self {
        let classes = (0..CLASSES).map(|_| Vec::new()).collect();
        Self { idle: Mutex::new(Idle { bytes: 0, classes, closed: false }), max_idle_bytes }
    }

    /// A buffer of at least `capacity` bytes. Its length and content are what its last user left: the caller truncates.
    #[must_use]
    pub fn take(&self, capacity: usize) -> MutableBuffer {
        if capacity < SMALLEST_CLASS_BYTES {
            // Exactly: a thousand columns of ten rows would take eight megabytes.
            return allocation::buffer(capacity);
        }
        let class = class_of(capacity);
        let reused = {
            let mut idle = crate::lock(&self.idle);
            let buffer = idle.classes[class].pop();
            idle.bytes -= buffer.as_ref().map_or(0, MutableBuffer::capacity);
            buffer
        };
        reused.unwrap_or_else(|| allocation::buffer(class_bytes(class).max(capacity)))
    }

    /// Gives a buffer back; it is freed when the pool is full or closed, or when its size is of no class.
    pub fn put(&self, buffer: MutableBuffer) {
        let capacity = buffer.capacity();
        let class = class_of(capacity);
        let mut idle = crate::lock(&self.idle);
        let fits = !idle.closed
            && class_bytes(class) == capacity
            && capacity >= SMALLEST_CLASS_BYTES
            && idle.bytes + capacity <= self.max_idle_bytes;
        if fits {
            idle.bytes += capacity;
            idle.classes[class].push(buffer);
        }
    }

    /// Bytes of the buffers that wait in the pool.
    #[must_use]
    pub fn idle_bytes(&self) -> usize {
        crate::lock(&self.idle).bytes
    }

    /// Whether the scan has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        crate::lock(&self.idle).closed
    }

    /// Frees everything that waits, and whatever is given back from now on.
    pub fn close(&self) {
        let mut idle = crate::lock(&self.idle);
        idle.closed = true;
        idle.bytes = 0;
        idle.classes.iter_mut().for_each(Vec::clear);
    }
}

/// A pooled buffer that is written front to back without being cleared first.
#[derive(Debug)]
pub struct Scratch {
    /// Initialised up to its length, which its last user may have left.
    buffer: MutableBuffer,
    used: usize,
}

impl Scratch {
    /// A buffer for about `capacity` bytes.
    #[must_use]
    pub fn new(capacity: usize, pool: &BufferPool) -> Self {
        Self { buffer: pool.take(capacity), used: 0 }
    }

    /// The next `bytes` bytes, to be overwritten.
    pub fn grow(&mut self, bytes: usize) -> &mut [u8] {
        let end = self.used + bytes;
        if self.buffer.capacity() < end {
            let mut larger = allocation::buffer(end.max(2 * self.buffer.capacity()));
            larger.extend_from_slice(&self.buffer.as_slice()[..self.used]);
            self.buffer = larger;
        }
        if self.buffer.len() < end {
            self.buffer.resize(self.buffer.capacity().max(end), 0);
        }
        let place = &mut self.buffer.as_slice_mut()[self.used..end];
        self.used = end;
        place
    }

    /// Bytes written so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.used
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// What was written.
    #[must_use]
    pub fn finish(mut self) -> MutableBuffer {
        self.buffer.truncate(self.used);
        self.buffer
    }
}

/// The smallest class whose buffers hold `capacity` bytes.
fn class_of(capacity: usize) -> usize {
    (0..CLASSES).find(|class| class_bytes(*class) >= capacity).unwrap_or(CLASSES - 1)
}

/// Bytes of a class's buffers: a multiple of 1024, since the smallest octave starts at 4096 and has four steps.
fn class_bytes(class: usize) -> usize {
    let octave = SMALLEST_CLASS_BYTES << (class / STEPS_PER_OCTAVE).min(40);
    octave + octave / STEPS_PER_OCTAVE * (class % STEPS_PER_OCTAVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_grow_and_waste_at_most_a_quarter() {
        for capacity in [1, 4096, 4097, 5120, 65_536, 65_537, 1_000_000, 123_456_789] {
            let bytes = class_bytes(class_of(capacity));
            assert!(bytes >= capacity);
            assert!(capacity < 4096 || bytes * 4 <= capacity * 5, "{capacity} got {bytes}");
        }
    }

    #[test]
    fn a_returned_buffer_is_taken_again_until_the_pool_closes() {
        let pool = BufferPool::new(1 << 20);
        let buffer = pool.take(10_000);
        let address = buffer.as_ptr();
        pool.put(buffer);
        assert_eq!(pool.idle_bytes(), 10_240);
        let again = pool.take(9_500);
        assert_eq!(again.as_ptr(), address);
        assert_eq!(pool.idle_bytes(), 0);
        pool.close();
        pool.put(again);
        assert_eq!(pool.idle_bytes(), 0);
    }

    #[test]
    fn a_full_pool_frees_what_it_is_given() {
        let pool = BufferPool::new(5000);
        pool.put(pool.take(4096));
        pool.put(MutableBuffer::with_capacity(4096));
        assert_eq!(pool.idle_bytes(), 4096);
    }
}
