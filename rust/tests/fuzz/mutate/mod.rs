//! Changes of files that a reader has to survive.

pub mod arrow;
pub mod bytes;
pub mod footer;
pub mod layout;
pub mod pages;
pub mod parquet;
pub mod text;
pub mod thrift;
