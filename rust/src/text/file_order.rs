//! Which input is read, and which comes next, but for files that a predicate rules out by their folders.

use crate::files::file_log::FileLog;
use crate::files::file_pruner::FilePruner;
use crate::options::ScanOptions;

/// The order of a scan's inputs, and the one that is being read.
#[derive(Debug)]
pub struct FileOrder<Open> {
    /// The index of the input that comes next.
    next: usize,
    inputs: usize,
    ruled_out: Vec<bool>,
    current: Option<Open>,
}

/// An input that is being read.
pub trait OpenInput {
    /// Its place among the scan's inputs.
    fn index(&self) -> usize;
}

impl<Open: OpenInput> FileOrder<Open> {
    /// The order of the files, or of the one input that is pushed.
    #[must_use]
    pub fn new(options: &ScanOptions, pushed: bool) -> Self {
        Self { next: 0, inputs: if pushed { 1 } else { options.files.len() }, ruled_out: Vec::new(), current: None }
    }

    /// Leaves out files that a predicate rules out by the columns of their paths, unless their rows count. One that is being
    /// read is told to the log.
    pub fn rule_out(&mut self, pruner: &FilePruner, options: &ScanOptions, log: &FileLog) {
        if !options.counts_rows() {
            self.ruled_out = options.files.iter().map(|file| !pruner.may_match(&file.constants)).collect();
        }
        if let Some(index) = self.current.as_ref().map(Open::index).filter(|index| self.is_ruled_out(*index)) {
            log.ruled_out(index);
            self.leave(index);
        }
    }

    fn is_ruled_out(&self, index: usize) -> bool {
        self.ruled_out.get(index) == Some(&true)
    }

    /// A look at the input that is being read.
    #[must_use]
    pub fn look(&self) -> Option<&Open> {
        self.current.as_ref()
    }

    /// The input that is being read, which is given back by [`FileOrder::keep`] unless it is done.
    pub fn current(&mut self) -> Option<Open> {
        self.current.take()
    }

    /// Goes on with an input.
    pub fn keep(&mut self, open: Open) {
        self.current = Some(open);
    }

    /// Reads no more of an input.
    pub fn leave(&mut self, index: usize) {
        self.current = self.current.take().filter(|open| open.index() != index);
    }

    /// The next input that is read; those before it that are left out are told to the log.
    pub fn take(&mut self, log: &FileLog) -> Option<usize> {
        while self.is_ruled_out(self.next) {
            log.ruled_out(self.next);
            self.next += 1;
        }
        let index = Some(self.next).filter(|index| *index < self.inputs);
        self.next += usize::from(index.is_some());
        index
    }

    /// An order of the next input alone, which is the one that is being read if there is one, and its index; `None` where no
    /// input is left.
    pub fn take_alone(&mut self, log: &FileLog) -> Option<(usize, Self)> {
        let current = self.current.take();
        let (index, next) = match &current {
            Some(open) => (open.index(), open.index() + 1),
            None => self.take(log).map(|index| (index, index))?,
        };
        Some((index, Self { next, inputs: index + 1, ruled_out: Vec::new(), current }))
    }

    /// The inputs that come, left out or not.
    pub fn coming(&self) -> impl Iterator<Item = usize> + use<Open> {
        self.next..self.inputs
    }
}
