//! An input of Arrow IPC: a file, or bytes that are pushed.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arrow_schema::SchemaRef;
use bytes::{Buf, BytesMut};
use parquet::file::reader::Length;

use super::encoded_batch::EncodedBatch;
use super::file::{ArrowFile, Batches};
use super::pushed::{self, PushedMessages};
use crate::error::{Result, SpillwayError};
use crate::limits::{FileOptions, ReadLimits};
use crate::memory::budget::Account;
use crate::memory::reservation::Reservation;
use crate::text::push_queue::PushQueue;

/// Bytes that are taken from the queue at once.
const TAKEN_BYTES: usize = 256 << 10;

/// An input and how far it is read.
pub(super) enum Input {
    File {
        file: Box<ArrowFile>,
        /// Once it is known which columns are wanted.
        batches: Option<Box<Batches>>,
    },
    Pushed(Box<Pushed>),
}

/// Bytes that come through a queue.
pub(super) struct Pushed {
    queue: Arc<PushQueue>,
    bytes: BytesMut,
    messages: PushedMessages,
    schema: Option<SchemaRef>,
    /// Of what came and makes no whole message yet.
    reserved: Reservation,
}

/// What comes next.
pub(super) enum Next<T> {
    Found(T),
    /// More has to be pushed first.
    NotYet,
    End,
}

impl Input {
    /// Opens a file.
    ///
    /// # Errors
    /// Those of [`ArrowFile::open`].
    pub(super) fn open(path: &str, options: FileOptions) -> Result<Self> {
        Ok(Self::File { file: Box::new(ArrowFile::open(path, options)?), batches: None })
    }

    /// An input of the bytes that come through a queue.
    pub(super) fn pushed(queue: &Arc<PushQueue>, account: &Arc<Account>, limits: ReadLimits) -> Self {
        Self::Pushed(Box::new(Pushed {
            queue: Arc::clone(queue),
            bytes: BytesMut::new(),
            messages: PushedMessages::new(account.share(), limits),
            schema: None,
            reserved: Reservation::new(account, 0),
        }))
    }

    /// Bytes of the file; 0 for what is pushed.
    pub(super) fn stored_bytes(&self) -> u64 {
        match self {
            Self::File { file, .. } => file.source().len(),
            Self::Pushed(_) => 0,
        }
    }

    /// Counts the bytes of the file that were read.
    pub(super) fn scanned_counter(&self) -> Arc<AtomicU64> {
        match self {
            Self::File { file, .. } => file.source().scanned_counter(),
            Self::Pushed(_) => Arc::default(),
        }
    }

    /// The columns as they are stored; `None` where more has to be pushed first.
    ///
    /// # Errors
    /// Bytes that are no Arrow IPC.
    pub(super) fn schema(&mut self) -> Result<Option<SchemaRef>> {
        match self {
            Self::File { file, .. } => Ok(Some(Arc::clone(file.schema()))),
            Self::Pushed(pushed) => {
                if pushed.schema.is_none()
                    && let Next::Found(pushed::Found::Schema(schema)) = pushed.next()?
                {
                    pushed.schema = Some(schema);
                }
                Ok(pushed.schema.clone())
            }
        }
    }

    /// The file.
    pub(super) fn file(&self) -> Option<&ArrowFile> {
        match self {
            Self::File { file, .. } => Some(file),
            Self::Pushed(_) => None,
        }
    }

    /// Says at which places of the schema the columns are that are wanted, and whether they may be mapped.
    ///
    /// # Errors
    /// `INTERNAL` for a place without a column.
    pub(super) fn want(&mut self, places: &[usize], maps: bool, most_bytes: u64) -> Result<()> {
        match self {
            Self::File { file, batches } => {
                let file = if maps { ArrowFile::clone(file) } else { ArrowFile::clone(file).unmapped() };
                *batches = Some(Box::new(file.batches(places, most_bytes)?));
                Ok(())
            }
            Self::Pushed(pushed) => pushed.messages.want(places),
        }
    }

    /// The next record batch.
    ///
    /// # Errors
    /// What is wrong with the input.
    pub(super) fn next(&mut self) -> Result<Next<EncodedBatch>> {
        match self {
            Self::File { file, batches } => {
                let batches = batches.as_mut().ok_or_else(|| SpillwayError::internal("no columns are wanted yet"))?;
                let Some(batch) = batches.next().transpose()? else { return Ok(Next::End) };
                file.source().scanned(batch.body_bytes());
                Ok(Next::Found(batch))
            }
            Self::Pushed(pushed) => Ok(match pushed.next()? {
                Next::Found(pushed::Found::Batch(batch)) => Next::Found(batch),
                Next::Found(pushed::Found::Schema(_)) => return Err(SpillwayError::internal("a second schema came")),
                Next::NotYet => Next::NotYet,
                Next::End => Next::End,
            }),
        }
    }
}

impl Pushed {
    fn next(&mut self) -> Result<Next<pushed::Found>> {
        loop {
            let mut rest: &[u8] = &self.bytes;
            let found = self.messages.take(&mut rest);
            let taken = self.bytes.len() - rest.len();
            self.bytes.advance(taken);
            self.reserved.set((self.bytes.len() + self.messages.waiting_bytes()) as u64);
            if let Some(found) = found? {
                return Ok(Next::Found(found));
            }
            let (version, ended) = self.queue.take(&mut self.bytes, TAKEN_BYTES);
            if self.bytes.is_empty() {
                if ended {
                    self.messages.end()?;
                    return Ok(Next::End);
                }
                if self.queue.starve(version) {
                    return Ok(Next::NotYet);
                }
            }
        }
    }
}
