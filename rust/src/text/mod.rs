//! Text formats: files or pushed bytes are cut into pieces of whole records, and pieces are parsed side by side.
//!
//! The data goes from the input through the reader, which cuts it, to parsers on the workers, and from there through the
//! steps and the gatherer, which makes batches, to the consumer.

pub mod compression;
pub mod csv;
pub mod file_order;
pub mod format;
pub mod gather;
pub mod guarded;
pub mod input;
pub mod instant;
pub mod json;
pub mod malformed;
pub mod numbering;
pub mod piece_reader;
pub mod push_queue;
pub mod pushed_reader;
pub mod request;
pub mod row_cost;
pub mod run;
pub mod sample;
pub mod scan;
pub mod shape;
pub mod text_reader;
