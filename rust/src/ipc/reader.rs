//! The reader of a scan of Arrow IPC: finds the record batches of a file, and parts of large ones.
//!
//! A record batch of about the rows of a batch is decoded by a worker of its own. A larger one is decoded here, its
//! columns side by side, and its parts are given: they share its memory where it is mapped, and cost nothing then.

use std::sync::Arc;

use super::columns::{FileColumns, Target, is_strict};
use super::encoded_batch::EncodedBatch;
use super::file::ArrowFile;
use super::input::{self, Input};
use super::piece::WholeBatch;
use super::shown::shown_schema;
use super::whole::Whole;
use crate::error::{Result, SpillwayError};
use crate::files::file_log::FileLog;
use crate::files::file_pruner::FilePruner;
use crate::files::given_schema::given_schema;
use crate::memory::budget::Account;
use crate::memory::reservation::Reservation;
use crate::options::{ScanOptions, SchemaMode};
use crate::pipeline::Step;
use crate::source::Source;
use crate::text::file_order::{FileOrder, OpenInput};
use crate::text::format::Wanted;
use crate::text::guarded::unchanged;
use crate::text::piece_reader::{FileResult, Next, PieceReader, PieceSize, Unparsed};
use crate::text::push_queue::PushQueue;
use crate::text::row_cost::RowCost;
use crate::text::sample::Sampled;

/// Bytes of a row, before any is seen.
const ROW_BYTES: u64 = 64;

/// Reads the inputs of a scan.
pub struct ArrowReader {
    options: Arc<ScanOptions>,
    account: Arc<Account>,
    log: Arc<FileLog>,
    /// What pushed bytes come through.
    queue: Option<Arc<PushQueue>>,
    order: FileOrder<Open>,
    /// Once the first input was looked at.
    target: Option<Target>,
    wanted: Vec<Wanted>,
}

/// An input that is being read.
struct Open {
    index: usize,
    input: Input,
    /// Once it is known which columns are wanted.
    columns: Option<Arc<FileColumns>>,
    /// A large record batch of which parts are given.
    whole: Option<Whole>,
}

impl Open {
    fn source(&self) -> Option<Source> {
        self.input.file().map(|file| file.source().clone())
    }
}

impl OpenInput for Open {
    fn index(&self) -> usize {
        self.index
    }
}

impl ArrowReader {
    /// A reader of a scan's files, or of what comes through a queue; nothing is opened yet.
    #[must_use]
    pub fn new(
        options: Arc<ScanOptions>,
        account: &Arc<Account>,
        log: &Arc<FileLog>,
        queue: Option<Arc<PushQueue>>,
    ) -> Self {
        let (account, log) = (Arc::clone(account), Arc::clone(log));
        let order = FileOrder::new(&options, queue.is_some());
        Self { options, account, log, queue, order, target: None, wanted: Vec::new() }
    }

    /// The input that is read now, or the next one.
    fn begun(&mut self) -> FileResult<Option<Open>> {
        if let Some(open) = self.order.current() {
            return Ok(Some(open));
        }
        let Some(index) = self.order.take(&self.log) else { return Ok(None) };
        let input = match &self.queue {
            Some(queue) => Input::pushed(queue, &self.account, self.options.limits),
            None => Input::open(self.path(index), self.options.file_options()).map_err(|error| (index, error))?,
        };
        self.log.opened_text(index, input.stored_bytes(), input.scanned_counter());
        Ok(Some(Open { index, input, columns: None, whole: None }))
    }

    fn path(&self, index: usize) -> &str {
        self.options.files.get(index).map_or("", |file| &file.path)
    }

    fn at_path(&self, index: usize, error: SpillwayError) -> SpillwayError {
        if self.queue.is_some() { error } else { error.at_path(self.path(index)) }
    }

    fn sample_of(&mut self, open: &mut Open) -> Result<Option<Sampled>> {
        let Some(stored) = open.input.schema()? else { return Ok(None) };
        let strings = self.options.strings;
        let given = self.options.given_schema.as_deref().map(given_schema).transpose()?;
        let is_strict = is_strict(self.options.schema, given.is_some());
        let (schema, origin) = if let Some(given) = given {
            (Arc::new(shown_schema(&given, strings)), "the given schema".to_owned())
        } else {
            (Arc::new(shown_schema(&stored, strings)), self.path(open.index).to_owned())
        };
        let mut target = Target { schema, origin, is_strict, strings };
        if self.options.schema == SchemaMode::Union && self.options.given_schema.is_none() {
            for later in self.order.coming() {
                let path = self.path(later);
                match ArrowFile::open(path, self.options.file_options()) {
                    Ok(file) => target = target.united(file.schema(), path)?,
                    // What is wrong with it is told when it is its turn.
                    Err(_) if self.options.skip_broken_files => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let schema = Arc::clone(&target.schema);
        self.target = Some(target);
        Ok(Some(Sampled { schema, row_text: ROW_BYTES, first: open.index }))
    }

    fn find(&self, open: &mut Open, size: PieceSize, mut reserved: Reservation) -> Result<Next> {
        let Some(columns) = self.columns(open)? else { return Ok(Next::NotYet) };
        loop {
            if let Some(whole) = &mut open.whole {
                if !whole.is_given() {
                    return Ok(Next::Piece(whole.part(open.index, columns, size, reserved)));
                }
                open.whole = None;
            }
            let batch = match open.input.next()? {
                input::Next::Found(batch) => batch,
                input::Next::NotYet => return Ok(Next::NotYet),
                input::Next::End => return Ok(Next::End),
            };
            let (rows, bytes) = (batch.rows()?, batch.decoded_bytes(&columns.places)?);
            if rows == 0 {
                continue;
            }
            if rows <= 2 * size.records && bytes <= 2 * size.budget {
                reserved.set(bytes);
                return Ok(Next::Piece(self.whole(open.index, batch, columns, reserved)?));
            }
            // The whole counts by itself.
            reserved.set(0);
            open.whole = Some(Whole::decode(&batch, &columns.places, bytes, &self.account)?);
        }
    }

    /// A piece that is a whole record batch, whose columns take what is reserved.
    fn whole(
        &self,
        file: usize,
        batch: EncodedBatch,
        columns: Arc<FileColumns>,
        mut reserved: Reservation,
    ) -> Result<Unparsed> {
        let bytes = reserved.bytes();
        // Columns that are not wanted would stay in memory with those that are.
        let copies = batch.is_in_memory() && columns.places.len() < batch.schema.fields().len();
        if batch.is_in_memory() {
            reserved.set(bytes.max(batch.body_bytes()));
        }
        Ok(Unparsed {
            file,
            records: batch.rows()?,
            bytes,
            reserved,
            is_shared: !copies,
            work: Box::new(WholeBatch { batch, columns, most_bytes: self.account.share(), copies }),
        })
    }

    /// Whether a file may be given as it is mapped: not to steps that look at values, whose kernels trust that offsets and texts stay as they
    /// were checked, which a map's do only as long as nobody writes to the file.
    fn may_map(&self, open: &Open) -> bool {
        let mut steps = self.options.steps.iter();
        let is_shown = steps.all(|step| matches!(step, Step::Select(_) | Step::Rename(_)));
        let file = open.input.file().filter(|file| file.is_mapped() && is_shown);
        file.is_some_and(|file| self.log.lends(open.index, file.source()))
    }

    /// The wanted columns in an input; `None` where more has to be pushed first.
    fn columns(&self, open: &mut Open) -> Result<Option<Arc<FileColumns>>> {
        if let Some(columns) = &open.columns {
            return Ok(Some(Arc::clone(columns)));
        }
        let Some(stored) = open.input.schema()? else { return Ok(None) };
        let target = self.target.as_ref().ok_or_else(|| SpillwayError::internal("there is no schema yet"))?;
        let only_wanted = self.options.columns.is_some();
        let columns = Arc::new(target.find(&stored, &self.wanted, self.path(open.index), only_wanted)?);
        let maps = columns.are_as_stored(&stored) && self.may_map(open);
        open.input.want(&columns.places, maps, self.account.share())?;
        open.columns = Some(Arc::clone(&columns));
        Ok(Some(columns))
    }
}

impl PieceReader for ArrowReader {
    fn sample(&mut self) -> FileResult<Option<Sampled>> {
        let Some(mut open) = self.begun()? else { return Ok(None) };
        let index = open.index;
        let source = open.source();
        let result = unchanged(source.as_ref(), || self.sample_of(&mut open));
        let result = result.map_err(|error| (index, self.at_path(index, error)))?;
        self.order.keep(open);
        Ok(result)
    }

    fn want(&mut self, _sampled: &Sampled, wanted: &[Wanted]) -> Result<RowCost> {
        self.wanted = wanted.to_vec();
        if let Some(mut open) = self.order.current() {
            // A column that can't be shown is told before the first batch.
            let found = self.columns(&mut open);
            self.order.keep(open);
            found?;
        }
        // What is stored is what is shown, or about so.
        Ok(RowCost::default())
    }

    fn take_next_input(&mut self) -> Option<(usize, Box<dyn PieceReader>)> {
        let (index, order) = self.order.take_alone(&self.log)?;
        let reader = Self {
            options: Arc::clone(&self.options),
            account: Arc::clone(&self.account),
            log: Arc::clone(&self.log),
            queue: self.queue.clone(),
            order,
            target: self.target.clone(),
            wanted: self.wanted.clone(),
        };
        Some((index, Box::new(reader)))
    }

    fn next(&mut self, size: PieceSize, reserved: Reservation) -> FileResult<Next> {
        let Some(mut open) = self.begun()? else { return Ok(Next::End) };
        let index = open.index;
        let source = open.source();
        let result = unchanged(source.as_ref(), || self.find(&mut open, size, reserved));
        let result = result.map_err(|error| (index, self.at_path(index, error)))?;
        if !matches!(result, Next::End) {
            self.order.keep(open);
        }
        Ok(result)
    }

    fn rule_out(&mut self, pruner: &FilePruner) {
        self.order.rule_out(pruner, &self.options, &self.log);
    }

    fn leave(&mut self, index: usize) {
        self.order.leave(index);
    }
}
