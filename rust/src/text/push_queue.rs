//! Bytes that were pushed and not yet read.

use std::sync::{Arc, Mutex};

use bytes::BytesMut;

use crate::memory::budget::Account;
use crate::memory::reservation::Reservation;

/// Bytes that may wait, at most; a fraction of the share where that is less.
const MOST_WAITING: u64 = 4 << 20;
const WAITING_PER_SHARE: u64 = 8;

/// The queue between who pushes bytes and the reader.
#[derive(Debug)]
pub struct PushQueue {
    account: Arc<Account>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    bytes: BytesMut,
    reserved: Reservation,
    ended: bool,
    /// Changes with each push.
    version: u64,
    /// The reader can't go on without more.
    starved: bool,
    /// The bytes that were refused last: the writer waits for room for so many.
    refused: u64,
}

/// What [`PushQueue::read`] has moved.
#[derive(Debug, Clone, Copy)]
pub struct Moved {
    /// So many bytes.
    pub bytes: usize,
    /// The queue's version then.
    pub version: u64,
    /// Whether there will be no more.
    pub ended: bool,
}

impl PushQueue {
    /// An empty queue.
    #[must_use]
    pub fn new(account: &Arc<Account>) -> Self {
        let inner = Inner {
            bytes: BytesMut::new(),
            reserved: Reservation::new(account, 0),
            ended: false,
            version: 0,
            starved: true,
            refused: 0,
        };
        Self { account: Arc::clone(account), inner: Mutex::new(inner) }
    }

    /// Takes bytes if there is room.
    pub fn push(&self, bytes: &[u8]) -> bool {
        let mut inner = crate::lock(&self.inner);
        let length = bytes.len() as u64;
        if !self.has_room(&inner, length) {
            inner.refused = length;
            return false;
        }
        inner.refused = 0;
        inner.starved = false;
        inner.version += 1;
        inner.bytes.extend_from_slice(bytes);
        let waiting = inner.bytes.len() as u64;
        inner.reserved.set(waiting);
        true
    }

    /// There are no more.
    pub fn end(&self) {
        let mut inner = crate::lock(&self.inner);
        inner.version += u64::from(!inner.ended);
        inner.ended = true;
    }

    /// Forgets what waits: nobody reads it.
    pub fn clear(&self) {
        let mut inner = crate::lock(&self.inner);
        inner.bytes = BytesMut::new();
        inner.reserved.set(0);
    }

    /// Whether what was refused last would be taken now.
    #[must_use]
    pub fn has_room_again(&self) -> bool {
        let inner = crate::lock(&self.inner);
        self.has_room(&inner, inner.refused)
    }

    /// A starved reader gets more however little memory is left; else bytes wait for room.
    fn has_room(&self, inner: &Inner, length: u64) -> bool {
        let share = self.account.share();
        let most = MOST_WAITING.min(share / WAITING_PER_SHARE);
        let fits = inner.bytes.len() as u64 + length <= most && self.account.total() + length <= share;
        inner.starved || fits
    }

    /// Moves bytes behind those of `buffer` until that has so many; returns the queue's version, and whether there will be
    /// no more.
    pub fn take(&self, buffer: &mut BytesMut, wanted: usize) -> (u64, bool) {
        let mut inner = crate::lock(&self.inner);
        let missing = wanted.saturating_sub(buffer.len()).min(inner.bytes.len());
        let bytes = inner.bytes.split_to(missing);
        let left = inner.bytes.len() as u64;
        inner.reserved.set(left);
        if buffer.is_empty() {
            *buffer = bytes;
        } else {
            buffer.extend_from_slice(&bytes);
        }
        (inner.version, inner.ended && left == 0)
    }

    /// Moves as many bytes as there are room for to the beginning of `buffer`.
    pub fn read(&self, buffer: &mut [u8]) -> Moved {
        let mut inner = crate::lock(&self.inner);
        let bytes = buffer.len().min(inner.bytes.len());
        buffer[..bytes].copy_from_slice(&inner.bytes.split_to(bytes));
        let left = inner.bytes.len() as u64;
        inner.reserved.set(left);
        Moved { bytes, version: inner.version, ended: inner.ended && left == 0 }
    }

    /// The reader waits for more than it has taken at `version`; `false` where more has come since.
    pub fn starve(&self, version: u64) -> bool {
        let mut inner = crate::lock(&self.inner);
        inner.starved = inner.version == version && !inner.ended;
        inner.version == version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_starved_reader_gets_more_and_else_there_is_a_limit() {
        let account = Account::new(Some(8000));
        let queue = PushQueue::new(&account);
        assert!(queue.push(&[1; 5000]));
        assert_eq!(account.reserved(), 5000);
        assert!(!queue.push(&[2; 10]));
        assert!(!queue.has_room_again());
        let mut buffer = BytesMut::new();
        let (version, ended) = queue.take(&mut buffer, usize::MAX);
        assert_eq!((buffer.len(), ended, account.reserved()), (5000, false, 0));
        assert!(queue.has_room_again());
        assert!(queue.push(&[2; 600]));
        assert!(!queue.push(&[2; 600]));
        // More has come since: the reader looks again.
        assert!(!queue.starve(version));
        let (version, _) = queue.take(&mut buffer, usize::MAX);
        assert!(queue.starve(version));
        assert!(queue.push(&[3; 9000]));
        queue.end();
        let (version, ended) = queue.take(&mut buffer, usize::MAX);
        assert_eq!((buffer.len(), ended), (14_600, true));
        assert!(queue.starve(version));
    }
}
