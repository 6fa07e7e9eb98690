//! Writes the Parquet and Arrow IPC files that the tests read and that no writer in JavaScript can write.
//!
//! ```text
//! cargo run --release --example write_fixtures -- DIRECTORY
//! ```
//!
//! The files are the same on every machine and in every run. A directory that this version of the program has filled
//! is left as it is. Beside a file `x.parquet` of generated values lies `x.arrow`, an Arrow IPC file of what a reader
//! has to give; the values of the other files follow from the row number, see [`shapes`].

mod generate;
mod ipc;
mod kinds;
mod shapes;
mod write;

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The sources that decide what the files hold.
const SOURCES: [&str; 6] = [
    include_str!("main.rs"),
    include_str!("generate.rs"),
    include_str!("ipc.rs"),
    include_str!("kinds.rs"),
    include_str!("shapes.rs"),
    include_str!("write.rs"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let directory: OsString = std::env::args_os().nth(1).ok_or("Usage: write_fixtures DIRECTORY")?;
    let directory = PathBuf::from(directory);
    let version = format!("{:016x}", fnv1a(&SOURCES.concat()));
    let stamp = directory.join("version");
    if fs::read_to_string(&stamp).is_ok_and(|written| written == version) {
        return Ok(());
    }
    if stamp.exists() {
        fs::remove_file(&stamp)?;
    }
    fs::create_dir_all(&directory)?;
    write_all(&directory)?;
    // Last, so that an interrupted run is done again.
    fs::write(&stamp, version)?;
    Ok(())
}

fn write_all(directory: &Path) -> write::Outcome {
    kinds::write(directory)?;
    shapes::write(directory)?;
    ipc::write(directory)
}

fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
