//! Bytes that a stream has set aside, given up when their owner is dropped.

use std::sync::Arc;

use crate::budget::Account;

/// Bytes of a stream that count as reserved for as long as this lives.
#[derive(Debug)]
pub struct Reservation {
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
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.account.unreserve(self.bytes);
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
        drop(reservation);
        assert_eq!((account.reserved(), account.peak()), (0, 300));
    }
}
