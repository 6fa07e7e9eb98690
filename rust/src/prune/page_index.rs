//! Facts of a column chunk's pages, from its column index and offset index.
//!
//! Both are read for one chunk at a time: a predicate needs few columns, and an index that is missing or corrupt costs
//! only its own column's pages.

use std::ops::Range;

use arrow_schema::Field;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::file::metadata::{ColumnChunkMetaData, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::page_index::offset_index::OffsetIndexMetaData;

use super::facts::{Facts, Nulls};
use super::leaf::{BoundOrder, Leaf};
use super::lone_chunk::lone_chunk;
use super::statistics::at;
use crate::files::file::ParquetFile;
use crate::files::footer;

/// A page's rows within the row group and what is known of them.
#[derive(Debug, Clone)]
pub(super) struct Page {
    /// Its rows, at least one.
    pub(super) rows: Range<u64>,
    /// Facts of its column over them.
    pub(super) facts: Facts,
}

/// Whether a chunk says that it has both indexes.
pub(super) fn is_indexed(chunk: &ColumnChunkMetaData) -> bool {
    chunk.column_index_offset().is_some() && chunk.offset_index_offset().is_some()
}

/// The pages of a chunk in order, all rows covered; `None` without an index or with one that contradicts itself.
pub(super) fn pages(file: &ParquetFile, leaf: &Leaf, row_group: usize) -> Option<Vec<Page>> {
    let metadata = file.metadata.row_group(row_group);
    let chunk = metadata.column(leaf.index);
    let (columns, offsets) = (load(file, chunk, Index::Column)?, load(file, chunk, Index::Offset)?);
    let (bounds, locations) = (columns.page_index()?, offsets.page_index()?);
    // Of the only chunk of the only row group.
    let (index, offsets) = (bounds.column_index(0, 0)?, locations.offset_index(0, 0)?);
    let rows = page_rows(offsets, u64::try_from(metadata.num_rows()).ok()?)?;
    if index.num_pages() != rows.len() as u64 {
        return None;
    }
    let field = Field::new("column", leaf.stored.clone(), true);
    let schema = columns.file_metadata().schema_descr();
    let converter = StatisticsConverter::from_column_index(0, &field, schema).ok()?;
    let believed = leaf.order != BoundOrder::Unknown && byte_bounds(index).all(|bytes| leaf.fits(bytes));
    let lower = believed.then(|| converter.data_page_mins(bounds.as_ref(), [&0]).ok()).flatten();
    let upper = believed.then(|| converter.data_page_maxes(bounds.as_ref(), [&0]).ok()).flatten();
    let page = |(page, rows): (usize, Range<u64>)| {
        let of_page = |values: &Option<_>| values.as_ref().and_then(|values| at(values, page));
        let (lower, upper) = leaf.bounds(of_page(&lower), of_page(&upper));
        let nulls = nulls(leaf, index, page, rows.end - rows.start, chunk.column_descr().max_def_level());
        Page { rows, facts: Facts { lower, upper, nulls, ..leaf.unknown() } }
    };
    Some(rows.into_iter().enumerate().map(page).filter(|page| !page.rows.is_empty()).collect())
}

fn nulls(leaf: &Leaf, index: &ColumnIndexMetaData, page: usize, rows: u64, max_level: i16) -> Nulls {
    let count = index.null_count(page).and_then(|count| u64::try_from(count).ok());
    let levels = index.definition_level_histogram(page).filter(|levels| levels.len() == max_level as usize + 1);
    match (leaf.nulls(rows, count, levels), index.is_null_page(page)) {
        // A page of nulls has no bounds; a count of them may be missing.
        (Nulls::Unknown, true) if count.is_none_or(|count| count == rows || leaf.in_optional) => Nulls::All,
        (Nulls::None, true) => Nulls::Unknown,
        (Nulls::All, false) if count != Some(rows) => Nulls::Unknown,
        (nulls, _) => nulls,
    }
}

/// The rows of each page; `None` when they do not ascend from 0 within the row group.
fn page_rows(offsets: &OffsetIndexMetaData, rows: u64) -> Option<Vec<Range<u64>>> {
    let locations = offsets.page_locations();
    let firsts: Vec<u64> =
        locations.iter().map(|page| u64::try_from(page.first_row_index).ok()).collect::<Option<_>>()?;
    let ends = firsts.iter().skip(1).copied().chain([rows]);
    let pages: Vec<Range<u64>> = firsts.iter().zip(ends).map(|(first, end)| *first..end).collect();
    let sound = firsts.first() == Some(&0) && pages.iter().all(|page| page.start <= page.end);
    sound.then_some(pages)
}

/// Bounds that are stored as bytes.
fn byte_bounds(index: &ColumnIndexMetaData) -> impl Iterator<Item = &[u8]> {
    let index = match index {
        ColumnIndexMetaData::BYTE_ARRAY(index) | ColumnIndexMetaData::FIXED_LEN_BYTE_ARRAY(index) => Some(index),
        _ => None,
    };
    index.into_iter().flat_map(|index| index.min_values_iter().chain(index.max_values_iter()).flatten())
}

/// Which of a chunk's two indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Index {
    /// Bounds and nulls.
    Column,
    /// Places and rows.
    Offset,
}

/// One index, in the metadata of a lone chunk.
fn load(file: &ParquetFile, chunk: &ColumnChunkMetaData, index: Index) -> Option<ParquetMetaData> {
    let (offset, length) = match index {
        Index::Column => (chunk.column_index_offset()?, chunk.column_index_length()?),
        Index::Offset => (chunk.offset_index_offset()?, chunk.offset_index_length()?),
    };
    if u64::try_from(length).ok()? > file.options.limits.metadata_bytes {
        return None;
    }
    let bytes = file.source.peek(u64::try_from(offset).ok()?, usize::try_from(length).ok()?).ok()?;
    // Else parquet would reserve memory for as many pages as it says.
    if bytes.len() as i64 != i64::from(length) || !footer::is_struct(&bytes) {
        return None;
    }
    let (columns, offsets) = match index {
        Index::Column => (PageIndexPolicy::Required, PageIndexPolicy::Skip),
        Index::Offset => (PageIndexPolicy::Skip, PageIndexPolicy::Required),
    };
    let lone = lone_chunk(chunk.column_descr(), 0, |builder| match index {
        Index::Column => builder.set_column_index_offset(Some(offset)).set_column_index_length(Some(length)),
        Index::Offset => builder.set_offset_index_offset(Some(offset)).set_offset_index_length(Some(length)),
    });
    let reader = ParquetMetaDataReader::new_with_metadata(lone.ok()?);
    let mut reader = reader.with_column_index_policy(columns).with_offset_index_policy(offsets);
    reader.read_page_indexes(&file.source).ok()?;
    reader.finish().ok()
}
