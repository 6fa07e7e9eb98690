//! The files of a running scan from the first to the last: which are being opened ahead, and which comes next.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::error::{Mismatch, Result, SpillwayError};
use crate::files::dataset::Dataset;
use crate::files::file_log::FileLog;
use crate::files::opened::{Opened, SMALL_FILE_BYTES};
use crate::options::FileWindow;

/// Decoded bytes of the files that are opened ahead where these are small.
const BYTES_AHEAD: u64 = 4 << 20;
/// Files that are open at once, at most, where the caller says nothing.
const MOST_FILES: usize = 128;

/// Files that are opened ahead of being read, in order.
pub struct FileQueue {
    dataset: Arc<Dataset>,
    log: Arc<FileLog>,
    /// The files from `first` on, as far as they were looked at.
    places: VecDeque<Place>,
    first: usize,
    /// Whether small files may be read together: not where batches are to end with their file.
    shares: bool,
    /// The rows that are wanted of the next file; `None` where no more are.
    window: Option<FileWindow>,
}

/// A file in the queue.
enum Place {
    /// A worker opens it.
    Opening,
    /// It can be read.
    Opened(Arc<Opened>),
    /// Nothing of it is read.
    LeftOut,
    /// It cannot be read.
    Failed(SpillwayError),
}

/// What comes next.
pub enum NextFile {
    /// This file.
    Opened(Arc<Opened>),
    /// It is being opened.
    NotReady,
    /// It cannot be read.
    Failed(SpillwayError),
    /// There are no more files.
    End,
}

/// A file that a worker is to open.
#[derive(Debug, Clone, Copy)]
pub struct ToOpen {
    /// Its index.
    pub index: usize,
    /// The rows that are wanted of it.
    pub window: FileWindow,
}

impl FileQueue {
    /// The queue of a scan whose first file is open.
    #[must_use]
    pub fn new(dataset: &Arc<Dataset>, log: &Arc<FileLog>, first: Arc<Opened>) -> Self {
        let mut queue = Self {
            dataset: Arc::clone(dataset),
            log: Arc::clone(log),
            places: VecDeque::new(),
            first: first.index,
            shares: dataset.options.fixed_rows.is_none() && !dataset.options.skip_broken_files,
            window: Some(dataset.first_window()),
        };
        queue.count_rows(&first);
        let left_out = dataset.rules_out(first.index);
        queue.places.push_back(if left_out { Place::LeftOut } else { Place::Opened(first) });
        queue
    }

    /// The next file to open ahead, while no more than the scan's concurrency are open; `being_read` are besides those of
    /// this queue.
    pub fn next_to_open(&mut self, being_read: usize) -> Option<ToOpen> {
        let window = self.window?;
        let opening = self.places.iter().any(|place| matches!(place, Place::Opening));
        let failed = self.places.iter().any(|place| matches!(place, Place::Failed(_)));
        if failed || (self.dataset.counts_rows() && opening) || !self.has_room(being_read) {
            return None;
        }
        loop {
            let index = self.first + self.places.len();
            if index >= self.dataset.options.files.len() {
                return None;
            }
            if !self.dataset.rules_out(index) {
                self.places.push_back(Place::Opening);
                return Some(ToOpen { index, window });
            }
            self.log.ruled_out(index);
            self.places.push_back(Place::LeftOut);
        }
    }

    /// A worker has opened a file, or failed to.
    pub fn opened(&mut self, index: usize, result: Result<Opened>) {
        let Some(place) = index.checked_sub(self.first).filter(|place| *place < self.places.len()) else { return };
        self.places[place] = match result {
            Ok(opened) => {
                self.log.opened(&opened);
                self.count_rows(&opened);
                Place::Opened(Arc::new(opened))
            }
            Err(error) if self.dataset.options.skip_broken_files => {
                self.log.skipped(index, &error);
                Place::LeftOut
            }
            Err(error) => Place::Failed(error),
        };
    }

    /// Takes the file that comes next.
    pub fn take_next(&mut self) -> NextFile {
        loop {
            match self.places.pop_front() {
                None => return if self.is_at_end() { NextFile::End } else { NextFile::NotReady },
                Some(Place::Opening) => {
                    self.places.push_front(Place::Opening);
                    return NextFile::NotReady;
                }
                Some(Place::LeftOut) => self.first += 1,
                Some(Place::Opened(opened)) => {
                    self.first += 1;
                    return NextFile::Opened(opened);
                }
                Some(Place::Failed(error)) => {
                    let error = error.with_mismatches(self.later_mismatches());
                    self.places.push_front(Place::Failed(error.clone()));
                    return NextFile::Failed(error);
                }
            }
        }
    }

    /// Whether a file may be read together with others.
    #[must_use]
    pub fn may_share(&self, opened: &Opened) -> bool {
        self.shares && opened.is_small()
    }

    /// Takes the file that comes next if it is open and may be read together with `first`, which may be read with others.
    pub fn take_next_small(&mut self, first: &Opened) -> Option<Arc<Opened>> {
        let left_out = self.places.iter().take_while(|place| matches!(place, Place::LeftOut)).count();
        match self.places.get(left_out) {
            Some(Place::Opened(opened)) if self.may_share(opened) && opened.is_read_like(first) => {
                match self.take_next() {
                    NextFile::Opened(opened) => Some(opened),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether something is there that [`FileQueue::take_next`] would give and that is worth beginning with: small files
    /// wait for others to be read with, while the workers open these; unless nothing else is being read.
    #[must_use]
    pub fn has_next(&self, nothing_is_read: bool) -> bool {
        let mut bytes = 0_u64;
        for place in &self.places {
            match place {
                Place::LeftOut => {}
                Place::Opening => return nothing_is_read && bytes > 0,
                Place::Opened(opened) if self.may_share(opened) && bytes < SMALL_FILE_BYTES => {
                    bytes = bytes.saturating_add(opened.plan.estimated_bytes.max(1));
                }
                Place::Opened(_) | Place::Failed(_) => return true,
            }
        }
        bytes > 0
    }

    /// Whether nothing is left to open or to read.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        let all_taken = self.places.iter().all(|place| matches!(place, Place::LeftOut));
        all_taken && (self.window.is_none() || self.first + self.places.len() >= self.dataset.options.files.len())
    }

    /// Whether one more file may be open. Where the caller says nothing, enough are to keep the workers busy: few large
    /// ones, or many small ones.
    fn has_room(&self, being_read: usize) -> bool {
        let mut open = 0;
        let mut bytes = 0_u64;
        for place in &self.places {
            match place {
                Place::Opening => open += 1,
                Place::Opened(opened) => {
                    open += 1;
                    bytes = bytes.saturating_add(opened.plan.estimated_bytes);
                }
                Place::LeftOut | Place::Failed(_) => {}
            }
        }
        match self.dataset.options.concurrency {
            0 => open < self.dataset.files_ahead() || (bytes < BYTES_AHEAD && open + being_read < MOST_FILES),
            asked => open + being_read < asked,
        }
    }

    fn count_rows(&mut self, opened: &Opened) {
        if self.dataset.counts_rows() {
            self.window = self.window.and_then(|window| self.dataset.next_window(window, opened.plan.rows_in_file));
        }
    }

    /// What does not fit in the files behind the next, as far as their footers were read.
    fn later_mismatches(&self) -> Vec<Mismatch> {
        let failures = self.places.iter().filter_map(|place| match place {
            Place::Failed(error) => Some(error.mismatches()),
            _ => None,
        });
        failures.flatten().cloned().collect()
    }
}
