//! What batches are made of: columns of pooled buffers, as apache-arrow wants them.

pub mod batch;
pub mod code_strings;
pub mod column;
pub mod constant;
pub mod dictionary;
pub mod nested;
pub mod pool;
pub mod shown_bytes;
pub mod strings;
pub mod widening;
