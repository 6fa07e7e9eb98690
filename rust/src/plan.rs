//! What a scan will read, as plain data, made from metadata alone: row groups, row ranges, columns, bytes.

use std::ops::Range;
use std::sync::Arc;

use parquet::file::page_index::offset_index::OffsetIndexMetaData;
use serde::Serialize;

use arrow_schema::Schema;

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::file::ParquetFile;
use crate::files::projection::Projection;
use crate::options::{FileWindow, ScanOptions};
use crate::prune::RowGroupVerdict;
use crate::pruning::Pruning;
use crate::rows::row_plan::RowPlan;
use crate::rows::row_space::RowSpace;
use crate::rows::scan_filter::{Filter, kept};
use crate::source::IoMode;

/// Decoded bytes of a segment where several are decoded at once: enough to spread the cost of opening its pages.
const MAX_SEGMENT_BYTES: u64 = 32 << 20;
const MIN_SEGMENT_BYTES: u64 = 1 << 20;
/// The same where a segment ends with a row group, so that no page of it is decoded for two: what is decoded while the
/// segment before is given waits in fresh memory, which is dear.
const ROW_GROUP_SEGMENT_BYTES: u64 = 4 << 20;
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
    /// Names of the batches' columns, in order.
    pub outputs: Vec<String>,
    /// Names of the columns that the predicate needs.
    pub tested: Vec<String>,
    /// Rows of the scan's row space.
    pub row_range: Range<u64>,
    /// Number of rows.
    pub rows: u64,
    /// Rows of the row groups asked for, read or not.
    #[serde(skip)]
    pub rows_in_file: u64,
    /// All row groups of the file, read or not.
    pub row_groups: Vec<PlannedRowGroup>,
    /// Row ranges that are decoded independently.
    pub segments: Vec<Segment>,
    /// How many segments are decoded at once.
    pub active_segments: usize,
    /// How many would be if there were so many; segments of the next files are, where there are files.
    #[serde(skip)]
    pub segments_at_once: usize,
    /// One lane a column.
    pub lanes: Vec<PlannedLane>,
    /// The predicate that rows are tested by.
    pub filter: Option<String>,
    /// What of the rows the predicate leaves out by metadata.
    pub pruning: Option<Pruning>,
    /// Decoded bytes of the whole result, estimated; with a predicate, as if all rows passed.
    pub estimated_bytes: u64,
    /// Compressed bytes of the column chunks read.
    pub compressed_bytes: u64,
    /// The stream's memory limit when it was planned.
    pub memory_limit_bytes: u64,
    /// Worker threads.
    pub threads: usize,
}

/// A row group and what is read of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedRowGroup {
    /// Index of the file in the scan.
    pub file: usize,
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
    /// Whether the batches need it; else it is read for the predicate alone.
    pub given: bool,
    /// Compressed bytes of its chunks.
    pub compressed_bytes: u64,
    /// Decoded bytes, estimated.
    pub estimated_bytes: u64,
}

impl ScanPlan {
    /// Notes what the batches show, and for what the columns are read.
    pub fn show(&mut self, schema: &Schema, row_plan: Option<&RowPlan>) {
        self.outputs = schema.fields().iter().map(|field| field.name().clone()).collect();
        let Some(row_plan) = row_plan else { return };
        self.tested = row_plan.names(row_plan.tested());
        let given = row_plan.names(row_plan.given());
        for lane in &mut self.lanes {
            lane.given = given.contains(&lane.column);
        }
    }
}

/// What of a file is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct FilePart<'a> {
    /// Row groups; all when absent.
    pub row_groups: Option<&'a [usize]>,
    /// Rows of these.
    pub window: FileWindow,
    /// Whether rows are tested or computed, so that one worker decodes all columns of a segment.
    pub by_rows: bool,
}

/// What a plan has to keep within.
#[derive(Debug, Clone, Copy)]
pub struct PlanLimits {
    /// The stream's memory limit.
    pub memory_limit_bytes: u64,
    /// Worker threads.
    pub threads: usize,
}

/// Plans the scan of a file, decoding nothing.
///
/// # Errors
/// `INVALID_ARGUMENT` for a row group that the file does not have or that is named twice.
pub fn plan_scan(
    file: &Arc<ParquetFile>,
    projection: &Projection,
    options: &ScanOptions,
    part: FilePart<'_>,
    limits: PlanLimits,
    filter: Option<&Filter>,
) -> Result<(ScanPlan, Arc<RowSpace>)> {
    let PlanLimits { memory_limit_bytes, threads } = limits;
    let chosen = chosen_row_groups(file, part.row_groups)?;
    let all = RowSpace::new(&file.metadata, &chosen, part.window);
    let verdicts = match filter {
        Some(filter) => filter.prune(file, &all.row_groups(all.rows()), options.prune)?,
        None => Vec::new(),
    };
    let space = Arc::new(if filter.is_some() { all.keep(&kept(&verdicts)) } else { all.clone() });
    let lanes: Vec<PlannedLane> =
        projection.roots.iter().map(|root| plan_lane(file, &space, &root.name, &root.leaves)).collect();
    let estimated_bytes = total(lanes.iter().map(|lane| lane.estimated_bytes));
    let active_segments = if part.by_rows { threads.max(1) } else { active_segments(&lanes, threads) };
    let boundaries =
        segment_boundaries(file, projection, &space, options, estimated_bytes, memory_limit_bytes, active_segments);
    let leaves: Vec<usize> = projection.roots.iter().flat_map(|root| root.leaves.iter().copied()).collect();
    let columns: Vec<String> = projection.roots.iter().map(|root| root.name.clone()).collect();
    let plan = ScanPlan {
        path: file.path.clone(),
        io: options.io,
        outputs: columns.clone(),
        tested: Vec::new(),
        columns,
        pruning: filter.map(|_| Pruning::new(file, &all, &space, &verdicts, &leaves)),
        row_range: space.rows(),
        rows_in_file: total(chosen.iter().map(|index| file.metadata.row_group(*index).num_rows().max(0) as u64)),
        rows: space.len(),
        row_groups: plan_row_groups(file, &all, &space, &verdicts, &chosen, &leaves),
        active_segments: active_segments.min(boundaries.len()).max(1),
        segments_at_once: active_segments.max(1),
        segments: segments(&space, &boundaries),
        compressed_bytes: total(lanes.iter().map(|lane| lane.compressed_bytes)),
        lanes,
        filter: filter.map(|filter| filter.text.clone()),
        estimated_bytes,
        memory_limit_bytes,
        threads,
    };
    Ok((plan, space))
}

fn chosen_row_groups(file: &ParquetFile, row_groups: Option<&[usize]>) -> Result<Vec<usize>> {
    let count = file.metadata.num_row_groups();
    let Some(asked) = row_groups else { return Ok((0..count).collect()) };
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
    let mut ascending = asked.to_vec();
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
    let row_group_rows = (target_bytes.min(ROW_GROUP_SEGMENT_BYTES) / row_bytes).max(1);
    // Where a segment may end, and how many rows it must have then.
    let mut candidates: Vec<(u64, u64)> = space.boundaries().map(|row| (row, row_group_rows)).collect();
    candidates.extend(page_starts(file, projection, space, target_rows).into_iter().map(|row| (row, target_rows)));
    if let Some(batch) = options.fixed_rows {
        // Batches of an exact size end where segments end.
        for (row, least_rows) in &mut candidates {
            (*row, *least_rows) = (rows.start + (*row - rows.start) / batch * batch, target_rows);
        }
    }
    candidates.push((rows.end, 0));
    candidates.sort_unstable();
    let mut boundaries = Vec::new();
    let mut start = rows.start;
    for (row, least_rows) in candidates {
        if row > start && row - start >= least_rows {
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
            let index = heaviest.and_then(|leaf| indexed.as_ref()?.page_index()?.offset_index(span.row_group, *leaf));
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
    let mut lane = PlannedLane { column: column.to_owned(), given: true, compressed_bytes: 0, estimated_bytes: 0 };
    for span in space.spans(space.rows()) {
        let row_group = file.metadata.row_group(span.row_group);
        let rows = span.rows.end - span.rows.start;
        for leaf in leaves {
            let chunk = row_group.column(*leaf);
            let compressed = part(chunk.compressed_size().max(0) as u64, rows, row_group.num_rows());
            lane.compressed_bytes = lane.compressed_bytes.saturating_add(compressed);
            let decoded = part(crate::pages::page_cursor::chunk_decoded_bytes(chunk), rows, row_group.num_rows());
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
    let plan =
        |(index, row_group): (usize, &parquet::file::metadata::RowGroupMetaData)| {
            let (rows, read) = rows_read[index].clone();
            let verdict = verdicts.iter().find(|verdict| verdict.row_group == index);
            let chunks = leaves.iter().map(|leaf| row_group.column(*leaf));
            let skipped = if read > 0 {
                None
            } else if let Some(verdict) = verdict.filter(|v| v.skipped_by.is_some() && asked.contains(&index)) {
                Some(verdict.because.clone().unwrap_or_else(|| "no row can pass".to_owned()))
            } else if chosen.contains(&index) {
                Some("outside offset and limit".to_owned())
            } else {
                Some("not in rowGroups".to_owned())
            };
            PlannedRowGroup {
                file: 0,
                index,
                compressed_bytes: total(
                    chunks.clone().map(|chunk| part(chunk.compressed_size().max(0) as u64, read, row_group.num_rows())),
                ),
                estimated_bytes: total(chunks.map(|chunk| {
                    part(crate::pages::page_cursor::chunk_decoded_bytes(chunk), read, row_group.num_rows())
                })),
                rows,
                rows_read: read,
                skipped,
                pruned: verdict.cloned(),
            }
        };
    file.metadata.row_groups().iter().enumerate().map(plan).collect()
}

/// A sum that a lying footer cannot overflow.
pub(crate) fn total(bytes: impl Iterator<Item = u64>) -> u64 {
    bytes.fold(0, u64::saturating_add)
}

/// The part of a row group's bytes that falls to some of its rows.
pub(crate) fn part(bytes: u64, rows: u64, row_group_rows: i64) -> u64 {
    (u128::from(bytes) * u128::from(rows) / u128::from(row_group_rows.max(1) as u64)) as u64
}
