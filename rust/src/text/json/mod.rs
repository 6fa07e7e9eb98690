//! JSON, one value a line: NDJSON.

pub mod columns;
pub mod infer;
pub mod ndjson;
pub mod nested;
pub mod reader;
pub mod scalar;
pub mod value;
