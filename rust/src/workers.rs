//! The process's one pool of decoding threads, which all scans share.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{ErrorCode, Result, SpillwayError};

/// The stack of a worker: readers of types in types call themselves, 128 levels deep at most, and with the address
/// sanitizer's frames two megabytes did not do. What is not used of it takes no memory.
const STACK_BYTES: usize = 8 << 20;

static POOL: OnceLock<ThreadPool> = OnceLock::new();
/// Threads that were asked for; 0 for one a processor.
static ASKED: AtomicUsize = AtomicUsize::new(0);

/// More threads than this are a mistake, which would cost the process its memory.
const MOST_THREADS: usize = 1024;

/// Sets the number of threads, before the pool is used for the first time.
///
/// # Errors
/// `INVALID_ARGUMENT` for more than 1,024, and when the pool runs already with another number.
pub fn configure(threads: usize) -> Result<()> {
    match POOL.get() {
        _ if threads > MOST_THREADS => {
            let message = format!("Cannot decode with {threads} threads: {MOST_THREADS} are the most; ask for fewer");
            Err(SpillwayError::new(ErrorCode::InvalidArgument, message))
        }
        Some(pool) if pool.current_num_threads() != threads => {
            let message = format!(
                "Cannot change the number of threads to {threads}: {} run already; set it before the first scan",
                pool.current_num_threads()
            );
            Err(SpillwayError::new(ErrorCode::InvalidArgument, message))
        }
        _ => {
            ASKED.store(threads, Ordering::Relaxed);
            Ok(())
        }
    }
}

/// Number of threads that decode, or will.
#[must_use]
pub fn threads() -> usize {
    match (POOL.get(), ASKED.load(Ordering::Relaxed)) {
        (Some(pool), _) => pool.current_num_threads(),
        (None, 0) => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        (None, asked) => asked,
    }
}

/// The worker that runs this; `None` on any other thread.
///
/// Who writes to memory that another worker has just written to waits for it: on a virtual machine with two processors,
/// pages that each decompressed into the other's buffers took half as long again, for minutes at a time.
#[must_use]
pub fn current() -> Option<usize> {
    POOL.get()?.current_thread_index()
}

/// Runs `task` on a worker, after what was sent before it. A task must not block.
///
/// # Errors
/// `INTERNAL` when the system gives no threads.
pub fn spawn(task: impl FnOnce() + Send + 'static) -> Result<()> {
    pool()?.spawn_fifo(task);
    Ok(())
}

fn pool() -> Result<&'static ThreadPool> {
    if let Some(pool) = POOL.get() {
        return Ok(pool);
    }
    let builder = ThreadPoolBuilder::new()
        .num_threads(threads())
        .stack_size(STACK_BYTES)
        .thread_name(|index| format!("spillway-{index}"));
    let pool = builder.build().map_err(|error| {
        let message = format!("Cannot start {} decoding threads; the system has no room for more threads", threads());
        SpillwayError::new(ErrorCode::Internal, message).with_cause(&error)
    })?;
    // Two first scans at once may both build a pool: one is kept, the other ends here.
    Ok(POOL.get_or_init(|| pool))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_threads_that_they_can_only_be_a_mistake_are_refused() {
        for threads in [1025, u32::MAX as usize] {
            assert_eq!(configure(threads).expect_err("too many").code(), ErrorCode::InvalidArgument);
        }
    }
}
