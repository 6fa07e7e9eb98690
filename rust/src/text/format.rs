//! What a text format does for a text scan: where records end, what types their columns have, and what a piece holds.
//!
//! The scan does the rest: it reads and decompresses files, cuts them into pieces, gives pieces to workers, counts
//! memory, numbers rows, and takes the steps. A format sees bytes only, and never a file.

use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::RecordBatch;
use arrow_schema::{FieldRef, SchemaRef};

use crate::error::Result;

/// A text format, with the options that it was asked for.
pub trait TextFormat: Send + Sync {
    /// What comes before the first record of a file: a byte order mark, a header.
    ///
    /// `bytes` are the file's first, all of them where `ended`. `None` asks for more of them: a header is not whole yet.
    ///
    /// # Errors
    /// What cannot be the beginning of this format, with its line.
    fn head(&self, bytes: &[u8], ended: bool) -> Result<Option<Head>>;

    /// Finds where the last whole record of `bytes` ends, or the `most_records`th if that comes first.
    ///
    /// `bytes` begin with a record. Where they `ended`, the rest is a record though no line break ends it. A split of no
    /// bytes says that the first record is not whole yet: the scan comes again with more.
    ///
    /// This is the only work that is not done side by side, so it should go at the speed of memory.
    ///
    /// # Errors
    /// What shows only here, such as a quote that nothing closes, with its line counted from `first_line`.
    fn split(&self, bytes: &[u8], first_line: u64, most_records: u64, ended: bool) -> Result<Split>;

    /// The schema of all columns, from the first records of the first files. At least one sample is given, and samples
    /// may be without records. What the caller's options say of columns goes before what samples show.
    ///
    /// # Errors
    /// Values that no common type holds, a schema that can't be shown.
    fn infer(&self, samples: &[Sample<'_>]) -> Result<SchemaRef>;

    /// How many records [`TextFormat::infer`] wants to see; 0 where the schema is given.
    fn sample_records(&self) -> u64;

    /// A parser of some columns of the schema, in this order; of none for rows that are only counted.
    ///
    /// # Errors
    /// A type that this format can't be parsed to, with its column.
    fn parser(&self, schema: &SchemaRef, wanted: &[Wanted]) -> Result<Box<dyn TextParser>>;
}

/// A column that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its place in the schema.
    pub column: usize,
    /// Its field as batches of the parser have it: that of the schema, or, of a struct, with some of its fields only.
    pub field: FieldRef,
}

/// Parses pieces to batches; used by many workers at once.
pub trait TextParser: Send + Sync {
    /// Parses a piece of whole records to a batch of the columns that are wanted, whose fields are nullable. The batch has
    /// its number of rows also where it has no column.
    ///
    /// Where [`Piece::is_cancelled`], what is returned is dropped: it should be asked every few thousand records.
    ///
    /// # Errors
    /// `MALFORMED_DATA` with the line; the scan adds the path.
    fn parse(&self, piece: &Piece<'_>) -> Result<Parsed>;
}

/// What comes before the first record of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// Its bytes.
    pub bytes: usize,
    /// Line breaks in it.
    pub lines: u64,
    /// The names of the columns, if it has them. The files of a scan must have the same: the scan sees to that.
    pub names: Option<Vec<String>>,
}

/// Whole records at the beginning of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Split {
    /// Where they end: behind a line break, or at the end of the file.
    pub bytes: usize,
    /// Line breaks in them.
    pub lines: u64,
    /// How many there are, at most: blank lines may be counted too.
    pub records: u64,
}

/// The first records of a file.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// The file, if it is one, for messages.
    pub path: Option<&'a str>,
    /// What came before them.
    pub head: &'a Head,
    /// Whole records.
    pub bytes: &'a [u8],
    /// The number of their first line, from 1.
    pub first_line: u64,
}

/// Whole records to be parsed.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// Their bytes, as [`TextFormat::split`] cut them.
    pub bytes: &'a [u8],
    /// The number of their first line in the file, from 1.
    pub first_line: u64,
    cancelled: &'a AtomicBool,
}

impl<'a> Piece<'a> {
    /// A piece, and the flag that says that nobody wants it any more.
    #[must_use]
    pub fn new(bytes: &'a [u8], first_line: u64, cancelled: &'a AtomicBool) -> Self {
        Self { bytes, first_line, cancelled }
    }

    /// Whether nobody wants it any more.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// What a piece holds.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The columns that are wanted.
    pub batch: RecordBatch,
    /// Records left out, since they were bad and the caller asked for that.
    pub skipped_records: u64,
    /// Values that are null, since they were bad and the caller asked for that.
    pub nulled_values: u64,
}
