//! Arrow IPC: files and streams are found to be messages, and record batches among them are decoded side by side.
//!
//! Nothing of a message is believed before it is checked, and arrow validates every array: buffers that lie where a file
//! was mapped are handed on without a copy after that.

pub mod encoded_batch;
pub mod file;
pub mod laid_out;
mod lz4_size;
pub mod malformed;
mod message;
pub mod pushed;
pub mod shown;

#[cfg(test)]
mod tests;
