//! The schema of a text scan, from the first records of its first files.

use arrow_schema::SchemaRef;

use crate::error::Result;
use crate::limits::Limit;
use crate::memory::reservation::Reservation;
use crate::text::format::{Head, Sample};
use crate::text::text_reader::{OpenText, TextReader};

/// A sample is no longer, whatever the caller says; a fraction of the share where that is less.
const MOST_BYTES: u64 = 16 << 20;
const BYTES_PER_SHARE: u64 = 8;
const FIRST_BYTES: usize = 64 << 10;
/// Files that are looked into where the first ones are short.
const MOST_FILES: usize = 16;

/// What a sample tells.
#[derive(Debug, Clone)]
pub struct Sampled {
    /// The schema of all columns.
    pub schema: SchemaRef,
    /// Text of a record, about.
    pub row_text: u64,
    /// The index of the first file that can be read.
    pub first: usize,
}

/// The first records of a file.
struct Taken {
    file: usize,
    head: Head,
    first_line: u64,
    records: u64,
    bytes: Vec<u8>,
    _reserved: Reservation,
}

impl Taken {
    fn sample<'a>(&'a self, path: Option<&'a str>) -> Sample<'a> {
        Sample { path, head: &self.head, bytes: &self.bytes, first_line: self.first_line }
    }
}

impl TextReader {
    /// What the first records tell, which stay to be read; `None` where more has to be pushed first.
    pub(super) fn sample_of(&mut self, open: &mut OpenText) -> Result<Option<Sampled>> {
        if !self.read_head(open, false)? {
            return Ok(None);
        }
        let most_records = self.format.sample_records();
        let most_bytes = MOST_BYTES.min(self.account.share() / BYTES_PER_SHARE).max(FIRST_BYTES as u64) as usize;
        let Some(first) = self.first_records(open, most_records, most_bytes)? else { return Ok(None) };
        let mut all = vec![first];
        let mut missing = most_records.saturating_sub(all[0].records);
        let mut left = most_bytes.saturating_sub(all[0].bytes.len());
        for later in self.later_inputs().take(MOST_FILES - 1) {
            if missing == 0 || left == 0 {
                break;
            }
            // What is wrong with a later file is told when it is its turn.
            let Ok(mut later) = later else { continue };
            let Ok(Some(head)) = self.head_of(&mut later, false) else { continue };
            later.pass(head);
            let Ok(Some(records)) = self.first_records(&mut later, missing, left) else { continue };
            missing = missing.saturating_sub(records.records);
            left = left.saturating_sub(records.bytes.len());
            all.push(records);
        }
        let files = &self.options.files;
        let path = |taken: &Taken| files.get(taken.file).map(|file| file.path.as_str());
        let samples: Vec<Sample<'_>> = all.iter().map(|taken| taken.sample(path(taken))).collect();
        // What is wrong with a later file is told when it is its turn.
        let schema = self.format.infer(&samples).or_else(|error| match samples.len() {
            1 => Err(error),
            _ => self.format.infer(&samples[..1]),
        })?;
        let columns = schema.flattened_fields().len() as u64;
        self.options.limits.check(Limit::Columns, columns, || "the schema".into())?;
        let (bytes, records) = all
            .iter()
            .fold((0, 0), |(bytes, records), taken| (bytes + taken.bytes.len() as u64, records + taken.records));
        Ok(Some(Sampled { schema, row_text: bytes / records.max(1), first: open.index }))
    }

    /// The first records behind the head, copied; `None` where more has to be pushed first.
    fn first_records(&self, open: &mut OpenText, most_records: u64, most_bytes: usize) -> Result<Option<Taken>> {
        let head = open.head.clone().unwrap_or_default();
        let (file, first_line) = (open.index, open.line);
        let taken = |bytes: &[u8], records| {
            let reserved = Reservation::new(&self.account, bytes.len() as u64);
            Taken { file, head, first_line, records, bytes: bytes.to_vec(), _reserved: reserved }
        };
        if most_records == 0 {
            return Ok(Some(taken(&[], 0)));
        }
        let mut window = FIRST_BYTES.min(most_bytes).max(1);
        loop {
            self.fill(open, window)?;
            let (bytes, ended) = open.input.peek(window);
            let split = self.format.split(bytes, first_line, most_records, ended)?;
            let is_short = bytes.len() < window && !ended;
            let is_enough = split.records >= most_records || (window >= most_bytes && split.bytes > 0 && !is_short);
            if ended || is_enough {
                return Ok(Some(taken(&bytes[..split.bytes], split.records)));
            }
            if !is_short {
                if split.bytes == 0 {
                    self.check_row(open, window as u64 + 1)?;
                }
                if window as u64 >= self.account.share() / 2 {
                    return Err(self.too_long(open, window as u64));
                }
                window *= 2;
            } else if open.input.starve() {
                return Ok(None);
            }
        }
    }
}
