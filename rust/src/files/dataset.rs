//! The files of a scan as one: what they are shown as, and which of them are opened at all.

use std::sync::Arc;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::dataset_plan::{DatasetPlan, PlannedFile};
use crate::files::file::{KnownSchema, ParquetFile};
use crate::files::file_log::FileLog;
use crate::files::file_pruner::FilePruner;
use crate::files::opened::Opened;
use crate::files::target::{Target, present_fields};
use crate::options::{FileRequest, FileWindow, ScanOptions, SchemaMode};
use crate::rows::filter_stats::FilterStats;
use crate::stop_check::StopCheck;
use crate::workers;

/// Files that are opened ahead for each worker.
pub const FILES_PER_WORKER: usize = 2;

/// Files that are open at once while all are planned, where the caller does not say.
const FILES_AT_A_TIME: usize = 64;

/// The files of a scan; nothing of it changes.
pub struct Dataset {
    /// What was asked for.
    pub options: ScanOptions,
    /// What all files are shown as; `None` for a single file, which is shown as it is.
    target: Option<Target>,
    /// The first file's schema, which most files have; `None` for a single file.
    known_schema: Option<KnownSchema>,
    /// Rules out files by their constants.
    pruner: Option<FilePruner>,
    /// What the predicate did so far, to the rows of all files.
    pub filter_stats: Arc<FilterStats>,
    /// The stream's memory limit when it was opened.
    share_bytes: u64,
}

impl Dataset {
    /// Opens as many files as it takes to know what is shown, and plans the first; decodes nothing but what pruning looks
    /// at.
    ///
    /// # Errors
    /// Those of opening and planning the first file that is not skipped; `SCHEMA_MISMATCH`; that of `stop`, within one
    /// file.
    pub fn open(options: ScanOptions, share_bytes: u64, log: &FileLog, stop: StopCheck) -> Result<(Self, Opened)> {
        let (index, file) = first_readable(&options, log, stop)?;
        let constants = &options.files[index].constants;
        let many = options.files.len() > 1 || options.given_schema.is_some();
        let target = match (&options.given_schema, options.schema) {
            (Some(text), _) => Some(Target::given(text, &options)?),
            (None, SchemaMode::Union) if many => Some(union(&options, log, stop)?),
            (None, _) if many => Some(Target::of_first(&file, &options, constants)?),
            (None, _) => None,
        };
        let pruner = match &target {
            Some(target) => FilePruner::new(&target.fields, &options).map_err(|error| error.at_path(&file.path))?,
            None => None,
        };
        let no_stats = Arc::new(FilterStats::new([]));
        let known_schema = many.then(|| file.known_schema());
        let mut dataset = Self { options, target, known_schema, pruner, filter_stats: no_stats, share_bytes };
        let mut window = dataset.first_window();
        if dataset.rules_out(index) {
            // It is open for the schema alone.
            window.limit = Some(0);
        }
        let opened = dataset.plan(index, file, window)?;
        dataset.filter_stats = Arc::new(FilterStats::new(opened.conditions.iter().cloned()));
        Ok((dataset, opened))
    }

    /// Opens and plans another file.
    ///
    /// # Errors
    /// Those of opening and planning it; `SCHEMA_MISMATCH` where its columns do not fit.
    pub fn open_file(&self, index: usize, window: FileWindow) -> Result<Opened> {
        let path = &self.options.files[index].path;
        let file = ParquetFile::open_like(path, self.options.file_options(), self.known_schema.as_ref())?;
        self.plan(index, Arc::new(file), window)
    }

    fn plan(&self, index: usize, file: Arc<ParquetFile>, window: FileWindow) -> Result<Opened> {
        let (path, source) = (file.path.clone(), file.source.clone());
        // A file that changes while it is planned may seem to have no row that passes.
        let plan = || Opened::new(index, file, &self.options, self.target.as_ref(), window, self.share_bytes);
        source.guarded(plan).map_err(|error| error.at_path(path))
    }

    /// The plan of all files: opens each, one after the other where what is read of one depends on those before, else in
    /// parallel. None is kept open.
    ///
    /// # Errors
    /// As [`Dataset::open_file`], of the first file that fails and is not skipped; that of `stop`, within one file.
    pub fn plan_all(&self, first: &Opened, log: &FileLog, stop: StopCheck) -> Result<DatasetPlan> {
        let mut plan = DatasetPlan::of(first);
        let ruled_out = "a predicate rules it out by its folders";
        let skipped = |index: usize| PlannedFile::skipped(&self.options.files[index].path, "it cannot be read");
        let mut before: Vec<PlannedFile> = (0..first.index).map(skipped).collect();
        if self.rules_out(first.index) {
            before.push(PlannedFile::skipped(&first.plan.path, ruled_out));
            plan = plan.with_files(before);
        } else if !before.is_empty() {
            before.extend(plan.files().iter().cloned());
            plan = plan.with_files(before);
        }
        let rest: Vec<usize> = (first.index + 1..self.options.files.len()).collect();
        let mut add = |index: usize, result: Result<Option<Opened>>| {
            let path = &self.options.files[index].path;
            match result {
                Ok(Some(opened)) => plan.add(&opened),
                Ok(None) => plan.add_skipped(path, ruled_out),
                Err(error) if self.options.skip_broken_files => {
                    log.skipped(index, &error);
                    plan.add_skipped(path, &error.to_string());
                }
                Err(error) => return Err(error.at_path(path)),
            }
            Ok(())
        };
        if self.counts_rows() {
            let mut window = self.next_window(self.first_window(), first.plan.rows_in_file);
            for index in rest {
                stop.check()?;
                let wanted = window.unwrap_or(FileWindow { limit: Some(0), ..FileWindow::default() });
                let result = self.open_file(index, wanted);
                if let (Ok(opened), Some(before)) = (&result, window) {
                    window = self.next_window(before, opened.plan.rows_in_file);
                }
                add(index, result.map(Some))?;
            }
            return Ok(plan);
        }
        for indices in rest.chunks(self.files_at_a_time()) {
            let open = |index: &usize| {
                stop.check()?;
                if self.rules_out(*index) { Ok(None) } else { self.open_file(*index, self.first_window()).map(Some) }
            };
            let results: Vec<Result<Option<Opened>>> = indices.par_iter().map(open).collect();
            // Or the files that were not opened for it would count as broken.
            stop.check()?;
            for (index, result) in indices.iter().zip(results) {
                add(*index, result)?;
            }
        }
        Ok(plan)
    }

    /// The rows of the first file.
    #[must_use]
    pub fn first_window(&self) -> FileWindow {
        FileWindow { offset: self.options.offset, limit: self.options.limit, first_row: 0 }
    }

    /// The rows of the file behind one that has `rows_in_file`; `None` where no more are wanted.
    #[must_use]
    pub fn next_window(&self, window: FileWindow, rows_in_file: u64) -> Option<FileWindow> {
        let taken = rows_in_file.saturating_sub(window.offset);
        let limit = window.limit.map(|limit| limit.saturating_sub(taken));
        let first_row = if self.options.row_index_per_file { 0 } else { window.first_row.saturating_add(rows_in_file) };
        let offset = window.offset.saturating_sub(rows_in_file);
        (limit != Some(0)).then_some(FileWindow { offset, limit, first_row })
    }

    /// Whether what is read of a file depends on how many rows those before it have, so that they are opened one by one.
    #[must_use]
    pub fn counts_rows(&self) -> bool {
        self.options.counts_rows()
    }

    /// Whether a predicate rules out a file, so that it need not be opened.
    #[must_use]
    pub fn rules_out(&self, index: usize) -> bool {
        let constants = &self.options.files[index].constants;
        let pruner = self.pruner.as_ref().filter(|_| !constants.is_empty() && !self.counts_rows());
        pruner.is_some_and(|pruner| !pruner.may_match(constants))
    }

    /// Files that are open at once while all are planned.
    fn files_at_a_time(&self) -> usize {
        match self.options.concurrency {
            0 => FILES_AT_A_TIME,
            asked => asked,
        }
    }

    /// Files that are opened ahead of being read, where the caller does not say how many are open at once.
    #[must_use]
    pub fn files_ahead(&self) -> usize {
        FILES_PER_WORKER * workers::threads().max(1)
    }
}

/// Opens a file.
fn open(options: &ScanOptions, index: usize) -> Result<Arc<ParquetFile>> {
    ParquetFile::open(&options.files[index].path, options.file_options()).map(Arc::new)
}

/// The first file that can be opened; those before it are skipped, where that is wanted.
fn first_readable(options: &ScanOptions, log: &FileLog, stop: StopCheck) -> Result<(usize, Arc<ParquetFile>)> {
    let mut first_error = None;
    for index in 0..options.files.len() {
        stop.check()?;
        match open(options, index) {
            Ok(file) => return Ok((index, file)),
            Err(error) if options.skip_broken_files => {
                log.skipped(index, &error);
                first_error.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    let none = SpillwayError::new(ErrorCode::InvalidArgument, "Cannot scan no file; name at least one");
    Err(first_error.unwrap_or(none))
}

/// Reads all footers, in parallel; none of them is kept.
fn union(options: &ScanOptions, log: &FileLog, stop: StopCheck) -> Result<Target> {
    let indices: Vec<usize> = (0..options.files.len()).collect();
    let fields = |index: &usize| {
        stop.check()?;
        let FileRequest { path, constants, .. } = &options.files[*index];
        let file = open(options, *index)?;
        let fields = present_fields(&file, options, constants).map_err(|error| error.at_path(path))?;
        Ok((path.clone(), fields))
    };
    let results: Vec<Result<_>> = indices.par_iter().map(fields).collect();
    // Or the files that were not opened for it would count as broken.
    stop.check()?;
    let mut all = Vec::with_capacity(results.len());
    for (index, result) in results.into_iter().enumerate() {
        match result {
            Ok(fields) => all.push(fields),
            Err(error) if options.skip_broken_files => log.skipped(index, &error),
            Err(error) => return Err(error),
        }
    }
    let mut target = Target::of_all(&all)?;
    if let Some(names) = &options.columns {
        target.put_in_order(names)?;
    }
    Ok(target)
}
