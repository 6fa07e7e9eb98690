//! The reader of a text scan: cuts what it reads of a file into pieces of whole records.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::file_log::FileLog;
use crate::files::file_pruner::FilePruner;
use crate::limits::Limit;
use crate::memory::budget::Account;
use crate::memory::reservation::Reservation;
use crate::options::ScanOptions;
use crate::source::Source;
use crate::text::compression::Compression;
use crate::text::file_order::{FileOrder, OpenInput};
use crate::text::format::{Head, Parsed, Piece, Split, TextFormat, TextParser, Wanted};
use crate::text::guarded::unchanged;
use crate::text::input::Input;
use crate::text::piece_reader::{FileResult, Next, PieceReader, PieceSize, PieceWork, Unparsed};
use crate::text::push_queue::PushQueue;
use crate::text::row_cost::RowCost;
use crate::text::sample::Sampled;

/// What is looked at first: most heads are far shorter.
pub(super) const HEAD_BYTES: usize = 64 << 10;
/// No piece is longer: offsets into texts and lists have 31 bits.
const LONGEST_PIECE: u64 = 1 << 30;

/// Reads the inputs of a scan.
pub struct TextReader {
    pub(super) options: Arc<ScanOptions>,
    pub(super) format: Arc<dyn TextFormat>,
    pub(super) account: Arc<Account>,
    log: Arc<FileLog>,
    compression: Option<Compression>,
    order: FileOrder<OpenText>,
    /// The header that all files must have, and the first file, which has it: known to all readers once that was looked at.
    header: Arc<OnceLock<(String, Vec<String>)>>,
    /// What pushed bytes come through.
    queue: Option<Arc<PushQueue>>,
    /// Once it is known which columns are wanted.
    parser: Option<Arc<dyn TextParser>>,
    cost: RowCost,
}

/// An input that is being read.
pub(super) struct OpenText {
    pub(super) index: usize,
    pub(super) input: Input,
    /// Once it was read.
    pub(super) head: Option<Head>,
    /// The number of the line that comes next.
    pub(super) line: u64,
}

impl OpenText {
    /// An input of which nothing was read.
    fn new(index: usize, input: Input) -> Self {
        Self { index, input, head: None, line: 1 }
    }

    /// Goes on behind the head.
    pub(super) fn pass(&mut self, head: Head) {
        drop(self.input.take(head.bytes));
        self.line += head.lines;
        self.head = Some(head);
    }
}

impl OpenInput for OpenText {
    fn index(&self) -> usize {
        self.index
    }
}

/// Whole records, which a parser makes rows of.
struct TextPiece {
    bytes: Bytes,
    /// The number of their first line.
    first_line: u64,
    parser: Arc<dyn TextParser>,
    /// The file, which must not have changed once they are parsed.
    source: Option<Source>,
}

impl PieceWork for TextPiece {
    fn rows(self: Box<Self>, over: &AtomicBool) -> Result<Parsed> {
        unchanged(self.source.as_ref(), || self.parser.parse(&Piece::new(&self.bytes, self.first_line, over)))
    }
}

impl TextReader {
    /// A reader of a scan's files, or of what comes through a queue; nothing is opened yet.
    #[must_use]
    pub fn new(
        options: Arc<ScanOptions>,
        format: Arc<dyn TextFormat>,
        account: &Arc<Account>,
        log: &Arc<FileLog>,
        queue: Option<Arc<PushQueue>>,
    ) -> Self {
        let compression = options.text.as_ref().and_then(|text| text.compression);
        let (account, log) = (Arc::clone(account), Arc::clone(log));
        let order = FileOrder::new(&options, queue.is_some());
        Self {
            options,
            format,
            account,
            log,
            compression,
            order,
            header: Arc::default(),
            queue,
            parser: None,
            cost: RowCost::default(),
        }
    }

    /// The input that is read now, or the next one.
    pub(super) fn begun(&mut self) -> FileResult<Option<OpenText>> {
        if let Some(open) = self.order.current() {
            return Ok(Some(open));
        }
        let Some(index) = self.order.take(&self.log) else { return Ok(None) };
        let input = self.open(index).map_err(|error| (index, error))?;
        if !input.is_pushed() {
            let scanned = input.source().map_or_else(Arc::default, Source::scanned_counter);
            self.log.opened_text(index, input.stored_bytes(), scanned);
        }
        Ok(Some(OpenText::new(index, input)))
    }

    /// Opens an input.
    fn open(&self, index: usize) -> Result<Input> {
        let compression = self.compression_of(index);
        if let Some(queue) = &self.queue {
            return Input::pushed(queue, compression, &self.account).map_err(|error| compression.failure(&error, None));
        }
        let path = &self.options.files[index].path;
        Input::open(path, self.options.io, compression, &self.account).map_err(|error| error.at_path(path))
    }

    /// As it is said to be, or, of a file, as its name says.
    fn compression_of(&self, index: usize) -> Compression {
        let by_name =
            || self.options.files.get(index).map_or(Compression::None, |file| Compression::of_path(&file.path));
        self.compression.unwrap_or_else(by_name)
    }

    /// Inputs behind those that were begun, opened for a look: none of them is read by this reader yet.
    pub(super) fn later_inputs(&self) -> impl Iterator<Item = Result<OpenText>> + '_ {
        self.order.coming().map(|index| Ok(OpenText::new(index, self.open(index)?)))
    }

    /// Reads the head, unless it was read; `false` where more has to be pushed first, or the inputs before be read.
    pub(super) fn read_head(&self, open: &mut OpenText, is_ahead: bool) -> Result<bool> {
        if open.head.is_none() {
            let Some(head) = self.head_of(open, is_ahead)? else { return Ok(false) };
            self.check_header(open.index, &head)?;
            open.pass(head);
        }
        Ok(true)
    }

    /// The head of an input that was not read yet; `None` where more has to be pushed first, or the inputs before be read.
    pub(super) fn head_of(&self, open: &mut OpenText, is_ahead: bool) -> Result<Option<Head>> {
        let mut window = HEAD_BYTES;
        loop {
            self.fill(open, window)?;
            let (bytes, ended) = open.input.peek(window);
            let head = self.format.head(bytes, ended)?;
            if head.is_some() {
                return Ok(head);
            }
            if bytes.len() == window {
                if is_ahead {
                    return Ok(None);
                }
                self.check_row(open, window as u64 + 1)?;
                if window as u64 >= self.account.share().min(LONGEST_PIECE) {
                    return Err(self.too_long(open, window as u64));
                }
                window *= 2;
            } else if ended {
                return Ok(Some(Head::default()));
            } else if open.input.starve() {
                return Ok(None);
            }
        }
    }

    /// All files have the header of the first.
    fn check_header(&self, index: usize, head: &Head) -> Result<()> {
        let Some(names) = &head.names else { return Ok(()) };
        let path = self.options.files.get(index).map_or("", |file| &file.path);
        let (first, expected) = self.header.get_or_init(|| (path.to_owned(), names.clone()));
        if expected == names {
            return Ok(());
        }
        let mut differing = (0..expected.len().max(names.len())).filter(|at| expected.get(*at) != names.get(*at));
        let at = differing.next().unwrap_or(0);
        let name = |names: &[String]| names.get(at).map_or("missing".to_owned(), |name| format!("'{name}'"));
        let message = format!(
            "Cannot read '{path}' with '{first}': column {} is {} here and {} there; read files of other columns by a scan of their own",
            at + 1,
            name(names),
            name(expected)
        );
        Err(SpillwayError::new(ErrorCode::SchemaMismatch, message).at_path(path))
    }

    fn cut(&self, open: &mut OpenText, size: PieceSize, reserved: Reservation) -> Result<Next> {
        let cost = self.cost;
        if !self.read_head(open, size.is_ahead)? {
            return Ok(Next::NotYet);
        }
        // A quarter is left for what is set aside already, and for reading ahead.
        let longest = cost.longest_record(self.account.share() / 4 * 3).min(LONGEST_PIECE);
        let longest = longest.min(self.options.limits.row_bytes);
        let mut window = size.bytes.clamp(1, longest.max(1));
        loop {
            self.fill(open, window as usize)?;
            let (bytes, ended) = open.input.peek(window as usize);
            if bytes.is_empty() && ended {
                return Ok(Next::End);
            }
            let is_short = (bytes.len() as u64) < window && !ended;
            if !is_short || size.eager {
                let split = self.format.split(bytes, open.line, size.records, ended)?;
                if split.bytes > 0 {
                    let fits = split.records <= 1 || cost.bytes(split.records, split.bytes as u64) <= size.budget;
                    let split = if fits {
                        split
                    } else {
                        let records = cost.rows_within(size.budget, split.records, split.bytes as u64);
                        self.format.split(bytes, open.line, records, ended)?
                    };
                    return self.piece(open, split, reserved).map(Next::Piece);
                }
            }
            if is_short {
                // Only of what is pushed there may be more later.
                if open.input.starve() {
                    return Ok(Next::NotYet);
                }
                continue;
            }
            if size.is_ahead {
                return Ok(Next::NotYet);
            }
            if window >= longest {
                self.check_row(open, window + 1)?;
                return Err(self.too_long(open, window));
            }
            window = (2 * window).min(longest);
        }
    }

    fn piece(&self, open: &mut OpenText, split: Split, mut reserved: Reservation) -> Result<Unparsed> {
        let parser = self.parser.clone().ok_or_else(|| SpillwayError::internal("there is no parser yet"))?;
        let length = split.bytes as u64;
        let text = if open.input.is_memory() { length } else { 0 };
        let source = open.input.source().cloned();
        // It goes from the input's memory to the piece's.
        let bytes = open.input.take(split.bytes);
        reserved.set(text + self.cost.bytes(split.records, length));
        let work = TextPiece { bytes, first_line: open.line, parser, source };
        open.line += split.lines;
        Ok(Unparsed {
            file: open.index,
            records: split.records,
            bytes: length,
            reserved,
            is_shared: false,
            work: Box::new(work),
        })
    }

    /// Reads until so many bytes are there.
    pub(super) fn fill(&self, open: &mut OpenText, wanted: usize) -> Result<()> {
        let path = self.options.files.get(open.index).map(|file| file.path.as_str());
        open.input.fill(wanted).map_err(|error| self.compression_of(open.index).failure(&error, path))
    }

    /// A record of so many bytes, at least, may be read.
    pub(super) fn check_row(&self, open: &OpenText, bytes: u64) -> Result<()> {
        let what = || format!("the record at line {}", open.line);
        self.options.limits.check(Limit::RowBytes, bytes, what).map_err(|error| error.at_line(open.line))
    }

    pub(super) fn too_long(&self, open: &OpenText, bytes: u64) -> SpillwayError {
        let share = self.account.share();
        let message = format!(
            "Cannot read the record at line {}: it is longer than {bytes} bytes, the most that fits in the stream's {share} bytes; raise `memoryLimit`, or check whether the text is of this format",
            open.line
        );
        SpillwayError::new(ErrorCode::MemoryLimit, message).at_line(open.line)
    }

    pub(super) fn at_path(&self, index: usize, error: SpillwayError) -> SpillwayError {
        match self.options.files.get(index) {
            Some(file) => error.at_path(&file.path),
            None => error,
        }
    }
}

impl PieceReader for TextReader {
    fn sample(&mut self) -> FileResult<Option<Sampled>> {
        let Some(mut open) = self.begun()? else { return Ok(None) };
        let index = open.index;
        let source = open.input.source().cloned();
        let result = unchanged(source.as_ref(), || self.sample_of(&mut open));
        let result = result.map_err(|error| (index, self.at_path(index, error)))?;
        self.order.keep(open);
        Ok(result)
    }

    fn want(&mut self, sampled: &Sampled, wanted: &[Wanted]) -> Result<RowCost> {
        self.parser = Some(self.format.parser(&sampled.schema, wanted)?.into());
        self.cost = RowCost::of(wanted.iter().map(|wanted| &wanted.field));
        Ok(self.cost)
    }

    fn take_next_input(&mut self) -> Option<(usize, Box<dyn PieceReader>)> {
        let (index, order) = self.order.take_alone(&self.log)?;
        let reader = Self {
            options: Arc::clone(&self.options),
            format: Arc::clone(&self.format),
            account: Arc::clone(&self.account),
            log: Arc::clone(&self.log),
            compression: self.compression,
            order,
            header: Arc::clone(&self.header),
            queue: self.queue.clone(),
            parser: self.parser.clone(),
            cost: self.cost,
        };
        Some((index, Box::new(reader)))
    }

    fn next(&mut self, size: PieceSize, reserved: Reservation) -> FileResult<Next> {
        let Some(mut open) = self.begun()? else { return Ok(Next::End) };
        let index = open.index;
        let source = open.input.source().cloned();
        let result = unchanged(source.as_ref(), || self.cut(&mut open, size, reserved));
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

    fn held_bytes(&self) -> u64 {
        self.order.look().map_or(0, |open| open.input.held_bytes())
    }
}
