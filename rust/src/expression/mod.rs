//! Predicates and computed columns: expressions as data, bound to a schema, evaluated on batches.

pub mod bound;
pub mod exact;
pub mod expr;
mod json;
pub mod literal;
pub mod operation;
pub mod place;
pub mod types;
