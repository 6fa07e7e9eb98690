//! Rows that are tested one by one: a predicate's columns first, the others for the rows that pass.

pub(crate) mod chosen_rows;
pub mod filter_stats;
pub(crate) mod kept_rows;
pub mod row_lane;
pub mod row_plan;
pub mod row_reader;
pub mod row_space;
pub mod row_values;
pub mod scan_filter;
