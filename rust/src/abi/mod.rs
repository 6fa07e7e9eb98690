//! The C interface that Deno and Bun load: pull only, scalars and caller-owned buffers, one panic guard around every export.
//!
//! Ids and counts travel as `f64` or `u32`, so that JavaScript needs no `BigInt`; texts are written into the caller's
//! buffer. No function calls back into JavaScript from another thread. What each outcome means stands at its constant.

mod allocator;
mod ballast;
mod descriptor;
mod exports;
mod guard;
mod handles;
mod import;
mod input_exports;
#[cfg(test)]
mod lifetime_tests;
mod napi;
mod path_exports;
mod sink_exports;
mod slot;
mod text_exports;
mod transform_exports;
mod version;
