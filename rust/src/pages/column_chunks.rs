//! A column's pages, row group after row group, as parquet's readers take them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::{Compression, Type};
use parquet::column::page::{PageIterator, PageReader};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use crate::files::file::ParquetFile;
use crate::levels::sibling_shapes::{LeafShape, SiblingShapes, Siblings};
use crate::pages::checked_pages::CheckedPages;
use crate::pages::chunk_pages::ChunkPages;
use crate::pages::chunk_place::{ChunkPlace, PageFailure};
use crate::pages::page_buffers::PageBuffers;
use crate::source::TrackedSource;

/// Some row groups of a file, as parquet's readers take them.
pub struct SegmentRowGroups {
    file: Arc<ParquetFile>,
    row_groups: Vec<usize>,
    pages: Arc<PageBuffers>,
    /// Whether kernels see the pages' texts.
    copies: bool,
    /// What the columns have told of each row group, where they are compared.
    shapes: Vec<Arc<Mutex<SiblingShapes>>>,
    /// The row group that is being read.
    pub current: Arc<AtomicUsize>,
    /// What was wrong with a page.
    pub failure: PageFailure,
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
        Self {
            file: Arc::clone(file),
            row_groups,
            pages: Arc::clone(pages),
            copies: false,
            shapes: Vec::new(),
            current,
            failure: PageFailure::default(),
            delta_text: Arc::default(),
            as_views: false,
        }
    }

    /// The same for a column whose values are given to kernels, which trust that texts stay as they were checked: pages
    /// that texts would be parts of are not left where the file is mapped.
    #[must_use]
    pub fn for_kernels(self) -> Self {
        Self { copies: true, ..self }
    }

    /// The same for leaf columns of one root, in ascending order, which are compared with each other: all are read, each
    /// once.
    #[must_use]
    pub fn with_siblings(self, leaves: &[usize]) -> Self {
        let Some(siblings) = Siblings::of(&self.file, leaves) else { return self };
        let shapes = self.row_groups.iter().map(|_| Arc::new(Mutex::new(SiblingShapes::new(&siblings)))).collect();
        Self { shapes, ..self }
    }

    /// Whether texts of a column would be parts of the file's map.
    fn shows_map(&self, column: usize) -> bool {
        self.row_groups().any(|row_group| {
            let chunk = row_group.column(column);
            chunk.column_type() == Type::BYTE_ARRAY && chunk.compression() == Compression::UNCOMPRESSED
        })
    }
}

impl RowGroups for SegmentRowGroups {
    fn num_rows(&self) -> usize {
        self.row_groups().map(|row_group| row_group.num_rows() as usize).sum()
    }

    fn column_chunks(&self, column: usize) -> parquet::errors::Result<Box<dyn PageIterator>> {
        Ok(Box::new(ColumnChunks {
            file: Arc::clone(&self.file),
            source: Arc::new(if self.copies && self.shows_map(column) {
                TrackedSource::copying(self.file.source.clone())
            } else {
                TrackedSource::new(self.file.source.clone())
            }),
            column,
            row_groups: self.row_groups.clone().into_iter(),
            shapes: self.shapes.clone().into_iter(),
            pages: Arc::clone(&self.pages),
            current: Arc::clone(&self.current),
            failure: Arc::clone(&self.failure),
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
    shapes: std::vec::IntoIter<Arc<Mutex<SiblingShapes>>>,
    pages: Arc<PageBuffers>,
    current: Arc<AtomicUsize>,
    failure: PageFailure,
    delta_text: Arc<AtomicBool>,
    as_views: bool,
}

impl Iterator for ColumnChunks {
    type Item = parquet::errors::Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        let row_group = self.row_groups.next()?;
        self.current.store(row_group, Ordering::Relaxed);
        let shape = self.shapes.next().and_then(|shapes| LeafShape::new(shapes, self.column));
        let place = ChunkPlace { row_group, column: self.column };
        let column = self.file.metadata.row_group(row_group).column(self.column).column_descr();
        let pages = ChunkPages::new(&self.file, &self.source, place, &self.pages);
        Some(pages.map(|pages| {
            let pages = Box::new(pages.with_failure(&self.failure));
            let (elements, limits) = (self.file.element_levels(self.column), self.file.options.limits);
            let checked = CheckedPages::new(pages, column, &elements, limits, &self.delta_text, self.as_views);
            Box::new(checked.with_shape(shape)) as Box<dyn PageReader>
        }))
    }
}

impl PageIterator for ColumnChunks {}
