//! Predicates and computed columns: expressions as data, bound to a schema, evaluated on batches.

mod arithmetic;
pub mod bind;
mod bind_calls;
mod bind_compare;
pub mod bound;
pub mod bound_info;
pub mod coerce;
mod compare;
pub mod evaluate;
pub mod exact;
pub mod expr;
mod functions;
mod in_set;
pub(crate) mod json;
pub mod like;
pub mod literal;
pub mod operation;
pub mod place;
mod resolve;
pub mod simplify;
mod text;
pub mod types;
