//! What old writers got wrong and all readers forgive.

use parquet::errors::Result;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};

/// The most that an understated chunk lacks: the header of its dictionary page. The number is that of parquet-cpp.
const LONGEST_DICTIONARY_HEADER: u64 = 100;

/// The footer with its known errors put right; `file_bytes` is the length of the file.
///
/// # Errors
/// None in practice: parquet checks what its builders are given.
pub fn repair(metadata: ParquetMetaData, file_bytes: u64) -> Result<ParquetMetaData> {
    let understated = understates_chunks(metadata.file_metadata().created_by());
    let has_odd = metadata.row_groups().iter().flat_map(RowGroupMetaData::columns).any(has_odd_dictionary);
    if !understated && !has_odd {
        return Ok(metadata);
    }
    let mut builder = metadata.into_builder();
    let mut row_groups = builder.take_row_groups();
    for chunk in row_groups.iter_mut().flat_map(RowGroupMetaData::columns_mut) {
        if has_odd_dictionary(chunk) {
            *chunk = chunk.clone().into_builder().set_dictionary_page_offset(None).build()?;
        }
        if understated {
            let bytes = padded_bytes(chunk, file_bytes);
            *chunk = chunk.clone().into_builder().set_total_compressed_size(bytes).build()?;
        }
    }
    Ok(builder.set_row_groups(row_groups).build())
}

/// A dictionary page that is not before the data pages is none: old writers state 0 for "no dictionary".
fn has_odd_dictionary(chunk: &ColumnChunkMetaData) -> bool {
    chunk.dictionary_page_offset().is_some_and(|offset| offset <= 0 || offset >= chunk.data_page_offset())
}

/// Whether a writer leaves the header of the dictionary page out of a chunk's size: parquet-mr before 1.2.9.
///
/// Source: PARQUET-816 and IMPALA-694, as parquet-cpp handles them.
#[must_use]
pub fn understates_chunks(created_by: Option<&str>) -> bool {
    let Some(rest) = created_by.and_then(|writer| writer.strip_prefix("parquet-mr")) else { return false };
    let Some(version) = rest.trim_start().strip_prefix("version ") else { return true };
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next()) < (1, 2, 9)
}

fn padded_bytes(chunk: &ColumnChunkMetaData, file_bytes: u64) -> i64 {
    let (size, start) = (chunk.compressed_size(), chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset()));
    let room = i64::try_from(file_bytes).unwrap_or(i64::MAX).saturating_sub(start.saturating_add(size));
    size.saturating_add(room.clamp(0, LONGEST_DICTIONARY_HEADER as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_early_parquet_mr_understates_chunks() {
        for writer in ["parquet-mr", "parquet-mr version 1.2.8 (build x)", "parquet-mr version 1.2.0-cdh5"] {
            assert!(understates_chunks(Some(writer)), "{writer}");
        }
        for writer in
            ["parquet-mr version 1.2.9", "parquet-mr version 1.13.1 (build y)", "parquet-rs version 1.0", "DuckDB"]
        {
            assert!(!understates_chunks(Some(writer)), "{writer}");
        }
        assert!(!understates_chunks(None));
    }
}
