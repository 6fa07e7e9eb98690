//! The native core of Spillway: a streaming Parquet reader in bounded memory.
//!
//! The data goes from the source through the plan to lanes that decode within the budget, into a bounded queue in file
//! order, and from there through the ABI to Deno and Bun. Cancellation travels back the same way.

mod abi;
pub mod active_segment;
pub mod allocation;
pub mod batch;
pub mod batch_scan;
pub mod budget;
mod checked_pages;
mod chosen_rows;
pub mod chunk;
pub mod chunk_pages;
pub mod chunk_place;
pub mod code_strings;
pub mod column;
pub mod column_chunks;
pub mod column_reader;
pub mod constant;
pub mod dataset;
pub mod dataset_plan;
mod decoded_size;
mod delta_text;
pub mod dictionary;
mod element_levels;
pub mod encode;
pub mod error;
mod error_code;
pub mod expression;
pub mod facts;
pub mod file;
pub mod file_log;
pub mod file_pruner;
pub mod file_queue;
pub mod filter_stats;
mod footer;
pub mod given_schema;
pub mod ipc;
pub mod lane;
mod level_check;
mod level_cursor;
mod level_runs;
mod level_window;
pub mod limits;
mod list_walk;
#[cfg(unix)]
pub mod map_guard;
pub mod memory;
pub mod mismatch;
mod names;
pub mod nested;
pub mod old_writers;
pub mod opened;
pub mod options;
pub mod page_buffers;
mod page_decompressor;
mod page_header;
mod page_levels;
mod page_walk;
pub mod pages;
pub mod pipeline;
pub mod plan;
pub mod pool;
pub mod predict;
pub mod progress;
pub mod projection;
pub mod prune;
pub mod pruning;
mod real_path;
mod records;
mod repetitions;
pub mod reservation;
pub mod row_lane;
pub mod row_plan;
pub mod row_reader;
pub mod row_space;
pub mod row_values;
pub mod scan;
pub mod scan_filter;
pub mod scan_shape;
pub mod schedule;
pub mod schema;
pub mod segment_files;
mod shape_pair;
mod shape_walk;
pub mod shared_column;
mod shared_levels;
pub mod shown_bytes;
mod sibling_shapes;
pub mod sink;
pub mod source;
pub mod stats;
pub mod stop_check;
mod stored_schema;
pub mod strings;
pub mod target;
pub mod text;
mod thrift;
pub mod transform;
pub mod widening;
pub mod work;
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
