//! What writers get wrong in statistics, or leave out: pruning then keeps what it cannot tell of.

#[path = "support/naive.rs"]
mod naive;
#[path = "support/prune_file.rs"]
mod prune_file;

use std::sync::Arc;

use arrow_array::builder::{Int64Builder, ListBuilder};
use arrow_array::{
    ArrayRef, Decimal128Array, Float64Array, Int32Array, Int64Array, StringArray, StructArray, UInt32Array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field};
use parquet::basic::{ColumnOrder, SortOrder};
use parquet::data_type::ByteArray;
use parquet::file::metadata::LevelHistogram;
use parquet::file::properties::WriterProperties;
use parquet::file::statistics::Statistics;
use prune_file::{is, is_not_null, is_null, skipped, write, write_with};
use spillway::expression::bound::{Bound, CompareOp, TextOp};
use spillway::prune::SkipReason;

fn int(value: i32) -> ArrayRef {
    Arc::new(Int32Array::from(vec![value]))
}

fn ints() -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(10..20))
}

fn text(value: &str) -> ArrayRef {
    Arc::new(StringArray::from(vec![value]))
}

fn texts() -> ArrayRef {
    Arc::new(StringArray::from_iter_values(["berry", "cherry", "date"]))
}

fn int_statistics(min: i32, max: i32, nulls: Option<u64>, deprecated: bool) -> Statistics {
    Statistics::int32(Some(min), Some(max), None, nulls, deprecated)
}

fn text_statistics(min: &str, max: &str, deprecated: bool) -> Statistics {
    Statistics::byte_array(Some(min.into()), Some(max.into()), None, Some(0), deprecated)
}

#[test]
fn missing_statistics_tell_nothing() {
    let bare = || write(ints()).with_chunk(|chunk| chunk.into_builder().clear_statistics().build().expect("chunk"));
    assert!(skipped(&write(ints()).verdict(is(CompareOp::Gt, int(50)))));
    assert!(!skipped(&bare().verdict(is(CompareOp::Gt, int(50)))));
    assert!(!skipped(&bare().verdict(is_null)));
    assert!(!bare().verdict(is_not_null).all_match);
}

#[test]
fn a_missing_count_of_nulls_is_unknown_and_one_is_used() {
    let counted = |nulls| write(ints()).with_statistics(int_statistics(10, 19, nulls, false)).without_levels();
    assert!(!skipped(&counted(None).verdict(is_null)));
    assert!(!counted(None).verdict(is(CompareOp::Lt, int(50))).all_match);
    assert!(skipped(&counted(Some(0)).verdict(is_null)));
    assert!(counted(Some(0)).verdict(is(CompareOp::Lt, int(50))).all_match);
    let all = counted(Some(10)).verdict(is_not_null);
    assert_eq!((skipped(&all), all.because.as_deref()), (true, Some("c is null in all rows")));
    assert!(!counted(Some(4)).verdict(is_not_null).all_match);
    // More nulls than rows is a lie.
    assert!(!skipped(&counted(Some(11)).verdict(is_not_null)));
}

#[test]
fn truncated_bounds_are_bounds() {
    let properties = || {
        let builder = WriterProperties::builder().set_statistics_truncate_length(Some(1)).set_dictionary_enabled(false);
        builder.set_column_index_truncate_length(Some(1)).build()
    };
    // Stored as "b" to "e".
    let written = || write_with(texts(), properties());
    assert!(skipped(&written().verdict(is(CompareOp::Eq, text("apple")))));
    assert!(skipped(&written().verdict(is(CompareOp::Gt, text("e")))));
    assert!(!skipped(&written().verdict(is(CompareOp::Eq, text("date")))));
    assert!(!skipped(&written().verdict(is(CompareOp::Lt, text("berry")))));
    assert!(written().verdict(is(CompareOp::Ge, text("b"))).all_match);
    assert!(!written().verdict(is(CompareOp::Ge, text("bd"))).all_match);
    assert_eq!(written().verdict(is(CompareOp::Gt, text("e"))).because.as_deref(), Some("c is at most 'e'"));
}

#[test]
fn deprecated_bounds_are_for_signed_numbers_only() {
    let verdict =
        write(ints()).with_statistics(int_statistics(10, 19, Some(0), true)).verdict(is(CompareOp::Gt, int(50)));
    assert!(skipped(&verdict));
    let verdict =
        write(texts()).with_statistics(text_statistics("berry", "date", true)).verdict(is(CompareOp::Gt, text("x")));
    assert!(!skipped(&verdict));
    let verdict =
        write(texts()).with_statistics(text_statistics("berry", "date", false)).verdict(is(CompareOp::Gt, text("x")));
    assert!(skipped(&verdict));
    let unsigned = |deprecated| {
        let column: ArrayRef = Arc::new(UInt32Array::from(vec![5, u32::MAX]));
        let statistics = int_statistics(5, -1, Some(0), deprecated);
        write(column).with_statistics(statistics).verdict(is(CompareOp::Lt, Arc::new(UInt32Array::from(vec![5]))))
    };
    assert!(skipped(&unsigned(false)) && !skipped(&unsigned(true)));
    let wide = |deprecated| {
        let decimals = Decimal128Array::from(vec![-1, 1]).with_precision_and_scale(30, 2).expect("decimal");
        let bytes = |value: i128| ByteArray::from(value.to_be_bytes()[3..].to_vec()).into();
        let statistics = Statistics::fixed_len_byte_array(Some(bytes(-1)), Some(bytes(1)), None, Some(0), deprecated);
        let five = Decimal128Array::from(vec![5]).with_precision_and_scale(30, 2).expect("decimal");
        write(Arc::new(decimals)).with_statistics(statistics).verdict(is(CompareOp::Gt, Arc::new(five)))
    };
    assert!(skipped(&wide(false)) && !skipped(&wide(true)));
}

#[test]
fn an_order_that_is_not_declared_is_that_of_signed_numbers() {
    let gt_50 = || is(CompareOp::Gt, int(50));
    assert!(skipped(&write(ints()).with_order(None).verdict(gt_50())));
    assert!(!skipped(&write(texts()).with_order(None).verdict(is(CompareOp::Gt, text("x")))));
    let unknown = || Some(ColumnOrder::UNKNOWN);
    assert!(!skipped(&write(ints()).with_order(unknown()).verdict(gt_50())));
    let undefined = Some(ColumnOrder::TYPE_DEFINED_ORDER(SortOrder::UNDEFINED));
    assert!(!skipped(&write(ints()).with_order(undefined).verdict(gt_50())));
    // Nulls have no order.
    assert!(skipped(&write(ints()).with_order(unknown()).verdict(is_null)));
}

#[test]
fn bounds_that_contradict_each_other_are_none() {
    let verdict =
        write(ints()).with_statistics(int_statistics(19, 10, Some(0), false)).verdict(is(CompareOp::Gt, int(50)));
    assert!(!skipped(&verdict));
    let decimals = Decimal128Array::from(vec![1]).with_precision_and_scale(30, 2).expect("decimal");
    for bytes in [vec![], vec![0; 17]] {
        let bound = || Some(ByteArray::from(bytes.clone()).into());
        let statistics = Statistics::fixed_len_byte_array(bound(), bound(), None, Some(0), false);
        let five = Decimal128Array::from(vec![5]).with_precision_and_scale(30, 2).expect("decimal");
        let written = write(Arc::new(decimals.clone())).with_statistics(statistics);
        assert!(!skipped(&written.verdict(is(CompareOp::Gt, Arc::new(five)))));
    }
}

#[test]
fn nan_may_hide_in_every_column_of_floats() {
    let float = |value: f64| -> ArrayRef { Arc::new(Float64Array::from(vec![value])) };
    let written = |values: &[f64]| write(Arc::new(Float64Array::from(values.to_vec())));
    // Writers leave NaN out of the bounds, and it is greater than every number.
    assert!(!skipped(&written(&[1.0, f64::NAN]).verdict(is(CompareOp::Gt, float(50.0)))));
    assert!(!skipped(&written(&[1.0, 2.0]).verdict(is(CompareOp::Eq, float(f64::NAN)))));
    assert!(!written(&[1.0, f64::NAN]).verdict(is(CompareOp::Le, float(2.0))).all_match);
    assert!(skipped(&written(&[1.0, f64::NAN]).verdict(is(CompareOp::Lt, float(1.0)))));
    assert!(skipped(&written(&[1.0, f64::NAN]).verdict(is(CompareOp::Eq, float(2.0)))));
    assert!(written(&[1.0, f64::NAN]).verdict(is(CompareOp::Ge, float(1.0))).all_match);
    let bounds = |min, max| Statistics::double(Some(min), Some(max), None, Some(0), false);
    for statistics in [bounds(f64::NAN, 2.0), bounds(1.0, f64::NAN), bounds(f64::NAN, f64::NAN)] {
        assert!(!skipped(&written(&[1.0]).with_statistics(statistics).verdict(is(CompareOp::Lt, float(0.0)))));
    }
}

#[test]
fn both_zeros_are_one_number() {
    let zero = |value: f64| -> ArrayRef { Arc::new(Float64Array::from(vec![value])) };
    for (min, max) in [(0.0, 0.0), (-0.0, -0.0), (0.0, -0.0), (-0.0, 0.0)] {
        let written = || {
            let statistics = Statistics::double(Some(min), Some(max), None, Some(0), false);
            write(zero(-0.0)).with_statistics(statistics)
        };
        for literal in [0.0, -0.0] {
            assert!(!skipped(&written().verdict(is(CompareOp::Eq, zero(literal)))), "{min} {max} {literal}");
            assert!(written().verdict(is(CompareOp::Ge, zero(literal))).all_match);
            assert!(skipped(&written().verdict(is(CompareOp::Lt, zero(literal)))));
        }
    }
}

#[test]
fn a_row_group_without_rows_is_skipped() {
    let written =
        write(ints()).with_row_group(|row_group| row_group.into_builder().set_num_rows(0).build().expect("row group"));
    let verdict = written.verdict(is_not_null);
    assert_eq!((verdict.keep.len(), verdict.rows_skipped, verdict.all_match), (0, 0, false));
    assert_eq!(
        (verdict.skipped_by, verdict.because.as_deref()),
        (Some(SkipReason::Statistics), Some("it has no rows"))
    );
}

fn nested(outer_nulls: &[bool]) -> ArrayRef {
    let inner: ArrayRef = Arc::new(Int64Array::from_iter_values(0..outer_nulls.len() as i64));
    let valid = NullBuffer::from_iter(outer_nulls.iter().map(|null| !null));
    Arc::new(StructArray::new(vec![Field::new("x", DataType::Int64, true)].into(), vec![inner], Some(valid)))
}

#[test]
fn no_nulls_counted_in_an_optional_struct_needs_a_histogram_to_be_believed() {
    let statistics = |nulls| Statistics::int64(Some(0), Some(2), None, Some(nulls), false);
    let without = |nulls| write(nested(&[true, false, false])).with_statistics(statistics(nulls)).without_levels();
    // Some writers do not count those of the struct.
    assert!(!skipped(&without(0).verdict(is_null)));
    assert!(!without(0).verdict(is_not_null).all_match);
    assert!(skipped(&without(3).verdict(is_not_null)));
    let with = |levels: [i64; 3]| {
        let levels = LevelHistogram::from(levels.to_vec());
        write(nested(&[false; 3])).with_statistics(statistics(0)).with_chunk(|chunk| {
            chunk.into_builder().set_definition_level_histogram(Some(levels)).build().expect("chunk")
        })
    };
    assert!(skipped(&with([0, 0, 3]).verdict(is_null)));
    assert!(!skipped(&with([1, 0, 2]).verdict(is_null)));
    assert!(!skipped(&with([0, 0, 4]).verdict(is_null)));
    assert!(skipped(&with([3, 0, 0]).verdict(is_not_null)));
    assert!(skipped(&with([0, 0, 3]).verdict(is(CompareOp::Gt, Arc::new(Int64Array::from(vec![9]))))));
}

#[test]
fn lists_tell_nothing() {
    let mut lists = ListBuilder::new(Int64Builder::new());
    lists.append_value([Some(1), Some(2)]);
    lists.append_null();
    assert!(!skipped(&write(Arc::new(lists.finish())).verdict(is_null)));
}

#[test]
fn texts_with_a_prefix_lie_together() {
    let of = |op, pattern: &str| {
        let pattern = pattern.to_owned();
        write(texts()).verdict(move |column| Bound::Text { op, value: Box::new(column), pattern })
    };
    for (op, pattern, is_skipped) in [
        (TextOp::StartsWith, "a", true),
        (TextOp::StartsWith, "bear", true),
        (TextOp::StartsWith, "berry", false),
        (TextOp::StartsWith, "dates", true),
        (TextOp::StartsWith, "c", false),
        (TextOp::Like, "e%", true),
        (TextOp::Like, "%e", false),
        (TextOp::Like, "date_", false),
        (TextOp::Like, "apple", true),
        (TextOp::Like, "a\\%%", true),
        (TextOp::Contains, "zzz", false),
    ] {
        assert_eq!(skipped(&of(op, pattern)), is_skipped, "{op:?} {pattern}");
    }
    assert!(of(TextOp::StartsWith, "").all_match && of(TextOp::Like, "%").all_match);
    let same: ArrayRef = Arc::new(StringArray::from(vec!["plan a", "plan b"]));
    let plan = |column| Bound::Text { op: TextOp::Like, value: Box::new(column), pattern: "plan%".into() };
    assert!(write(same).verdict(plan).all_match);
}
