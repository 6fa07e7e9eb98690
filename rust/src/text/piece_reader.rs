//! What a scan needs of the reader of a format: rows in pieces, which workers make of what the reader found.

use std::sync::atomic::AtomicBool;

use crate::error::{Result, SpillwayError};
use crate::files::file_pruner::FilePruner;
use crate::memory::reservation::Reservation;
use crate::text::format::{Parsed, Wanted};
use crate::text::row_cost::RowCost;
use crate::text::sample::Sampled;

/// Reads the inputs of a scan, and cuts what it reads into pieces.
pub trait PieceReader: Send {
    /// Looks at what tells the schema, and leaves it to be read; `None` where more has to be pushed first, or where no
    /// file is left.
    ///
    /// # Errors
    /// What a file can't be read for, and what there is no schema for.
    fn sample(&mut self) -> FileResult<Option<Sampled>>;

    /// Says which columns pieces are to have, before the first piece; returns what they cost.
    ///
    /// # Errors
    /// A type that can't be read, with its column.
    fn want(&mut self, sampled: &Sampled, wanted: &[Wanted]) -> Result<RowCost>;

    /// A reader of the next input alone, and the index of that, so that several are read side by side; nothing is opened
    /// yet. `None` where no input is left.
    fn take_next_input(&mut self) -> Option<(usize, Box<dyn PieceReader>)>;

    /// Cuts off the next piece of the input that it is a reader of; `reserved` becomes what it takes.
    ///
    /// # Errors
    /// What the input can't be read for: no more of it is read.
    fn next(&mut self, size: PieceSize, reserved: Reservation) -> FileResult<Next>;

    /// Reads no files that a predicate rules out by the columns of their paths.
    fn rule_out(&mut self, pruner: &FilePruner);

    /// Reads no more of an input.
    fn leave(&mut self, index: usize);

    /// Bytes that it holds of what was read and not yet cut off.
    fn held_bytes(&self) -> u64 {
        0
    }
}

/// How large a piece should be.
#[derive(Debug, Clone, Copy)]
pub struct PieceSize {
    /// Text of the piece, about.
    pub bytes: u64,
    /// Records of the piece, at most.
    pub records: u64,
    /// What the piece may take once it is parsed, as long as it is not a single record.
    pub budget: u64,
    /// Whether fewer bytes are welcome, rather than none now.
    pub eager: bool,
    /// Whether inputs before are still being read: what needs more memory than the piece has to wait for its turn.
    pub is_ahead: bool,
}

/// What the reader comes upon.
pub enum Next {
    /// A piece to be parsed.
    Piece(Unparsed),
    /// More has to be pushed first, or the inputs before be read.
    NotYet,
    /// The end of the input.
    End,
}

/// A piece of an input that is to become rows.
pub struct Unparsed {
    /// The index of the input.
    pub file: usize,
    /// How many records there are, at most.
    pub records: u64,
    /// Bytes of the input that they take.
    pub bytes: u64,
    /// What is set aside for them, parsed and unparsed.
    pub reserved: Reservation,
    /// Whether the rows will be parts of larger memory, which only what they show is counted of.
    pub is_shared: bool,
    /// The work that makes rows of it.
    pub work: Box<dyn PieceWork>,
}

/// What makes rows of a piece, on a worker.
pub trait PieceWork: Send {
    /// The rows, of the columns that are wanted. Where `over` is set, nobody wants them any more.
    ///
    /// # Errors
    /// What they can't be read for; the scan adds the path.
    fn rows(self: Box<Self>, over: &AtomicBool) -> Result<Parsed>;
}

/// A failure, and the index of the input that it is about.
pub type FileResult<T> = std::result::Result<T, (usize, SpillwayError)>;
