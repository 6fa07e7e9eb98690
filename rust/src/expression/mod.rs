//! Predicates and computed columns: expressions as data, bound to a schema, evaluated on batches.

pub mod bound;
