//! The files that are being read, in their order: the rows of the first one come next, the others are read ahead of that.

use std::collections::VecDeque;

use crate::text::piece_reader::PieceReader;

/// The readers of files that are not read to their end.
pub(super) struct Reading {
    /// What the next reader comes from.
    inputs: Box<dyn PieceReader>,
    files: VecDeque<BegunFile>,
    /// Files that are read at once, at most.
    most_files: usize,
    /// Whether no file is left to begin with, or none is wanted.
    all_begun: bool,
}

/// A file that is being read.
struct BegunFile {
    index: usize,
    /// `None` while a worker has it.
    reader: Option<Box<dyn PieceReader>>,
    waits: Option<WaitsFor>,
    /// Whether something was pushed since a worker took the reader.
    more_came: bool,
    /// Whether nothing was read of it.
    is_new: bool,
    /// Bytes that are reserved: for what it is being read for, and of what was read and makes no piece yet.
    bytes: u64,
    /// Bytes that are not reserved, and will be by what it is being read for.
    coming: u64,
    /// Records that it is being read for, at most.
    records: u64,
}

/// What a file can't be read on without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WaitsFor {
    /// More has to be pushed; `eager` when the reader would have taken what there is.
    Bytes { eager: bool },
    /// The files before have to be read.
    Turn,
}

impl Reading {
    /// Nothing is read yet.
    pub(super) fn new(inputs: Box<dyn PieceReader>, most_files: usize) -> Self {
        Self { inputs, files: VecDeque::new(), most_files, all_begun: false }
    }

    /// No more rows are wanted. What workers are reading is dropped when they come back.
    pub(super) fn stop(&mut self) {
        self.all_begun = true;
        self.files.clear();
    }

    /// Whether nothing is left to read.
    pub(super) fn is_over(&self) -> bool {
        self.all_begun && self.files.is_empty()
    }

    /// The file whose turn it is: no row comes before its rows but those of files that were read to their end.
    pub(super) fn turn(&self) -> usize {
        self.files.front().map_or(usize::MAX, |file| file.index)
    }

    /// Begins with the next file where none is being read.
    pub(super) fn go_on(&mut self) {
        if self.files.is_empty() {
            self.begin();
        }
    }

    /// Begins with the next file, which nothing is done for yet; whether there is one.
    fn begin(&mut self) -> bool {
        if self.all_begun {
            return false;
        }
        let Some((index, reader)) = self.inputs.take_next_input() else {
            self.all_begun = true;
            return false;
        };
        let reader = Some(reader);
        self.files.push_back(BegunFile {
            index,
            reader,
            waits: None,
            more_came: false,
            is_new: true,
            bytes: 0,
            coming: 0,
            records: 0,
        });
        true
    }

    /// Whether the file whose turn it is can be read now. `is_eager` when few bytes are better than none.
    pub(super) fn is_turn_ready(&self, is_eager: bool) -> bool {
        let is_ready = |file: &BegunFile| match file.waits {
            Some(WaitsFor::Bytes { eager }) => !eager && is_eager,
            Some(WaitsFor::Turn) | None => true,
        };
        self.files.front().is_some_and(|file| file.reader.is_some() && is_ready(file))
    }

    /// Whether there is more to read, and no need to wait for bytes that are pushed.
    pub(super) fn is_going(&self) -> bool {
        let waits = self.files.front().is_some_and(|file| matches!(file.waits, Some(WaitsFor::Bytes { .. })));
        !self.is_over() && !waits
    }

    /// Whether nothing was read of the file whose turn it is.
    pub(super) fn is_turn_new(&self) -> bool {
        self.files.front().is_some_and(|file| file.is_new)
    }

    /// Whether a worker reads the file whose turn it is.
    pub(super) fn is_turn_read(&self) -> bool {
        self.files.front().is_some_and(|file| file.reader.is_none())
    }

    /// Files that workers read.
    pub(super) fn with_workers(&self) -> usize {
        self.files.iter().filter(|file| file.reader.is_none()).count()
    }

    /// Records that workers read, at most.
    pub(super) fn records(&self) -> u64 {
        self.files.iter().map(|file| file.records).sum()
    }

    /// Bytes that later files have than the one whose turn it is, or will have.
    pub(super) fn bytes_ahead(&self) -> u64 {
        self.files.iter().skip(1).map(|file| file.bytes + file.coming).sum()
    }

    /// Bytes that are not reserved, and will be by what is being read.
    pub(super) fn bytes_coming(&self) -> u64 {
        self.files.iter().map(|file| file.coming).sum()
    }

    /// The later file that is read next: one in front of `end` that is not with a worker and needn't wait, or a new one.
    pub(super) fn next_ahead(&mut self, end: Option<usize>) -> Option<usize> {
        let can_be_read =
            |file: &&BegunFile| file.reader.is_some() && file.waits.is_none() && end.is_none_or(|end| file.index < end);
        if let Some(file) = self.files.iter().skip(1).find(can_be_read) {
            return Some(file.index);
        }
        let begins = end.is_none() && self.files.len() < self.most_files && self.begin();
        self.files.back().filter(|_| begins).map(|file| file.index)
    }

    /// Gives the reader of a file to a worker, which reads so many records: to bytes that are reserved, and such that are not.
    pub(super) fn lend(
        &mut self,
        index: usize,
        records: u64,
        reserved: u64,
        coming: u64,
    ) -> Option<Box<dyn PieceReader>> {
        let file = self.file(index)?;
        file.waits = None;
        file.is_new = false;
        file.records = records;
        file.bytes += reserved;
        file.coming = coming;
        file.reader.take()
    }

    /// Takes the reader of a file back; `false` where that was left out.
    pub(super) fn take_back(&mut self, index: usize, reader: Box<dyn PieceReader>, waits: Option<WaitsFor>) -> bool {
        let Some(file) = self.file(index) else { return false };
        file.bytes = reader.held_bytes();
        (file.coming, file.records) = (0, 0);
        file.reader = Some(reader);
        // What was pushed meanwhile may be what it waits for.
        file.waits = waits.filter(|_| !file.more_came);
        file.more_came = false;
        true
    }

    /// A file is read to its end, or left out; `false` where it was before.
    pub(super) fn end(&mut self, index: usize) -> bool {
        let before = self.files.len();
        self.files.retain(|file| file.index != index);
        self.files.len() < before
    }

    /// More was pushed, or nothing more will be.
    pub(super) fn was_pushed(&mut self) {
        if let Some(file) = self.files.front_mut() {
            // A worker that has the reader may have looked before.
            file.more_came = file.reader.is_none();
            file.waits = None;
        }
    }

    fn file(&mut self, index: usize) -> Option<&mut BegunFile> {
        self.files.iter_mut().find(|file| file.index == index)
    }
}
