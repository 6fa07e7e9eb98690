//! JSON, one value a line: NDJSON.

mod columns;
mod infer;
pub mod ndjson;
mod nested;
mod reader;
mod scalar;
mod spans;
mod value;
