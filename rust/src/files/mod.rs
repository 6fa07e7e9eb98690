//! Parquet files: their footers and schemas, which of them a scan reads, and what of each.

pub mod dataset;
pub mod dataset_plan;
pub mod facts;
pub mod file;
pub mod file_log;
pub mod file_pruner;
pub mod file_queue;
pub(crate) mod footer;
pub mod given_schema;
pub mod mismatch;
pub mod opened;
pub mod projection;
pub(crate) mod real_path;
pub mod schema;
pub mod segment_files;
pub(crate) mod stored_schema;
pub mod target;
pub(crate) mod thrift;
