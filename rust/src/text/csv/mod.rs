//! CSV: cells that delimiters, line breaks and quotes tell apart.

pub mod byte_set;
pub mod cell;
pub mod column;
pub mod csv_format;
pub mod dialect;
pub mod errors;
#[cfg(test)]
mod format_tests;
pub mod head;
pub mod infer;
pub mod moment;
pub mod number;
pub mod options;
pub mod parser;
pub mod records;
pub mod rules;
pub mod shape;
pub mod split;
#[cfg(test)]
mod tests;
