//! Which segments are decoded at once: from one file to the next, without a gap between them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Schedule;
use crate::error::{Result, SpillwayError};
use crate::files::file_queue::{NextFile, ToOpen};
use crate::files::opened::{Opened, SMALL_FILE_BYTES};
use crate::files::schema::ScanColumn;
use crate::files::segment_files::{SegmentFiles, SegmentPredictor};
use crate::rows::row_lane::RowLane;
use crate::schedule::active_segment::{ActiveSegment, LaneState};
use crate::schedule::lane::Lane;
use crate::schedule::work::SegmentLane;

/// Segments whose last rows wait to be taken, beside those that are decoded: one for each chunk that may be queued, where
/// files are so small that each is one chunk.
const WAITING_SEGMENTS: usize = 16;
/// Bytes up to which as many chunks may wait as there are: they are small.
const SMALL_CHUNKS_BYTES: u64 = 8 << 20;

impl Schedule {
    /// The next file to open ahead of time.
    pub fn next_to_open(&mut self) -> Option<ToOpen> {
        let mut being_read = 0;
        let mut last = None;
        let active = self.active.iter().flat_map(|segment| segment.files.iter()).map(|rows| rows.opened.index);
        for index in active.chain(self.current.iter().map(|(file, _)| file.index)) {
            if last != Some(index) {
                being_read += 1;
                last = Some(index);
            }
        }
        self.files.next_to_open(being_read)
    }

    /// A worker has opened a file, or failed to.
    pub fn file_opened(&mut self, index: usize, result: Result<Opened>) {
        self.files.opened(index, result);
    }

    /// Whether all files were read.
    pub(super) fn is_at_end(&self) -> bool {
        self.failure.is_none() && self.current.is_none() && self.files.is_at_end()
    }

    /// Forgets the segments of which all is given.
    pub(super) fn retire_finished(&mut self) {
        let mut position = 0;
        while position < self.active.len() {
            if !self.active[position].is_finished() {
                if !self.dataset.options.unordered {
                    return;
                }
                position += 1;
                continue;
            }
            let Some(segment) = self.active.remove(position) else { return };
            for file in segment.files.iter().map(|rows| rows.opened.index) {
                let is_current = self.current.as_ref().is_some_and(|(opened, _)| opened.index == file);
                if !is_current && !self.active.iter().any(|other| other.is_of(file)) {
                    self.log.done(file);
                }
            }
        }
    }

    /// Whether another segment should be decoded, if there is one: enough are at work when each worker finds something.
    pub(super) fn may_activate(&self) -> bool {
        let at_work = self.active.iter().filter(|segment| !segment.is_planned()).count();
        at_work < self.segments_at_once
            && self.active.len() < self.segments_at_once + WAITING_SEGMENTS
            && !self.is_far_ahead()
            && self.failure.is_none()
            && (self.current.is_some() || self.files.has_next(self.active.is_empty()))
    }

    /// Whether the consumer has so much before it that another segment would only take fresh memory and grow cold, as
    /// more chunks of the head would: where a segment is one chunk, that is where it shows.
    fn is_far_ahead(&self) -> bool {
        let Some(head) = self.active.front() else { return false };
        self.active.len() > self.segments_at_once
            && self.queued_chunks() >= Self::chunks_ahead(head)
            && self.memory.account.total() >= SMALL_CHUNKS_BYTES
    }

    /// Begins with more segments, of the next files where this one has no more.
    pub(super) fn activate_segments(&mut self) {
        while self.may_activate() {
            if let Some((opened, index)) = self.current.take() {
                let mut files = SegmentFiles::one(&opened, opened.plan.segments[index].rows.clone());
                if self.files.may_share(&opened) {
                    self.add_small_files(&mut files);
                }
                let segment = self.activate(files);
                self.active.push_back(segment);
                self.set_current(opened, index + 1);
                continue;
            }
            match self.files.take_next() {
                NextFile::Opened(opened) => {
                    self.segments_at_once = opened.plan.segments_at_once;
                    if opened.plan.segments.is_empty() {
                        self.log.done(opened.index);
                    }
                    self.set_current(opened, 0);
                }
                NextFile::Failed(error) => self.failure = Some(error),
                NextFile::NotReady | NextFile::End => return,
            }
        }
    }

    /// Adds the next small files to a segment, as far as they are open, so that their batches are not small too.
    fn add_small_files(&mut self, files: &mut SegmentFiles) {
        let mut bytes = files.first().plan.estimated_bytes;
        while bytes < SMALL_FILE_BYTES {
            let Some(opened) = self.files.take_next_small(files.first()) else { return };
            bytes = bytes.saturating_add(opened.plan.estimated_bytes);
            match opened.plan.segments.first() {
                Some(segment) => files.push(&opened, segment.rows.clone()),
                None => self.log.done(opened.index),
            }
        }
    }

    /// Keeps a file while it has segments that are not yet begun with.
    fn set_current(&mut self, opened: Arc<Opened>, next: usize) {
        self.current = (next < opened.plan.segments.len()).then_some((opened, next));
    }

    fn activate(&mut self, files: SegmentFiles) -> ActiveSegment {
        let id = self.next_id;
        self.next_id += 1;
        let first = Arc::clone(files.first());
        let columns = &first.columns;
        if first.row_plan.is_some() {
            let (stats, exact) = (&self.dataset.filter_stats, self.dataset.options.fixed_rows.is_some());
            let lane = RowLane::new(&files, &self.interners, &self.pages, stats, exact);
            let lane = LaneState::Parked { lane: Box::new(SegmentLane::Rows(lane)), next_chunk: 0 };
            return ActiveSegment::new(id, files, vec![lane], Vec::new());
        }
        let lane = |(index, column): (usize, &ScanColumn)| {
            let interner = column.dictionary.and_then(|id| self.interners.get(id)).map(Arc::clone);
            let lane = Lane::new(&files, index, interner, &self.pages);
            LaneState::Parked { lane: Box::new(SegmentLane::Column(lane)), next_chunk: 0 }
        };
        let lanes = columns.iter().enumerate().map(lane).collect();
        let predictors = (0..columns.len()).map(|index| SegmentPredictor::new(&files, index)).collect();
        ActiveSegment::new(id, files, lanes, predictors)
    }

    /// Leaves out what is left of a file; what was given of it stays given.
    pub(super) fn skip_file(&mut self, file: usize, error: &SpillwayError) {
        self.log.skipped(file, error);
        let (dropped, kept) =
            std::mem::take(&mut self.active).into_iter().partition::<Vec<_>, _>(|segment| segment.is_of(file));
        self.active = kept.into();
        self.forget(&dropped);
        self.current.take_if(|(current, _)| current.index == file);
    }

    /// Reads what is left of a segment's files each alone, where one of them cannot be read: all of those before it is
    /// given then.
    pub(super) fn read_alone(&mut self, position: usize, first_row: u64) {
        let Some(segment) = self.active.remove(position) else { return };
        self.forget(std::slice::from_ref(&segment));
        for file in segment.files.iter().filter(|file| file.rows.end <= first_row) {
            self.log.done(file.opened.index);
        }
        for (after, (file, rows)) in segment.files.within(first_row..segment.end).enumerate() {
            let alone = self.activate(SegmentFiles::one(&file.opened, file.in_file(rows)));
            self.active.insert(position + after, alone);
        }
    }

    /// Gives up the chunks and the work of segments that are no longer active.
    fn forget(&mut self, dropped: &[ActiveSegment]) {
        for segment in dropped {
            self.progress.chunks_in_flight.fetch_sub(segment.chunks.len() as u64, Ordering::Relaxed);
            self.give_up(segment);
        }
        self.ready.retain(|ready| dropped.iter().all(|segment| segment.id != ready.work.segment));
    }

    /// Gives back what a segment's chunks have: lanes still on workers give back nothing, since they reserved nothing.
    pub(super) fn give_up(&self, segment: &ActiveSegment) {
        for chunk in &segment.chunks {
            if chunk.missing == 0 && chunk.failure.is_none() {
                self.memory.account.drop_queued(chunk.bytes);
            } else {
                self.memory.account.unreserve(chunk.reserved);
            }
        }
    }
}
