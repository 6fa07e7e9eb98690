//! What a scan will read, as plain data, made from metadata alone: row groups, row ranges, columns, bytes.

use std::ops::Range;
use std::sync::Arc;

use parquet::file::page_index::offset_index::OffsetIndexMetaData;
use serde::Serialize;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_schema::SchemaRef;

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::expression::bound::Bound;
use crate::expression::evaluate::Evaluator;
use crate::file::ParquetFile;
use crate::options::ScanOptions;
use crate::projection::Projection;
use crate::prune::{PruneOptions, RowGroupVerdict, prune};
use crate::row_space::Kept;
use crate::row_space::RowSpace;
use crate::source::IoMode;

/// Decoded bytes of a segment where several are decoded at once: enough to spread the cost of opening its pages.
const MAX_SEGMENT_BYTES: u64 = 32 << 20;
const MIN_SEGMENT_BYTES: u64 = 1 << 20;
/// Segments for each that is decoded at once, where there are bytes enough: the last ones end at about the same time.
const SEGMENTS_PER_WORKER: u64 = 4;

/// The plan of one scan.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanPlan {
    /// The file.
    pub path: String,
    /// How its bytes are read.
    pub io: IoMode,
    /// Names of the columns read, in order.
    pub columns: Vec<String>,
    /// Rows of the scan's row space.
    pub row_range: Range<u64>,
    /// Number of rows.
    pub rows: u64,
    /// All row groups of the file, read or not.
    pub row_groups: Vec<PlannedRowGroup>,
    /// Row ranges that are decoded independently.
    pub segments: Vec<Segment>,
    /// How many segments are decoded at once.
    pub active_segments: usize,
    /// One lane a column.
    pub lanes: Vec<PlannedLane>,
    /// The predicate that rows are tested by.
    pub filter: Option<String>,
    /// Decoded bytes of the whole result, estimated; with a predicate, as if all rows passed.
    pub estimated_bytes: u64,
    /// Compressed bytes of the column chunks read.
    pub compressed_bytes: u64,
    /// The stream's memory limit when it was planned.
    pub memory_limit_bytes: u64,
    /// Worker threads.
    pub threads: usize,
}

/// The predicate of a scan, as planning sees it.
#[derive(Debug)]
pub struct Filter {
    /// The predicate as text.
    pub text: String,
    /// What of it can be decided by metadata, bound to the columns of the file.
    pub prunable: Option<Bound>,
    /// The file's schema in the form that columns are decoded in.
    pub schema: SchemaRef,
}

impl Filter {
    fn prune(
        &self,
        file: &Arc<ParquetFile>,
        row_groups: &[usize],
        options: PruneOptions,
    ) -> Result<Vec<RowGroupVerdict>> {
        let Some(predicate) = &self.prunable else {
            return Ok(row_groups.iter().map(|index| undecided(file, *index)).collect());
        };
        let evaluate = |bound: &Bound, batch: &RecordBatch| {
            let array = Evaluator::new(bound.clone())?.evaluate(batch)?;
            let results = array.as_boolean_opt().ok_or_else(|| SpillwayError::internal("a predicate gave no booleans"));
            results.cloned()
        };
        prune(file, predicate, &self.schema, row_groups, &options, &evaluate)
    }
}

/// A row group that nothing is known of.
fn undecided(file: &ParquetFile, row_group: usize) -> RowGroupVerdict {
    let rows = file.metadata.row_group(row_group).num_rows().max(0) as u64;
    RowGroupVerdict {
        row_group,
        keep: std::iter::once(0..rows).collect(),
        all_match: false,
        skipped_by: None,
        because: None,
        pages_skipped: 0,
        pages: 0,
        rows_skipped: 0,
    }
}

fn kept(verdicts: &[RowGroupVerdict]) -> Vec<Kept> {
    let kept = |verdict: &RowGroupVerdict| Kept {
        row_group: verdict.row_group,
        rows: verdict.keep.clone(),
        all_match: verdict.all_match,
    };
    verdicts.iter().map(kept).collect()
}

/// A row group and what is read of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedRowGroup {
    /// Index in the file.
    pub index: usize,
    /// Rows within the row group: from the first that is read to the last.
    pub rows: Range<u64>,
    /// How many of these are read; fewer where pages between them are skipped.
    pub rows_read: u64,
    /// What the predicate decided by metadata.
    pub pruned: Option<RowGroupVerdict>,
    /// Compressed bytes of the columns read.
    pub compressed_bytes: u64,
    /// Decoded bytes of the rows read, estimated.
    pub estimated_bytes: u64,
    /// Why nothing of it is read.
    pub skipped: Option<String>,
}

/// Rows that are decoded in order by one set of lanes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    /// Rows of the scan's row space.
    pub rows: Range<u64>,
    /// The row groups that hold them.
    pub row_groups: Vec<usize>,
}

/// A column and what it costs.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedLane {
    /// Name of the top-level column.
    pub column: String,
    /// Compressed bytes of its chunks.
    pub compressed_bytes: u64,
    /// Decoded bytes, estimated.
    pub estimated_bytes: u64,
}

/// Plans a scan, decoding nothing.
///
/// # Errors
/// `INVALID_ARGUMENT` for a row group that the file does not have or that is named twice.
pub fn plan_scan(
    file: &Arc<ParquetFile>,
    projection: &Projection,
    options: &ScanOptions,
    memory_limit_bytes: u64,
    threads: usize,
    filter: Option<&Filter>,
) -> Result<(ScanPlan, Arc<RowSpace>)> {
    let chosen = chosen_row_groups(file, options)?;
    let all = RowSpace::new(&file.metadata, &chosen, options.offset, options.limit);
    let verdicts = match filter {
        Some(filter) => filter.prune(file, &all.row_groups(all.rows()), options.prune)?,
        None => Vec::new(),
    };
    let space = Arc::new(if filter.is_some() { all.keep(&kept(&verdicts)) } else { all.clone() });
    let lanes: Vec<PlannedLane> =
        projection.roots.iter().map(|root| plan_lane(file, &space, &root.name, &root.leaves)).collect();
    let estimated_bytes = total(lanes.iter().map(|lane| lane.estimated_bytes));
    // With a predicate a segment is decoded by one worker.
    let active_segments = if filter.is_some() { threads.max(1) } else { active_segments(&lanes, threads) };
    let boundaries =
        segment_boundaries(file, projection, &space, options, estimated_bytes, memory_limit_bytes, active_segments);
    let leaves: Vec<usize> = projection.roots.iter().flat_map(|root| root.leaves.iter().copied()).collect();
    let plan = ScanPlan {
        path: file.path.clone(),
        io: options.io,
        columns: projection.roots.iter().map(|root| root.name.clone()).collect(),
        row_range: space.rows(),
        rows: space.len(),
        row_groups: plan_row_groups(file, &all, &space, &verdicts, &chosen, &leaves),
        segments: segments(&space, &boundaries),
        active_segments,
        compressed_bytes: total(lanes.iter().map(|lane| lane.compressed_bytes)),
        lanes,
        filter: filter.map(|filter| filter.text.clone()),
        estimated_bytes,
        memory_limit_bytes,
        threads,
    };
    Ok((plan, space))
}

fn chosen_row_groups(file: &ParquetFile, options: &ScanOptions) -> Result<Vec<usize>> {
    let count = file.metadata.num_row_groups();
    let Some(asked) = &options.row_groups else { return Ok((0..count).collect()) };
    let mut seen = vec![false; count];
    for index in asked {
        let message = match seen.get_mut(*index) {
            None => format!(
                "Cannot read row group {index}: the file has {count}; give indices from 0 to {}",
                count.saturating_sub(1)
            ),
            Some(true) => format!("Cannot read row group {index} twice; name each row group once"),
            Some(unseen) => {
                *unseen = true;
                continue;
            }
        };
        return Err(SpillwayError::new(ErrorCode::InvalidArgument, message).at_path(&file.path).at_row_group(*index));
    }
    let mut ascending = asked.clone();
    ascending.sort_unstable();
    Ok(ascending)
}

/// How many segments must be decoded at once to keep all workers busy.
///
/// Columns are decoded in parallel, so the heaviest column bounds the speed-up: with a share of 1/2 of the work two
/// workers are busy on one segment, and a single column needs a segment a worker.
fn active_segments(lanes: &[PlannedLane], threads: usize) -> usize {
    let cost = |lane: &PlannedLane| lane.estimated_bytes.saturating_add(lane.compressed_bytes);
    let all = total(lanes.iter().map(cost));
    let heaviest = lanes.iter().map(cost).max().unwrap_or(0);
    if all == 0 {
        1
    } else {
        heaviest.saturating_mul(threads as u64).div_ceil(all).clamp(1, threads.max(1) as u64) as usize
    }
}

/// Ends of the segments, ascending; the last is the end of the scan's rows.
fn segment_boundaries(
    file: &Arc<ParquetFile>,
    projection: &Projection,
    space: &RowSpace,
    options: &ScanOptions,
    estimated_bytes: u64,
    memory_limit_bytes: u64,
    active_segments: usize,
) -> Vec<u64> {
    let rows = space.rows();
    if active_segments == 1 || rows.is_empty() {
        return vec![rows.end];
    }
    let row_bytes = (estimated_bytes / space.len().max(1)).max(1);
    let even_bytes = estimated_bytes / (active_segments as u64 * SEGMENTS_PER_WORKER);
    let target_bytes =
        even_bytes.min(memory_limit_bytes / (2 * active_segments as u64)).clamp(MIN_SEGMENT_BYTES, MAX_SEGMENT_BYTES);
    let target_rows = (target_bytes / row_bytes).max(1);
    let mut candidates: Vec<u64> = space.boundaries().collect();
    candidates.extend(page_starts(file, projection, space, target_rows));
    if let Some(batch) = options.fixed_rows {
        // Batches of an exact size end where segments end.
        for row in &mut candidates {
            *row = rows.start + (*row - rows.start) / batch * batch;
        }
    }
    candidates.push(rows.end);
    candidates.sort_unstable();
    let mut boundaries = Vec::new();
    let mut start = rows.start;
    for row in candidates {
        if row > start && (row - start >= target_rows || row == rows.end) {
            boundaries.push(row);
            start = row;
        }
    }
    boundaries
}

/// First rows of the pages of the heaviest column, in row groups that hold several segments and have an offset index.
fn page_starts(file: &Arc<ParquetFile>, projection: &Projection, space: &RowSpace, target_rows: u64) -> Vec<u64> {
    let rows = space.rows();
    let mut row_group_start = 0;
    let mut starts = Vec::new();
    for span in space.spans(0..rows.end) {
        let row_group = file.metadata.row_group(span.row_group);
        if row_group.num_rows() as u64 >= 2 * target_rows {
            let heaviest = projection
                .roots
                .iter()
                .flat_map(|root| &root.leaves)
                .max_by_key(|leaf| row_group.column(**leaf).compressed_size());
            let indexed = file.offset_index();
            let index = heaviest.and_then(|leaf| indexed.as_ref()?.offset_index()?.get(span.row_group)?.get(*leaf));
            let pages = index.into_iter().flat_map(OffsetIndexMetaData::page_locations);
            starts.extend(
                pages.map(|page| row_group_start + page.first_row_index.max(0) as u64).filter(|row| rows.contains(row)),
            );
        }
        row_group_start += row_group.num_rows().max(0) as u64;
    }
    starts
}

fn segments(space: &RowSpace, boundaries: &[u64]) -> Vec<Segment> {
    let mut start = space.rows().start;
    let mut segments = Vec::with_capacity(boundaries.len());
    for end in boundaries {
        if *end > start {
            segments.push(Segment { rows: start..*end, row_groups: space.row_groups(start..*end) });
        }
        start = *end;
    }
    segments
}

fn plan_lane(file: &ParquetFile, space: &RowSpace, column: &str, leaves: &[usize]) -> PlannedLane {
    let mut lane = PlannedLane { column: column.to_owned(), compressed_bytes: 0, estimated_bytes: 0 };
    for span in space.spans(space.rows()) {
        let row_group = file.metadata.row_group(span.row_group);
        let rows = span.rows.end - span.rows.start;
        for leaf in leaves {
            let chunk = row_group.column(*leaf);
            let compressed = part(chunk.compressed_size().max(0) as u64, rows, row_group.num_rows());
            lane.compressed_bytes = lane.compressed_bytes.saturating_add(compressed);
            let decoded = part(crate::pages::chunk_decoded_bytes(chunk), rows, row_group.num_rows());
            lane.estimated_bytes = lane.estimated_bytes.saturating_add(decoded);
        }
    }
    lane
}

fn plan_row_groups(
    file: &ParquetFile,
    all: &RowSpace,
    space: &RowSpace,
    verdicts: &[RowGroupVerdict],
    chosen: &[usize],
    leaves: &[usize],
) -> Vec<PlannedRowGroup> {
    let mut rows_read = vec![(0..0, 0); file.metadata.num_row_groups()];
    for span in space.spans(space.rows()) {
        let (rows, read): &mut (Range<u64>, u64) = &mut rows_read[span.row_group];
        *rows = if *read == 0 { span.rows.clone() } else { rows.start..span.rows.end };
        *read += span.rows.end - span.rows.start;
    }
    let asked = all.row_groups(all.rows());
    let plan = |(index, row_group): (usize, &parquet::file::metadata::RowGroupMetaData)| {
        let (rows, read) = rows_read[index].clone();
        let verdict = verdicts.iter().find(|verdict| verdict.row_group == index);
        let chunks = leaves.iter().map(|leaf| row_group.column(*leaf));
        let skipped = if read > 0 {
            None
        } else if let (true, Some(because)) = (asked.contains(&index), verdict.and_then(|v| v.because.clone())) {
            Some(because)
        } else if chosen.contains(&index) {
            Some("outside offset and limit".to_owned())
        } else {
            Some("not in rowGroups".to_owned())
        };
        PlannedRowGroup {
            index,
            compressed_bytes: total(
                chunks.clone().map(|chunk| part(chunk.compressed_size().max(0) as u64, read, row_group.num_rows())),
            ),
            estimated_bytes: total(
                chunks.map(|chunk| part(crate::pages::chunk_decoded_bytes(chunk), read, row_group.num_rows())),
            ),
            rows,
            rows_read: read,
            skipped,
            pruned: verdict.cloned(),
        }
    };
    file.metadata.row_groups().iter().enumerate().map(plan).collect()
}

/// A sum that a lying footer cannot overflow.
fn total(bytes: impl Iterator<Item = u64>) -> u64 {
    bytes.fold(0, u64::saturating_add)
}

/// The part of a row group's bytes that falls to some of its rows.
fn part(bytes: u64, rows: u64, row_group_rows: i64) -> u64 {
    (u128::from(bytes) * u128::from(rows) / u128::from(row_group_rows.max(1) as u64)) as u64
}
