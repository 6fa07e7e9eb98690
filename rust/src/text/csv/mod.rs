//! CSV: cells that delimiters, line breaks and quotes tell apart.

pub mod byte_set;
pub mod cell;
pub mod dialect;
pub mod errors;
pub mod moment;
pub mod number;
pub mod records;
pub mod split;
#[cfg(test)]
mod tests;
