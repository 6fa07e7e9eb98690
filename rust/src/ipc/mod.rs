//! Arrow IPC: files and streams are found to be messages, and record batches among them are decoded side by side.
//!
//! Nothing of a message is believed before it is checked, and arrow validates every array: buffers that lie where a file
//! was mapped are handed on without a copy after that.

mod columns;
pub mod encoded_batch;
pub mod file;
mod input;
pub(crate) mod lz4_size;
pub mod malformed;
mod message;
mod piece;
pub mod pushed;
pub mod reader;
pub(crate) mod schema_size;
pub mod shown;
mod whole;

#[cfg(test)]
mod tests;
