//! Bytes of a stream, given up when their owner is dropped.

use std::sync::Arc;

use crate::memory::budget::Account;

/// Bytes that count as reserved for as long as this lives.
#[derive(Debug)]
pub struct Reservation {
    account: Arc<Account>,
    bytes: u64,
}

/// Bytes of a batch that waits for the consumer, for as long as this lives.
#[derive(Debug)]
pub struct Queued {
    account: Arc<Account>,
    bytes: u64,
}

impl Reservation {
    /// Reserves bytes.
    #[must_use]
    pub fn new(account: &Arc<Account>, bytes: u64) -> Self {
        account.reserve(bytes);
        Self { account: Arc::clone(account), bytes }
    }

    /// Reserves bytes that a stream can do without, if there is room for them.
    #[must_use]
    pub fn of_spare(account: &Arc<Account>, bytes: u64) -> Option<Self> {
        account.try_reserve(bytes).then(|| Self { account: Arc::clone(account), bytes })
    }

    /// How many there are.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reserves more, or gives some up.
    pub fn set(&mut self, bytes: u64) {
        if bytes > self.bytes {
            self.account.reserve(bytes - self.bytes);
        } else {
            self.account.unreserve(self.bytes - bytes);
        }
        self.bytes = bytes;
    }

    /// What was reserved became a batch of `actual` bytes.
    #[must_use]
    pub fn queue(mut self, actual: u64) -> Queued {
        self.account.queue(std::mem::take(&mut self.bytes), actual);
        Queued { account: Arc::clone(&self.account), bytes: actual }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.account.unreserve(self.bytes);
    }
}

impl Queued {
    /// The batch goes to the consumer, which gives its bytes back by itself.
    pub fn hand_over(mut self) {
        self.account.hand_over(std::mem::take(&mut self.bytes));
    }

    /// How many there are.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.account.drop_queued(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_given_up_with_their_owner() {
        let account = Account::new(Some(1000));
        let mut reservation = Reservation::new(&account, 100);
        reservation.set(300);
        assert_eq!(account.reserved(), 300);
        reservation.set(50);
        assert_eq!((account.reserved(), reservation.bytes()), (50, 50));
        let queued = reservation.queue(70);
        assert_eq!((account.reserved(), account.queued()), (0, 70));
        drop(queued);
        assert_eq!((account.total(), account.peak()), (0, 300));
        Reservation::new(&account, 5).queue(6).hand_over();
        assert_eq!((account.queued(), account.held()), (0, 6));
    }
}
