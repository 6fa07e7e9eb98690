//! Hostile files: every format's files and batches, changed with their structure in mind, through the exported functions.
//!
//! Whatever a file holds, a scan ends in rows or in an error that says what is wrong: it neither crashes nor panics nor
//! hangs, allocates no more than its limit and a base, leaves nothing behind, gives nothing but valid Arrow, and gives
//! the same rows however it reads them.
//!
//! Everything follows from a seed. The test runs a few seconds; a longer search is
//!
//! ```text
//! SPILLWAY_FUZZ_SECONDS=3600 cargo test --release --no-default-features --test fuzz -- --nocapture
//! ```
//!
//! with `SPILLWAY_FUZZ_FROM` as its first seed. `SPILLWAY_FUZZ_SEED` repeats one case, tells what was done to its file
//! and keeps it in the folder `SPILLWAY_FUZZ_FOLDER`; `SPILLWAY_FUZZ_BACKTRACE` tells where panics and large allocations
//! come from.

mod abi;
mod allocations;
mod cases;
#[path = "../../examples/write_fixtures/generate.rs"]
mod generate;
#[allow(dead_code, reason = "of the example, which writes files")]
#[path = "../../examples/write_fixtures/kinds.rs"]
mod kinds;
mod lend;
mod mutate;
mod random;
mod request;
mod runner;
mod scan;
mod seeds;
mod shown;
mod watch;
#[allow(dead_code, reason = "of the example, which writes files")]
#[path = "../../examples/write_fixtures/write.rs"]
mod write;

#[test]
fn hostile_files_end_in_rows_or_a_clear_error() {
    let report = runner::run();
    assert!(report.findings.is_empty(), "{}", report.findings.join("\n"));
    // Neither too little is changed nor too much.
    assert!(report.cases == 1 || (report.answered > 0 && report.answered < report.cases), "{report:?}");
}

#[test]
#[ignore = "started by the other test, in a process of its own that may die"]
fn child() {
    runner::child();
}
