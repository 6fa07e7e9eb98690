//! Page indexes, bloom filters and dictionaries that are damaged or doubtful: they are passed over, and never a failure.

#[path = "support/naive.rs"]
mod naive;
#[path = "support/prune_file.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod prune_file;

use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::properties::WriterProperties;
use prune_file::{Written, evaluate, is, write_with};
use spillway::expression::bound::{Bound, CompareOp};
use spillway::files::file::ParquetFile;
use spillway::prune::{PruneOptions, SkipReason, prune};
use spillway::source::IoMode;

fn int(value: i32) -> ArrayRef {
    Arc::new(Int32Array::from(vec![value]))
}

/// 1000 ascending numbers in pages of 100, with everything to prune by.
fn indexed() -> Written {
    let properties = WriterProperties::builder()
        .set_data_page_row_count_limit(100)
        .set_write_batch_size(100)
        .set_bloom_filter_enabled(true);
    write_with(Arc::new(Int32Array::from_iter_values((0..1000).map(|row| row / 100 * 2))), properties.build())
}

fn only_pages() -> PruneOptions {
    PruneOptions { statistics: false, bloom_filters: false, dictionaries: false, page_index: true }
}

#[test]
fn pages_that_contradict_their_index_are_kept() {
    let eq_4 = || is(CompareOp::Eq, int(4));
    assert_eq!(indexed().verdict_with(only_pages(), eq_4()).keep, std::slice::from_ref(&(200..300)));
    let lengths = |chunk: &ColumnChunkMetaData| {
        (chunk.column_index_length().expect("length"), chunk.offset_index_length().expect("length"))
    };
    let all = std::slice::from_ref(&(0..1000));
    for cut in [1, 10, 20] {
        let shorter = indexed().with_chunk(|chunk| {
            let length = lengths(&chunk).0 - cut;
            chunk.into_builder().set_column_index_length(Some(length)).build().expect("chunk")
        });
        assert_eq!(shorter.verdict_with(only_pages(), eq_4()).keep, all);
        let shorter = indexed().with_chunk(|chunk| {
            let length = lengths(&chunk).1 - cut;
            chunk.into_builder().set_offset_index_length(Some(length)).build().expect("chunk")
        });
        assert_eq!(shorter.verdict_with(only_pages(), eq_4()).keep, all);
    }
    let beyond = indexed()
        .with_chunk(|chunk| chunk.into_builder().set_column_index_offset(Some(1 << 40)).build().expect("chunk"));
    assert_eq!(beyond.verdict_with(only_pages(), eq_4()).keep, all);
    let negative = indexed().with_chunk(|chunk| {
        chunk.into_builder().set_offset_index_offset(Some(-1)).set_bloom_filter_offset(Some(-7)).build().expect("chunk")
    });
    assert_eq!(negative.verdict(eq_4()).keep, all);
}

#[test]
fn a_row_group_with_fewer_rows_than_its_pages_is_kept() {
    let written =
        indexed().with_row_group(|row_group| row_group.into_builder().set_num_rows(850).build().expect("row group"));
    assert_eq!(written.verdict_with(only_pages(), is(CompareOp::Eq, int(4))).keep, std::slice::from_ref(&(0..850)));
}

#[test]
fn filters_of_a_wrong_length_are_not_read() {
    let filters = PruneOptions { statistics: true, bloom_filters: true, dictionaries: false, page_index: false };
    let of = |length: Option<i32>| {
        indexed().with_chunk(|chunk| chunk.into_builder().set_bloom_filter_length(length).build().expect("chunk"))
    };
    let right = indexed().file.metadata.row_group(0).column(0).bloom_filter_length().expect("length");
    let eq_5 = || is(CompareOp::Eq, int(5));
    assert_eq!(of(Some(right)).verdict_with(filters, eq_5()).skipped_by, Some(SkipReason::BloomFilter));
    assert_eq!(of(None).verdict_with(filters, eq_5()).skipped_by, Some(SkipReason::BloomFilter));
    for length in [-1, 0, 1, right - 1, right - 32, right + 32, i32::MAX] {
        assert_eq!(of(Some(length)).verdict_with(filters, eq_5()).skipped_by, None, "{length}");
    }
}

#[test]
fn dictionaries_are_believed_only_where_all_pages_are_codes() {
    let numbers =
        || -> ArrayRef { Arc::new(Int32Array::from_iter_values((0..20_000).map(|row| row * row % 7 % 3 * 2))) };
    let dictionaries = PruneOptions { statistics: false, bloom_filters: false, dictionaries: true, page_index: false };
    let written = || write_with(numbers(), WriterProperties::builder().build());
    let eq_1 = || is(CompareOp::Eq, int(1));
    assert_eq!(written().verdict_with(dictionaries, eq_1()).skipped_by, Some(SkipReason::Dictionary));
    assert_eq!(written().verdict_with(dictionaries, is(CompareOp::Eq, int(2))).skipped_by, None);
    // Without counts of pages by encoding, PLAIN may be that of pages too.
    let doubtful =
        written().with_chunk(|chunk| chunk.into_builder().clear_page_encoding_stats().build().expect("chunk"));
    assert_eq!(doubtful.verdict_with(dictionaries, eq_1()).skipped_by, None);
    // Distinct values beyond the limit go on as plain pages.
    let properties = WriterProperties::builder().set_dictionary_page_size_limit(64).set_write_batch_size(64);
    let mixed = write_with(Arc::new(Int32Array::from_iter_values(0..20_000)), properties.build());
    assert_eq!(mixed.verdict_with(dictionaries, is(CompareOp::Eq, int(15_000))).skipped_by, None);
}

#[test]
fn any_byte_of_the_metadata_may_be_wrong_without_a_failure() {
    let written = indexed();
    let whole = std::fs::read(&written.file.path).expect("read");
    let predicate = Bound::And(vec![
        is(CompareOp::Eq, int(5))(Bound::Column(written.column())),
        Bound::Not(Box::new(is(CompareOp::Eq, int(9))(Bound::Column(written.column())))),
    ]);
    let chunk = written.file.metadata.row_group(0).column(0).clone();
    let from = |offset: Option<i64>| offset.expect("offset") as usize;
    let mut places: Vec<usize> = (4..60).collect();
    places.extend(from(chunk.column_index_offset())..from(chunk.column_index_offset()) + 120);
    places.extend(from(chunk.offset_index_offset())..from(chunk.offset_index_offset()) + 120);
    places.extend(from(chunk.bloom_filter_offset())..from(chunk.bloom_filter_offset()) + 20);
    places.extend(whole.len() - 400..whole.len());
    for place in places {
        for value in [0x00, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[place] = value;
            std::fs::write(&written.file.path, &bytes).expect("write");
            let Ok(file) = ParquetFile::open(&written.file.path, IoMode::Read) else { continue };
            let file = Arc::new(file);
            let row_groups: Vec<usize> = (0..file.metadata.num_row_groups()).collect();
            for options in [PruneOptions::default(), only_pages()] {
                let schema = Arc::clone(&file.schema);
                let found = prune(&file, &predicate, &schema, &row_groups, &options, &evaluate);
                for verdict in found.expect("never an error") {
                    let rows = file.metadata.row_group(verdict.row_group).num_rows() as u64;
                    assert!(verdict.keep.iter().all(|kept| kept.start < kept.end && kept.end <= rows), "{verdict:?}");
                }
            }
        }
    }
}
