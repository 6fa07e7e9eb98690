//! The one place where decoded bytes are counted: reserved for decoding, queued, or held by the consumer.
//!
//! A stream has an [`Account`]; the process has one default limit that all streams without a limit of their own share
//! in equal parts. Counting is by capacity, so that it covers what the process really holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crate::memory;

/// The largest part of a stream's share that one chunk is planned to take, but for those of a fixed size.
pub(crate) const CHUNKS_PER_SHARE: u64 = 4;

/// Streams that are decoding now and have no limit of their own.
static SHARING: AtomicUsize = AtomicUsize::new(0);
/// Streams that are decoding now.
static ACTIVE: AtomicUsize = AtomicUsize::new(0);
/// Decoded bytes of all streams.
static IN_USE: AtomicU64 = AtomicU64::new(0);

/// Number of streams that are decoding now.
#[must_use]
pub fn active_streams() -> usize {
    ACTIVE.load(Ordering::Relaxed)
}

/// Decoded bytes that exist in the process: reserved, queued and held by consumers.
#[must_use]
pub fn bytes_in_use() -> u64 {
    IN_USE.load(Ordering::Relaxed)
}

/// One stream's decoded bytes. All counts are bytes.
#[derive(Debug)]
pub struct Account {
    own_limit: Option<u64>,
    reserved: AtomicU64,
    queued: AtomicU64,
    held: AtomicU64,
    peak: AtomicU64,
    sharing: AtomicBool,
}

impl Account {
    /// An account with a limit of its own, or with a share of the process's default limit.
    #[must_use]
    pub fn new(own_limit: Option<u64>) -> Arc<Self> {
        Arc::new(Self {
            own_limit,
            reserved: AtomicU64::new(0),
            queued: AtomicU64::new(0),
            held: AtomicU64::new(0),
            peak: AtomicU64::new(0),
            sharing: AtomicBool::new(false),
        })
    }

    /// Joins the streams that share the default limit; idempotent.
    pub fn start(&self) {
        if !self.sharing.swap(true, Ordering::Relaxed) {
            ACTIVE.fetch_add(1, Ordering::Relaxed);
            if self.own_limit.is_none() {
                SHARING.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Leaves them, so that the others' shares grow; idempotent.
    pub fn stop(&self) {
        if self.sharing.swap(false, Ordering::Relaxed) {
            ACTIVE.fetch_sub(1, Ordering::Relaxed);
            if self.own_limit.is_none() {
                SHARING.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    /// What this stream may have in all: its own limit, or its part of the default limit.
    #[must_use]
    pub fn share(&self) -> u64 {
        let sharing = SHARING.load(Ordering::Relaxed).max(1) as u64;
        self.own_limit.unwrap_or_else(|| memory::default_limit_bytes() / sharing)
    }

    /// Everything this stream has: reserved, queued and held.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.reserved() + self.queued() + self.held()
    }

    /// Bytes reserved for chunks that are being decoded.
    #[must_use]
    pub fn reserved(&self) -> u64 {
        self.reserved.load(Ordering::Relaxed)
    }

    /// Bytes of decoded batches that wait for the consumer.
    #[must_use]
    pub fn queued(&self) -> u64 {
        self.queued.load(Ordering::Relaxed)
    }

    /// Bytes of batches that the consumer has not released.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// The most that [`Account::total`] has been.
    #[must_use]
    pub fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }

    /// Whether the consumer holds more than its half of the share, so that it should be given copies.
    #[must_use]
    pub fn consumer_over_share(&self) -> bool {
        self.held() > self.share() / 2
    }

    /// Reserves bytes for a chunk about to be decoded.
    pub fn reserve(&self, bytes: u64) {
        self.reserved.fetch_add(bytes, Ordering::Relaxed);
        IN_USE.fetch_add(bytes, Ordering::Relaxed);
        self.note_peak();
    }

    /// Reserves bytes that are good to have, if the share has room for them and for a chunk that is planned meanwhile.
    #[must_use]
    pub fn try_reserve(&self, bytes: u64) -> bool {
        let share = self.share();
        if self.total().saturating_add(bytes) > share - share / CHUNKS_PER_SHARE {
            return false;
        }
        self.reserve(bytes);
        true
    }

    /// Turns a reservation into a queued batch of `actual` bytes.
    pub fn queue(&self, reserved: u64, actual: u64) {
        self.unreserve(reserved);
        self.queued.fetch_add(actual, Ordering::Relaxed);
        IN_USE.fetch_add(actual, Ordering::Relaxed);
        self.note_peak();
    }

    /// Gives up a reservation.
    pub fn unreserve(&self, bytes: u64) {
        self.reserved.fetch_sub(bytes, Ordering::Relaxed);
        IN_USE.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// A queued batch was dropped.
    pub fn drop_queued(&self, bytes: u64) {
        self.queued.fetch_sub(bytes, Ordering::Relaxed);
        IN_USE.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// A queued batch went to the consumer.
    pub fn hand_over(&self, bytes: u64) {
        self.held.fetch_add(bytes, Ordering::Relaxed);
        self.queued.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The consumer got bytes that were never queued, such as new dictionary values.
    pub fn hold(&self, bytes: u64) {
        self.held.fetch_add(bytes, Ordering::Relaxed);
        IN_USE.fetch_add(bytes, Ordering::Relaxed);
        self.note_peak();
    }

    /// The consumer gave bytes back.
    pub fn give_back(&self, bytes: u64) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
        IN_USE.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn note_peak(&self) {
        self.peak.fetch_max(self.total(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_move_from_reserved_to_queued_to_held_and_back() {
        let account = Account::new(Some(1000));
        account.reserve(400);
        assert_eq!((account.reserved(), account.total()), (400, 400));
        account.queue(400, 300);
        assert_eq!((account.reserved(), account.queued(), account.total()), (0, 300, 300));
        account.hand_over(300);
        assert_eq!((account.queued(), account.held()), (0, 300));
        assert!(!account.consumer_over_share());
        account.hold(250);
        assert!(account.consumer_over_share());
        account.give_back(550);
        assert_eq!((account.total(), account.peak()), (0, 550));
    }
}
