//! Reads the rows of one file of a scan with a predicate: quantum by quantum, the predicate's columns first.
//!
//! A column that the predicate does not need is decoded only for the rows that pass (late materialisation). Since
//! everything of a quantum is decoded by one worker while the predicate's columns are still in its cache, nothing is read
//! twice, and whether to skip is decided for each quantum from what passed:
//! - nothing passes: the other columns skip, which costs nothing until they are read again, and then page by page;
//! - what passes lies in few runs, with much to skip between them: the other columns read these and skip;
//! - else they are decoded whole and filtered, so that a predicate that most rows pass costs no more than a filter; of
//!   numbers, dates and decimals only those that pass are kept while they are decoded.
//!
//! A column that is only shown goes straight to the batch, if it can, without an array in between: texts and bytes are
//! kept like numbers then.
//!
//! Conditions are tested one after the other on the rows that passed those before. Their order follows what they were
//! seen to cost and to leave out, anywhere in the scan.

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{Array, ArrayRef, Int64Array};
use arrow_schema::DataType;

use crate::batches::column::ColumnBuilder;
use crate::batches::pool::BufferPool;
use crate::column_reader::ColumnReader;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::file::ParquetFile;
use crate::files::segment_files::FileRows;
use crate::pages::page_buffers::PageBuffers;
use crate::predict::ColumnPredictor;
use crate::rows::filter_stats::FilterStats;
use crate::rows::row_plan::{Output, OutputValue, Read, RowPlan};
use crate::rows::row_space::RowSpace;
use crate::rows::row_values::{Mask, RowValues, Values};
use crate::schedule::lane::{MAX_QUANTUM_ROWS, quantum_rows};

/// What it costs to begin a run and to end it, in values decoded: on `lineitem`, some 80 ns against half of one for a value
/// that can be left out while it is decoded, and 2 ns others.
const RUN_COST: usize = 160;
const RUN_COST_OF_OTHERS: usize = 40;
/// Values that are copied in the time that it takes to decode one.
const COPIES_PER_DECODED: usize = 4;
/// Quanta after which conditions are put in order again, once there were so many.
const REORDER_EVERY: u64 = 16;

/// Reads rows of one file, and gives those that pass.
pub struct RowReader {
    /// The file's index in the scan.
    pub index: usize,
    file: Arc<ParquetFile>,
    plan: Arc<RowPlan>,
    space: Arc<RowSpace>,
    stats: Arc<FilterStats>,
    /// One for each column read; none for row numbers.
    readers: Vec<Option<ColumnReader>>,
    /// For each column read, whether it is appended to the batch when all else of a quantum is known.
    appended: Vec<bool>,
    predictors: Vec<Option<ColumnPredictor>>,
    /// Indices of the conditions, as they are tested.
    order: Vec<usize>,
    /// Those that are left, in the file's row space.
    rows: Range<u64>,
    quanta: u64,
    /// Bytes of a row of all columns read, as predicted for the last quantum.
    row_bytes: u64,
}

/// Rows that passed.
pub struct Passed {
    /// How many they were chosen from.
    pub read: usize,
    /// Chooses them from values of all rows that were read.
    pub mask: Mask,
    /// One for each output; `None` for one that [`RowReader::append`] is to append before anything else is read.
    pub values: Vec<Option<Values>>,
}

impl RowReader {
    /// A reader of some rows of a file that is planned to be read row by row; nothing is read yet. It may be asked to
    /// append columns to batches that have room for all that passed of a quantum.
    #[must_use]
    pub fn new(
        rows: &FileRows,
        plan: &Arc<RowPlan>,
        pages: &Arc<PageBuffers>,
        stats: &Arc<FilterStats>,
        may_append: bool,
    ) -> Self {
        let (file, space) = (&rows.opened.file, &rows.opened.space);
        let range = rows.in_file(rows.rows.clone());
        let reader = |(index, read): (usize, &Read)| match read {
            Read::Column(column) => {
                let reader = ColumnReader::new(file, column, space, range.clone(), pages);
                let is_appended = may_append && plan.is_only_shown(index) && reader.appends();
                (Some(if is_appended { reader } else { reader.for_kernels() }), is_appended)
            }
            Read::RowIndex(_) | Read::Constant(_) | Read::Given(_) => (None, false),
        };
        let (readers, appended) = plan.reads.iter().enumerate().map(reader).unzip();
        let predictor = |read: &Read| match read {
            Read::Column(column) => Some(ColumnPredictor::new(file, space, &column.root.leaves)),
            Read::RowIndex(_) | Read::Constant(_) | Read::Given(_) => None,
        };
        Self {
            index: rows.opened.index,
            file: Arc::clone(file),
            plan: Arc::clone(plan),
            space: Arc::clone(space),
            stats: Arc::clone(stats),
            readers,
            appended,
            predictors: plan.reads.iter().map(predictor).collect(),
            order: best_order(plan, stats),
            rows: range,
            quanta: 0,
            row_bytes: 0,
        }
    }

    /// The columns of the batch.
    #[must_use]
    pub fn outputs_of_batch(&self) -> &[Output] {
        &self.plan.outputs
    }

    /// Rows that are not read yet.
    #[must_use]
    pub fn rows_left(&self) -> u64 {
        self.rows.end - self.rows.start
    }

    /// Bytes of a row of all columns read, as predicted for the last quantum.
    #[must_use]
    pub fn row_bytes(&self) -> u64 {
        self.row_bytes
    }

    /// What came of the file's bytes, or a failure, with the file; either is of no worth where they were changed
    /// meanwhile.
    ///
    /// # Errors
    /// The failure, or `FILE_CHANGED`.
    pub fn checked<T>(&self, result: Result<T>) -> Result<T> {
        self.file.source.checked(result).map_err(|error| error.at_path(&self.file.path))
    }

    /// Reads the next rows, of about `bytes` at most, tests them and gives the outputs of those that pass.
    ///
    /// # Errors
    /// Whatever parquet says of a page, with the row group and the column; `MEMORY_LIMIT` for a row that is larger than
    /// the stream's share.
    pub fn next_quantum(&mut self, bytes: u64, share_bytes: u64) -> Result<Passed> {
        let (rows, all_match) = self.quantum(bytes, share_bytes)?;
        let mut values = RowValues::new(rows, self.plan.reads.len());
        if !all_match {
            self.test(&mut values)?;
        }
        let outputs = if values.mask().passed == 0 { Vec::new() } else { self.outputs(&mut values)? };
        let is_appended = |read: usize| self.appended[read] && values.mask().passed > 0;
        for ((read, reader), loaded) in self.readers.iter_mut().enumerate().zip(values.loaded()) {
            if let (Some(reader), false) = (reader, loaded || is_appended(read)) {
                reader.skip(rows as u64);
                self.stats.quanta.skipped.add(1);
                self.stats.skipped_values.add(rows as u64);
            }
        }
        self.rows.start += rows as u64;
        self.quanta += 1;
        if self.order.len() > 1 && (self.quanta.is_power_of_two() || self.quanta.is_multiple_of(REORDER_EVERY)) {
            self.stats.reorder();
            self.order = best_order(&self.plan, &self.stats);
        }
        Ok(Passed { read: rows, mask: values.into_mask(), values: outputs })
    }

    /// Appends what passed of an output that has no values yet.
    ///
    /// # Errors
    /// As [`RowReader::next_quantum`].
    pub fn append(&mut self, output: usize, mask: &Mask, to: &mut ColumnBuilder, pool: &BufferPool) -> Result<()> {
        let OutputValue::Read(read) = self.plan.outputs[output].value else { return Err(no_reader()) };
        let Some(reader) = &mut self.readers[read] else { return Err(no_reader()) };
        let appended = match &mask.bits {
            None => reader.append(mask.rows, to, pool),
            Some(bits) if are_runs_cheaper(mask, RUN_COST) => {
                self.stats.read_runs(mask.rows - mask.passed);
                reader.append_runs(bits, to, pool)
            }
            Some(bits) => {
                self.stats.read_kept(mask.rows - mask.passed);
                reader.append_kept(bits, to, pool)
            }
        };
        if located(reader, appended)? { Ok(()) } else { Err(no_reader()) }
    }

    /// How many rows to decode at once, and whether all of them are known to pass.
    fn quantum(&mut self, bytes: u64, share_bytes: u64) -> Result<(usize, bool)> {
        let wanted = self.rows.start..self.rows.end.min(self.rows.start + MAX_QUANTUM_ROWS as u64);
        let spans = self.space.spans(wanted.clone());
        let all_match = spans.first().is_some_and(|span| span.all_match);
        let alike = spans.iter().take_while(|span| span.all_match == all_match);
        let alike: u64 = alike.map(|span| span.rows.end - span.rows.start).sum();
        let mut widest = 0;
        let mut row_bytes = 0_u64;
        for predictor in self.predictors.iter_mut().flatten() {
            let of_row = predictor.predict(wanted.clone()) / (wanted.end - wanted.start).max(1);
            widest = widest.max(of_row);
            row_bytes = row_bytes.saturating_add(of_row);
        }
        let fitting = bytes / row_bytes.max(1);
        let rows = (quantum_rows(widest.max(1)) as u64).min(alike).min(fitting).max(1);
        if rows == 1 && row_bytes > share_bytes {
            let message = format!(
                "Cannot decode one row of about {row_bytes} bytes within the stream's {share_bytes} bytes; raise `memoryLimit` or read fewer columns"
            );
            return Err(SpillwayError::new(ErrorCode::MemoryLimit, message));
        }
        self.row_bytes = row_bytes;
        Ok((rows as usize, all_match))
    }

    /// Tests the conditions one after the other, until no row is left.
    fn test(&mut self, values: &mut RowValues) -> Result<()> {
        let plan = Arc::clone(&self.plan);
        for index in self.order.clone() {
            let started = Instant::now();
            let tested = values.mask().passed;
            values.test(&plan.conjuncts[index], &mut |read, mask| self.load(read, mask))?;
            let passed = values.mask().passed;
            self.stats.tested(index, tested as u64, passed as u64, started.elapsed());
            if passed == 0 {
                break;
            }
        }
        self.stats.rows_tested.add(values.mask().rows as u64);
        self.stats.rows_passed.add(values.mask().passed as u64);
        Ok(())
    }

    fn outputs(&mut self, values: &mut RowValues) -> Result<Vec<Option<Values>>> {
        let plan = Arc::clone(&self.plan);
        let mut gathered = |output: &Output| match output.value {
            OutputValue::Read(read) if self.appended[read] => Ok(None),
            OutputValue::Read(_) => values.output(output, &mut |read, mask| self.load(read, mask)).map(Some),
            OutputValue::Computed(..) => match values.output(output, &mut |read, mask| self.load(read, mask))? {
                Values::Passed(array) => gatherable(array).map(|array| Some(Values::Passed(array))),
                values @ Values::All(_) => Ok(Some(values)),
            },
        };
        plan.outputs.iter().map(&mut gathered).collect()
    }

    /// The values of one column for the rows of the quantum that passed so far, or for all.
    fn load(&mut self, read: usize, mask: &Mask) -> Result<Values> {
        let Some(reader) = &mut self.readers[read] else {
            return Ok(match &self.plan.reads[read] {
                Read::Constant(constant) => Values::Passed(constant.rows(mask.passed)?),
                _ => Values::All(self.row_numbers(mask.rows)),
            });
        };
        let values = match &mask.bits {
            None => reader.read(mask.rows).map(Values::All),
            Some(bits) if reader.skips_cheaply() && are_runs_cheaper(mask, run_cost(reader)) => {
                self.stats.read_runs(mask.rows - mask.passed);
                reader.read_runs(bits).map(Values::Passed)
            }
            Some(bits) if reader.keeps_rows() => {
                self.stats.read_kept(mask.rows - mask.passed);
                reader.read_kept(bits).map(Values::Passed)
            }
            Some(_) => {
                self.stats.quanta.whole.add(1);
                reader.read(mask.rows).map(Values::All)
            }
        };
        located(reader, values)
    }

    fn row_numbers(&self, rows: usize) -> ArrayRef {
        let spans = self.space.spans(self.rows.start..self.rows.start + rows as u64);
        let numbers = spans.iter().flat_map(|span| {
            let first = span.first_row_in_file as i64;
            first..first + (span.rows.end - span.rows.start) as i64
        });
        Arc::new(Int64Array::from_iter_values(numbers))
    }
}

/// Indices of the plan's conditions, as they are best tested.
fn best_order(plan: &RowPlan, stats: &FilterStats) -> Vec<usize> {
    let order = stats.order();
    // Of a file whose conditions are others than the first one's nothing was seen.
    if order.len() == plan.conjuncts.len() { order } else { (0..plan.conjuncts.len()).collect() }
}

/// With a failure, where the reader was.
fn located<T>(reader: &ColumnReader, result: Result<T>) -> Result<T> {
    result.map_err(|error| {
        let error = error.at_column(&reader.column().root.name);
        match reader.row_group() {
            Some(row_group) => error.at_row_group(row_group),
            None => error,
        }
    })
}

fn no_reader() -> SpillwayError {
    SpillwayError::internal("an output has no reader that appends it")
}

fn run_cost(reader: &ColumnReader) -> usize {
    if reader.keeps_rows() { RUN_COST } else { RUN_COST_OF_OTHERS }
}

/// Whether to read what passed run by run costs less than to decode all rows and to filter them.
fn are_runs_cheaper(mask: &Mask, run_cost: usize) -> bool {
    mask.runs() * run_cost <= mask.rows - mask.passed + mask.passed / COPIES_PER_DECODED
}

/// Strings as views, which the columns' builders gather.
fn gatherable(array: ArrayRef) -> Result<ArrayRef> {
    let view = match array.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        _ => return Ok(array),
    };
    arrow_cast::cast(&array, &view).map_err(|e| SpillwayError::from_arrow(&e))
}
