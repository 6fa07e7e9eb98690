//! What became of each file of a scan so far: counts that outlive the files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::error::{Result, SpillwayError};
use crate::files::opened::Opened;
use crate::options::ScanOptions;
use crate::pruning::Pruning;
use crate::source::Source;

/// Files whose maps batches show, at most: each is kept open.
const MOST_LENT: usize = 32;

/// The log of a scan's files.
#[derive(Debug, Default)]
pub struct FileLog {
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    records: BTreeMap<usize, Record>,
    /// Files that are read, or will be.
    open: BTreeSet<usize>,
    /// Files whose maps batches show as they are.
    lent: BTreeMap<usize, Source>,
    /// The file that the last batch begins with.
    last: usize,
    /// Sums that are kept up to date; bytes read are of files that are no longer open.
    totals: FileTotals,
}

/// What is known of a file that was opened, ruled out or skipped.
#[derive(Debug, Default)]
struct Record {
    state: State,
    rows_planned: u64,
    compressed_bytes: u64,
    /// Whether a predicate leaves rows out, or it is a text: what was read is what was scanned.
    filtered: bool,
    scanned: Option<Arc<AtomicU64>>,
    rows: u64,
    batches: u64,
    bytes: u64,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Open,
    /// All that is wanted of it was given.
    Done,
    /// A predicate rules it out.
    RuledOut,
    /// It could not be read.
    Skipped(SpillwayError),
}

/// Sums over the files opened so far.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub struct FileTotals {
    pub rows_planned: u64,
    pub row_groups: u64,
    pub compressed_bytes: u64,
    pub compressed_bytes_read: u64,
    pub opened: u64,
    pub done: u64,
    pub ruled_out: u64,
    pub skipped: u64,
    pub pruning: Option<Pruning>,
}

/// A file's counts, as they are told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FileCounts<'a> {
    path: &'a str,
    state: &'static str,
    rows: u64,
    batches: u64,
    bytes: u64,
    compressed_bytes_read: u64,
    error: Option<serde_json::Value>,
}

impl FileLog {
    /// A Parquet file was opened and planned.
    pub fn opened(&self, opened: &Opened) {
        let plan = &opened.plan;
        let row_groups = plan.row_groups.iter().filter(|row_group| row_group.skipped.is_none()).count() as u64;
        let record = Record {
            rows_planned: plan.rows,
            compressed_bytes: plan.compressed_bytes,
            filtered: plan.pruning.is_some(),
            scanned: Some(opened.file.source.scanned_counter()),
            ..Record::default()
        };
        self.add(opened.index, record, row_groups, plan.pruning.as_ref());
    }

    /// A file of text was opened, which has so many bytes; `scanned` counts those that were read. How many rows it has is
    /// known at its end.
    pub fn opened_text(&self, index: usize, bytes: u64, scanned: Arc<AtomicU64>) {
        let record = Record { compressed_bytes: bytes, filtered: true, scanned: Some(scanned), ..Record::default() };
        self.add(index, record, 0, None);
    }

    fn add(&self, index: usize, record: Record, row_groups: u64, pruning: Option<&Pruning>) {
        let mut entries = crate::lock(&self.entries);
        let totals = &mut entries.totals;
        totals.opened += 1;
        totals.rows_planned = totals.rows_planned.saturating_add(record.rows_planned);
        totals.row_groups += row_groups;
        totals.compressed_bytes = totals.compressed_bytes.saturating_add(record.compressed_bytes);
        if let Some(pruning) = pruning {
            totals.pruning.get_or_insert_default().add(pruning);
        }
        entries.records.insert(index, record);
        entries.open.insert(index);
    }

    /// Rows of a file were given, in so many batches: none where they are in one that began with another file.
    pub fn given(&self, index: usize, rows: u64, batches: u64, bytes: u64) {
        let mut entries = crate::lock(&self.entries);
        if batches > 0 {
            entries.last = index;
        }
        if let Some(record) = entries.records.get_mut(&index) {
            record.rows += rows;
            record.batches += batches;
            record.bytes += bytes;
        }
    }

    /// Batches are to show the maps of a file as they are; whether that may be, since it is kept open until they were seen.
    pub fn lends(&self, index: usize, source: &Source) -> bool {
        let mut entries = crate::lock(&self.entries);
        let may_lend = entries.lent.len() < MOST_LENT;
        if may_lend {
            entries.lent.insert(index, source.clone());
        }
        may_lend
    }

    /// Checks the files whose maps batches show, each time that one is given and at the end: so the last one was seen before
    /// its file changed, or it is told now.
    ///
    /// # Errors
    /// `FILE_CHANGED`.
    pub fn check_lent(&self) -> Result<()> {
        let mut entries = crate::lock(&self.entries);
        entries.lent.values().try_for_each(Source::check_unchanged)?;
        let last = entries.last;
        entries.lent.retain(|index, _| *index >= last);
        Ok(())
    }

    /// All of a file was given.
    pub fn done(&self, index: usize) {
        let mut entries = crate::lock(&self.entries);
        if entries.close(index, State::Done) {
            entries.totals.done += 1;
        }
    }

    /// All that is wanted of all files that are open was given.
    pub fn all_done(&self) {
        let open: Vec<usize> = crate::lock(&self.entries).open.iter().copied().collect();
        for index in open {
            self.done(index);
        }
    }

    /// A file need not be opened, or was for its schema alone.
    pub fn ruled_out(&self, index: usize) {
        let mut entries = crate::lock(&self.entries);
        if !matches!(entries.state(index), Some(State::RuledOut)) {
            entries.leave_out(index, State::RuledOut);
            entries.totals.ruled_out += 1;
        }
    }

    /// A file could not be read, from its beginning or from somewhere within. Told more than once of a file whose footer is
    /// read for the schema too, it counts the first time.
    pub fn skipped(&self, index: usize, error: &SpillwayError) {
        let mut entries = crate::lock(&self.entries);
        if !matches!(entries.state(index), Some(State::Skipped(_))) {
            entries.leave_out(index, State::Skipped(error.clone()));
            entries.totals.skipped += 1;
        }
    }

    /// Sums over the files opened so far.
    #[must_use]
    pub fn totals(&self) -> FileTotals {
        let entries = crate::lock(&self.entries);
        let mut totals = entries.totals;
        for record in entries.open.iter().filter_map(|index| entries.records.get(index)) {
            totals.compressed_bytes_read = totals.compressed_bytes_read.saturating_add(record.bytes_read());
        }
        totals
    }

    /// The counts of all files opened, ruled out or skipped so far, in the scan's order, as JSON.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn to_json(&self, options: &ScanOptions) -> serde_json::Result<Vec<u8>> {
        let entries = crate::lock(&self.entries);
        let counts = |(index, record): (&usize, &Record)| FileCounts {
            path: options.files.get(*index).map_or("", |file| &file.path),
            state: match record.state {
                State::Open => "open",
                State::Done => "done",
                State::RuledOut => "pruned",
                State::Skipped(_) => "skipped",
            },
            rows: record.rows,
            batches: record.batches,
            bytes: record.bytes,
            compressed_bytes_read: record.bytes_read(),
            error: match &record.state {
                State::Skipped(error) => serde_json::from_str(&error.to_json()).ok(),
                _ => None,
            },
        };
        serde_json::to_vec(&entries.records.iter().map(counts).collect::<Vec<_>>())
    }
}

impl Entries {
    fn state(&self, index: usize) -> Option<&State> {
        self.records.get(&index).map(|record| &record.state)
    }

    /// Closes a file that no longer counts as opened, if it did: each file is in one count.
    fn leave_out(&mut self, index: usize, state: State) {
        if self.close(index, state) {
            self.totals.opened -= 1;
        }
    }

    /// Changes the state of a file; whether it was open.
    fn close(&mut self, index: usize, state: State) -> bool {
        let record = self.records.entry(index).or_default();
        record.state = state;
        let bytes_read = record.bytes_read();
        let was_open = self.open.remove(&index);
        if was_open {
            self.totals.compressed_bytes_read = self.totals.compressed_bytes_read.saturating_add(bytes_read);
        }
        was_open
    }
}

impl Record {
    /// Compressed bytes that were read: pages without their headers, and all of the plan's at the end. A predicate leaves
    /// pages out and reads others that hold only some of its rows, so that with one it is no more than what was read.
    fn bytes_read(&self) -> u64 {
        let scanned = self.scanned.as_ref().map_or(0, |scanned| scanned.load(Ordering::Relaxed));
        if self.filtered {
            scanned
        } else if self.rows == self.rows_planned {
            self.compressed_bytes
        } else {
            scanned.min(self.compressed_bytes)
        }
    }
}
