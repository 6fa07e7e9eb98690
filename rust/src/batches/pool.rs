//! A stream's pool of column buffers: memory that a released batch gives back is filled again, still mapped and warm.
//!
//! Fresh memory is dear on virtual machines, where every first touch of a page is a fault into the hypervisor; a scan
//! that reuses its buffers runs about twice as fast as one that asks the allocator for new pages.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use arrow_buffer::{ArrowNativeType, MutableBuffer};

use crate::memory::allocation;
use crate::memory::budget::Account;
use crate::memory::reservation::Reservation;
use crate::workers;

/// Size classes for each doubling: a new buffer is at most a quarter larger than what was asked for.
const STEPS_PER_OCTAVE: usize = 4;
const SMALLEST_CLASS_BYTES: usize = 4096;
const CLASSES: usize = 128;
/// A buffer that waits is taken for anything down to this part of its size, where the stream has room for what it is
/// larger: what a filter leaves varies.
const LEAST_USE: usize = 2;

/// Buffers waiting to be filled again. When there are too many, those that have waited longest are freed, so that sizes
/// that are no longer asked for leave.
#[derive(Debug)]
pub struct BufferPool {
    idle: Mutex<Idle>,
    max_idle_bytes: usize,
    /// Whose bytes the buffers are; without one, each has the size that is asked for.
    account: Option<Arc<Account>>,
}

#[derive(Debug, Default)]
struct Idle {
    bytes: usize,
    /// With the worker that wrote each. Those that came back last are behind.
    buffers: VecDeque<(Option<usize>, MutableBuffer)>,
    closed: bool,
}

impl BufferPool {
    /// An empty pool that keeps at most `max_idle_bytes` of unused buffers.
    #[must_use]
    pub fn new(max_idle_bytes: usize) -> Self {
        Self { idle: Mutex::default(), max_idle_bytes, account: None }
    }

    /// The same for a stream that has an account: buffers may be larger than asked for where its share has room.
    #[must_use]
    pub fn counted(max_idle_bytes: usize, account: Arc<Account>) -> Self {
        Self { account: Some(account), ..Self::new(max_idle_bytes) }
    }

    /// A buffer with room for `capacity` bytes; nothing is written yet.
    #[must_use]
    pub fn take(&self, capacity: usize) -> Scratch {
        let bytes = class_bytes(capacity);
        let reused = crate::lock(&self.idle).take(bytes, self.account.as_ref());
        let (buffer, spare) = reused.unwrap_or_else(|| (allocation::buffer(bytes), None));
        Scratch { buffer, used: 0, worker: workers::current(), spare }
    }

    /// Gives a buffer back; it is freed when the pool is closed, or holds no buffer of its size.
    pub fn put(&self, Scratch { buffer, worker, .. }: Scratch) {
        let capacity = buffer.capacity();
        let freed: Vec<MutableBuffer>;
        {
            let mut idle = crate::lock(&self.idle);
            if idle.closed || capacity < SMALLEST_CLASS_BYTES || capacity > self.max_idle_bytes {
                return;
            }
            idle.bytes += capacity;
            idle.buffers.push_back((worker, buffer));
            freed = idle.leave(self.max_idle_bytes);
        }
        drop(freed);
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
        idle.leave(0);
    }
}

impl Idle {
    /// The buffer that wastes least, and of these one that this worker wrote, and that came back last: the warmest.
    fn take(&mut self, bytes: usize, account: Option<&Arc<Account>>) -> Option<(MutableBuffer, Option<Reservation>)> {
        let fits = |buffer: &MutableBuffer| (bytes..=bytes.saturating_mul(LEAST_USE)).contains(&buffer.capacity());
        let worker = workers::current();
        let fitting = self.buffers.iter().enumerate().rev().filter(|(_, (_, buffer))| fits(buffer));
        let (index, (_, fitting)) =
            fitting.min_by_key(|(_, (writer, buffer))| (buffer.capacity(), *writer != worker))?;
        let spare = match fitting.capacity() - bytes {
            0 => None,
            spare => Some(Reservation::of_spare(account?, spare as u64)?),
        };
        let (_, buffer) = self.buffers.remove(index)?;
        self.bytes -= buffer.capacity();
        Some((buffer, spare))
    }

    /// Takes out those that have waited longest until the others have at most so many bytes.
    fn leave(&mut self, bytes: usize) -> Vec<MutableBuffer> {
        let mut left = Vec::new();
        while self.bytes > bytes {
            let Some((_, buffer)) = self.buffers.pop_front() else { break };
            self.bytes -= buffer.capacity();
            left.push(buffer);
        }
        left
    }
}

/// A pooled buffer that is written front to back without being cleared first.
#[derive(Debug)]
pub struct Scratch {
    /// Initialised up to its length, which its last user may have left.
    buffer: MutableBuffer,
    used: usize,
    /// Who took it, to write it.
    worker: Option<usize>,
    /// What it is larger than was asked for, until the whole of it is counted.
    spare: Option<Reservation>,
}

impl Scratch {
    /// The next `count` values, to be overwritten. All values of a buffer are of one type.
    pub fn grow<T: ArrowNativeType>(&mut self, count: usize, pool: &BufferPool) -> &mut [T] {
        let (start, end) = (self.used, self.used + count * size_of::<T>());
        self.make_room(end, end, pool);
        self.used = end;
        &mut self.buffer.typed_data_mut()[start / size_of::<T>()..end / size_of::<T>()]
    }

    /// Makes everything up to `end` writable; where that needs another buffer, takes one of `expected` bytes.
    pub fn make_room(&mut self, end: usize, expected: usize, pool: &BufferPool) {
        if self.buffer.capacity() < end {
            let mut larger = pool.take(expected.max(end));
            larger.grow::<u8>(self.used, pool).copy_from_slice(self.as_slice());
            pool.put(std::mem::replace(self, larger));
        }
        if self.buffer.len() < self.buffer.capacity() {
            self.buffer.resize(self.buffer.capacity(), 0);
        }
    }

    /// What was written, and the room behind it.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        self.buffer.as_slice_mut()
    }

    /// Counts the bytes up to `end`, which must be writable, as written.
    ///
    /// # Panics
    /// Where they are not.
    pub fn set_len(&mut self, end: usize) {
        assert!(end <= self.buffer.len(), "nothing can be written behind the room");
        self.used = end;
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
    pub fn as_slice(&self) -> &[u8] {
        &self.buffer.as_slice()[..self.used]
    }

    /// From now on somebody else counts the whole of the buffer.
    pub fn count_elsewhere(&mut self) {
        self.spare = None;
    }

    /// What the buffer costs.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.buffer.capacity()
    }
}

impl From<MutableBuffer> for Scratch {
    /// All of the buffer's bytes are written.
    fn from(buffer: MutableBuffer) -> Self {
        Self { used: buffer.len(), buffer, worker: None, spare: None }
    }
}

/// The most that buffers filled with so many bytes take, where each was asked for a sixteenth too large.
#[must_use]
pub fn expected_capacity(bytes: u64) -> u64 {
    let asked = bytes.saturating_add(bytes / 16);
    asked.saturating_add(asked / STEPS_PER_OCTAVE as u64)
}

/// Bytes of the smallest class that holds `capacity` bytes: a multiple of 1024, since the smallest octave starts at 4096
/// and has four steps. What is smaller has exactly its bytes: a thousand columns of ten rows would take eight megabytes.
fn class_bytes(capacity: usize) -> usize {
    if capacity < SMALLEST_CLASS_BYTES {
        return capacity;
    }
    let bytes = |class: usize| {
        let octave = SMALLEST_CLASS_BYTES << (class / STEPS_PER_OCTAVE).min(40);
        octave + octave / STEPS_PER_OCTAVE * (class % STEPS_PER_OCTAVE)
    };
    (0..CLASSES).map(bytes).find(|bytes| *bytes >= capacity).unwrap_or(capacity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_grow_and_waste_at_most_a_quarter() {
        for capacity in [1, 4096, 4097, 5120, 65_536, 65_537, 1_000_000, 123_456_789] {
            let bytes = class_bytes(capacity);
            assert!(bytes >= capacity);
            assert!(capacity < 4096 || bytes * 4 <= capacity * 5, "{capacity} got {bytes}");
        }
    }

    #[test]
    fn a_returned_buffer_is_taken_again_until_the_pool_closes() {
        let pool = counted(1 << 20).0;
        let mut buffer = pool.take(10_000);
        let address = buffer.grow::<u8>(10_000, &pool).as_ptr();
        pool.put(buffer);
        assert_eq!(pool.idle_bytes(), 10_240);
        let mut again = pool.take(5_500);
        assert_eq!(again.len(), 0);
        assert_eq!(again.grow::<u8>(1, &pool).as_ptr(), address);
        assert_eq!(pool.idle_bytes(), 0);
        pool.close();
        pool.put(again);
        assert_eq!(pool.idle_bytes(), 0);
    }

    fn counted(share: u64) -> (BufferPool, Arc<Account>) {
        let account = Account::new(Some(share));
        (BufferPool::counted(1 << 20, Arc::clone(&account)), account)
    }

    #[test]
    fn a_buffer_is_not_taken_for_less_than_half_of_it() {
        let (pool, _) = counted(1 << 20);
        pool.put(pool.take(40_960));
        assert_eq!(pool.take(16_000).capacity(), 16_384);
        assert_eq!(pool.take(20_480).capacity(), 40_960);
    }

    #[test]
    fn a_larger_buffer_is_taken_only_where_the_share_has_room() {
        let (pool, account) = counted(60_000);
        let waiting = || pool.put(BufferPool::new(0).take(40_960));
        account.reserve(20_480);
        waiting();
        let mut larger = pool.take(20_480);
        assert_eq!((larger.capacity(), account.total()), (40_960, 40_960));
        // The chunk is complete.
        larger.count_elsewhere();
        account.queue(20_480, larger.capacity() as u64);
        assert_eq!((account.total(), account.peak()), (40_960, 40_960));
        waiting();
        assert_eq!(pool.take(20_480).capacity(), 20_480);
        assert_eq!(pool.take(40_000).capacity(), 40_960);
        // And one that fails gives back what it had.
        account.drop_queued(40_960);
        waiting();
        let larger = pool.take(32_000);
        assert_eq!((larger.capacity(), account.total()), (40_960, 8_192));
        drop(larger);
        assert_eq!(account.total(), 0);
    }

    #[test]
    fn a_thread_gets_what_it_wrote_first() {
        let pool = Arc::new(BufferPool::new(1 << 20));
        let own = pool.take(8192);
        let address = own.buffer.as_ptr();
        let (give, given) = std::sync::mpsc::channel();
        let workers_pool = Arc::clone(&pool);
        let take = move || give.send(workers_pool.take(8192)).expect("a test that waits");
        workers::spawn(take).expect("a worker");
        let others = given.recv().expect("the worker's buffer");
        pool.put(own);
        // Whoever gives it back: a consumer releases what workers wrote.
        pool.put(others);
        assert_eq!(pool.take(8192).buffer.as_ptr(), address, "not the one that came back last");
    }

    #[test]
    fn a_full_pool_frees_what_has_waited_longest() {
        let pool = BufferPool::new(20_000);
        let [first, second, third] = [8192, 5120, 10_240].map(|bytes| pool.take(bytes));
        pool.put(first);
        pool.put(second);
        pool.put(third);
        assert_eq!(pool.idle_bytes(), 5120 + 10_240);
        pool.put(pool.take(30_000));
        assert_eq!(pool.idle_bytes(), 5120 + 10_240);
    }

    #[test]
    fn what_was_written_moves_when_more_room_is_needed() {
        let pool = BufferPool::new(1 << 20);
        let mut buffer = pool.take(4096);
        buffer.grow::<u8>(4000, &pool).fill(7);
        buffer.grow::<u8>(4000, &pool).fill(8);
        assert_eq!(buffer.as_slice(), [[7; 4000], [8; 4000]].as_flattened());
        assert_eq!(pool.idle_bytes(), 4096);
    }
}
