//! A column's pages, row group after row group, as parquet's readers take them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parquet::arrow::arrow_reader::RowGroups;
use parquet::column::page::{PageIterator, PageReader};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use crate::delta_pages::DeltaPages;
use crate::file::ParquetFile;
use crate::old_writers::{self, CountedPages};
use crate::page_reader::{PageBuffers, page_reader};
use crate::source::TrackedSource;

/// Some row groups of a file, as parquet's readers take them.
pub struct SegmentRowGroups {
    file: Arc<ParquetFile>,
    row_groups: Vec<usize>,
    pages: Arc<PageBuffers>,
    /// The row group that is being read.
    pub current: Arc<AtomicUsize>,
    /// Whether a page had texts that must be looked at.
    pub delta_text: Arc<AtomicBool>,
    /// Whether byte arrays are read as views.
    pub as_views: bool,
}

impl SegmentRowGroups {
    /// These row groups, in this order.
    #[must_use]
    pub fn new(file: &Arc<ParquetFile>, row_groups: Vec<usize>, pages: &Arc<PageBuffers>) -> Self {
        let current = Arc::new(AtomicUsize::new(row_groups.first().copied().unwrap_or(0)));
        let delta_text = Arc::default();
        Self { file: Arc::clone(file), row_groups, pages: Arc::clone(pages), current, delta_text, as_views: false }
    }
}

impl RowGroups for SegmentRowGroups {
    fn num_rows(&self) -> usize {
        self.row_groups().map(|row_group| row_group.num_rows() as usize).sum()
    }

    fn column_chunks(&self, column: usize) -> parquet::errors::Result<Box<dyn PageIterator>> {
        Ok(Box::new(ColumnChunks {
            file: Arc::clone(&self.file),
            source: Arc::new(TrackedSource::new(self.file.source.clone())),
            column,
            row_groups: self.row_groups.clone().into_iter(),
            pages: Arc::clone(&self.pages),
            current: Arc::clone(&self.current),
            delta_text: Arc::clone(&self.delta_text),
            as_views: self.as_views,
        }))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.row_groups.iter().map(|index| self.file.metadata.row_group(*index)))
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.file.metadata
    }
}

/// The page readers of one column, row group after row group.
struct ColumnChunks {
    file: Arc<ParquetFile>,
    source: Arc<TrackedSource>,
    column: usize,
    row_groups: std::vec::IntoIter<usize>,
    pages: Arc<PageBuffers>,
    current: Arc<AtomicUsize>,
    delta_text: Arc<AtomicBool>,
    as_views: bool,
}

impl Iterator for ColumnChunks {
    type Item = parquet::errors::Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.row_groups.next()?;
        let row_group = self.file.metadata.row_group(index);
        let rows = row_group.num_rows() as usize;
        self.current.store(index, Ordering::Relaxed);
        let chunk = row_group.column(self.column);
        let pages = page_reader(&self.source, chunk, rows, &self.pages).map(|pages| {
            let column = chunk.column_descr();
            Box::new(DeltaPages::new(pages, column, &self.delta_text, self.as_views)) as Box<dyn PageReader>
        });
        if old_writers::understates_chunks(self.file.metadata.file_metadata().created_by()) {
            let values = chunk.num_values().max(0) as u64;
            return Some(pages.map(|pages| Box::new(CountedPages::new(pages, values)) as Box<dyn PageReader>));
        }
        Some(pages)
    }
}

impl PageIterator for ColumnChunks {}
