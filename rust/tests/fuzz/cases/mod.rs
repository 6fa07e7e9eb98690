//! A case: what follows from one seed, from the file that is made to what must be true of the rows.

mod arrow;
mod lent;
mod parquet;
mod text;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::random::Random;
use crate::scan::Outcome;
use crate::{abi, allocations, watch};

/// Bytes that a case may allocate beside what its scans may: pages, dictionaries, and what is compared here.
const BASE: usize = 192 << 20;
/// Bytes of the largest piece.
const LARGEST: usize = 256 << 20;

/// A case that is going on.
pub struct Case<'a> {
    pub random: Random,
    folder: &'a Path,
    /// What was done to the file.
    pub trace: Vec<String>,
    /// What must not be.
    pub problems: Vec<String>,
    /// Scans that gave rows.
    pub answered: usize,
    files: usize,
    /// Bytes that were allocated when the last file was there.
    before: usize,
}

/// How a case ended.
#[derive(Debug, Default)]
pub struct Verdict {
    pub problems: Vec<String>,
    pub trace: Vec<String>,
    pub answered: bool,
}

/// Does the case of a seed, with files in a folder that are left there.
pub fn run(seed: u64, folder: &Path) -> Verdict {
    watch::begin(seed);
    let before = allocations::begin();
    let random = Random::new(seed);
    let mut case = Case { random, folder, trace: Vec::new(), problems: Vec::new(), answered: 0, files: 0, before };
    match case.random.below(20) {
        0..12 => parquet::run(&mut case),
        12..15 => arrow::run(&mut case),
        15 | 16 => text::run(&mut case, text::Kind::Csv),
        17 | 18 => text::run(&mut case, text::Kind::Ndjson),
        _ => lent::run(&mut case),
    }
    case.check_nothing_left();
    case.check_allocations();
    for panic in watch::end().iter().filter(|panic| !panic.foreign) {
        case.problems.push(format!("a panic at {}: {}", panic.place, panic.message));
    }
    Verdict { problems: case.problems, trace: case.trace, answered: case.answered > 0 }
}

impl Case<'_> {
    /// Writes a file of its own.
    pub fn write(&mut self, extension: &str, bytes: &[u8]) -> PathBuf {
        if self.files > 0 {
            self.check_allocations();
        }
        self.files += 1;
        let path = self.folder.join(format!("case_{}.{extension}", self.files));
        std::fs::write(&path, bytes).expect("written");
        // What it took to make the file is not counted.
        self.before = allocations::begin();
        path
    }

    fn check_allocations(&mut self) {
        let allocated = allocations::end(self.before);
        // Workers may be at a page each, and two at the same large one.
        let others = std::thread::available_parallelism().map_or(0, |threads| threads.get() - 1);
        if allocated.largest > LARGEST || allocated.peak > BASE + others * allocated.largest {
            self.problems.push(format!("too much was allocated: {allocated:?}"));
        }
    }

    /// Takes over the problems of a scan.
    pub fn judge(&mut self, outcome: &mut Outcome, of: &str) {
        self.answered += usize::from(outcome.rows() > 0);
        self.problems.extend(outcome.problems.drain(..).map(|problem| format!("{of}: {problem}")));
    }

    /// Nothing may be in use any more.
    fn check_nothing_left(&mut self) {
        let folder = self.folder.to_string_lossy().into_owned();
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let (in_use, maps) = (abi::in_use(), watch::maps(&folder));
            if in_use == (0, 0) && maps == 0 {
                return;
            }
            // Workers end what they are at.
            if Instant::now() > until {
                self.problems.push(format!("bytes and scans in use {in_use:?}, {maps} maps after all was closed"));
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
