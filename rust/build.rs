//! Keeps the library in memory until the process ends, whatever closes it.
//!
//! Its threads, its handler of SIGBUS and the deleters of buffers that JavaScript holds are code of its own: a runtime that
//! unloads what an ended worker had loaded would leave them without it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
