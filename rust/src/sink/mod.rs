//! Sinks: record batches go in, files or bytes come out, on the workers' pool and within a memory limit.
//!
//! A [`sink::Sink`] takes batches into a short queue. A worker takes all of them at once to a
//! [`destination::Destination`]: a file, a series of files, files by partition, or chunks of bytes for JavaScript. Each
//! file is written under a temporary name, and gets its own when all of the output is whole.

pub mod chunks;
pub mod destination;
pub mod file_series;
pub mod options;
pub mod partition_key;
pub mod partitions;
pub mod pending_file;
pub mod sink;
pub mod summary;
