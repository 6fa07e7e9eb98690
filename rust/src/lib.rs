//! The native core of Spillway: a streaming Parquet reader in bounded memory.
//!
//! The data goes from source to plan to decoding to a bounded queue, and from there through the ABI.

pub mod error;
