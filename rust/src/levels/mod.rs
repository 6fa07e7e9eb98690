//! Definition and repetition levels: which rows and values there are, and whether columns agree on it.

pub(crate) mod element_levels;
pub(crate) mod level_check;
pub(crate) mod level_cursor;
pub(crate) mod level_runs;
pub(crate) mod level_window;
pub(crate) mod list_walk;
pub(crate) mod page_levels;
pub(crate) mod records;
pub(crate) mod repetitions;
pub(crate) mod shape_pair;
pub(crate) mod shape_walk;
pub mod shared_column;
pub(crate) mod shared_levels;
pub(crate) mod sibling_shapes;
