//! Text formats: files or pushed bytes are cut into pieces of whole records, and pieces are parsed side by side.

pub mod format;
pub mod malformed;
