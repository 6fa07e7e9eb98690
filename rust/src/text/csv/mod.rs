//! CSV: cells that delimiters, line breaks and quotes tell apart.

pub mod byte_set;
pub mod cell;
pub mod dialect;
pub mod errors;
pub mod head;
pub mod moment;
pub mod number;
pub mod options;
pub mod records;
pub mod rules;
pub mod shape;
pub mod split;
#[cfg(test)]
mod tests;
