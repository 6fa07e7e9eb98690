//! The native core of Spillway: a streaming Parquet reader in bounded memory.
//!
//! The data goes from the source through the plan to lanes that decode within the budget, into a bounded queue in file
//! order, and from there through the ABI to Deno and Bun. Cancellation travels back the same way.
//!
//! [`files`] finds footers and schemas, [`plan`] and [`prune`] decide what of them is read, [`schedule`] has workers do it
//! within [`memory`], [`pages`] and [`levels`] are what [`column_reader`] reads, [`rows`] tests them, and [`batches`] is
//! what comes out.

mod abi;
pub mod batch_scan;
pub mod batches;
pub mod column_reader;
pub mod encode;
pub mod error;
mod error_code;
pub mod expression;
pub mod files;
pub mod ipc;
pub mod levels;
pub mod limits;
#[cfg(unix)]
pub mod map_guard;
pub mod memory;
mod names;
pub mod options;
pub mod pages;
pub mod pipeline;
pub mod plan;
pub mod predict;
pub mod progress;
pub mod prune;
pub mod pruning;
pub mod rows;
pub mod scan;
pub mod scan_shape;
pub mod schedule;
pub mod sink;
pub mod source;
pub mod stats;
pub mod stop_check;
pub mod text;
pub mod transform;
pub mod workers;

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Reuses freed memory faster than the system's allocator: a full scan takes about two thirds of the time.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Locks a mutex; what a panic left behind is still consistent, since no lock is held while foreign code runs.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Blocks until what a mutex guards is so, for at most `timeout`; returns whether it is. All that makes it so has to notify
/// `changed` afterwards.
pub(crate) fn wait_until<T>(
    mutex: &Mutex<T>,
    changed: &Condvar,
    timeout: Duration,
    is_so: impl Fn(&T) -> bool,
) -> bool {
    let waiting = changed.wait_timeout_while(lock(mutex), timeout, |state| !is_so(state));
    let (state, _) = waiting.unwrap_or_else(PoisonError::into_inner);
    is_so(&state)
}
