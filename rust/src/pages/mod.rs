//! The pages of column chunks: found, read, checked, decompressed, and what they will take when they are decoded.

pub(crate) mod checked_pages;
pub mod chunk_pages;
pub mod chunk_place;
pub mod column_chunks;
pub(crate) mod decoded_size;
pub(crate) mod delta_text;
pub mod old_writers;
pub mod page_buffers;
pub mod page_cursor;
pub(crate) mod page_decompressor;
pub(crate) mod page_header;
pub(crate) mod page_walk;
