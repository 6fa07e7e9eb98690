//! CSV: cells that delimiters, line breaks and quotes tell apart.

pub mod byte_set;
pub mod cell;
pub mod dialect;
pub mod records;
#[cfg(test)]
mod tests;
