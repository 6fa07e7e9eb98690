//! Steps on batches that are given, not read from a file.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, ListArray, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use spillway::batches::column::Column;
use spillway::error::ErrorCode;
use spillway::pipeline::Step;
use spillway::transform::{LentColumn, Transform, Transformed};

fn steps(json: &str) -> Vec<Step> {
    Step::list_from_json(json).expect("steps")
}

fn more_than(column: &str, number: i32) -> String {
    format!(
        r#"{{"where": {{"call": "gt", "arguments": [{{"column": ["{column}"]}}, {{"literal": {{"type": "number", "value": {number}}}}}]}}}}"#
    )
}

fn batch() -> RecordBatch {
    let n: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, Some(3), Some(4)]));
    let s: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), Some("bb"), None, Some("dddd")]));
    let d: ArrayRef =
        Arc::new([Some("x"), Some("y"), None, Some("x")].into_iter().collect::<DictionaryArray<Int32Type>>());
    RecordBatch::try_from_iter_with_nullable([("n", n, true), ("s", s, true), ("d", d, true)]).expect("batch")
}

/// The batch with the columns that the transform wants, and none of them copied.
fn lent(transform: &Transform, batch: &RecordBatch) -> RecordBatch {
    let columns = transform.lending().reads.iter().map(|LentColumn { column, dictionaries }| {
        let array = batch.column(*column);
        match array.as_any().downcast_ref::<DictionaryArray<Int32Type>>() {
            Some(dictionary) if !dictionaries => Arc::new(dictionary.keys().clone()),
            _ => Arc::clone(array),
        }
    });
    RecordBatch::try_new(Arc::clone(transform.input()), columns.collect()).expect("lent")
}

fn columns(transformed: Transformed) -> (usize, Vec<Column>) {
    match transformed {
        Transformed::Columns { rows, columns } => (rows, columns),
        other => panic!("{other:?}"),
    }
}

fn ints(column: &Column, buffer: usize) -> Vec<i32> {
    let bytes = column.buffers[buffer].as_slice().chunks_exact(4);
    bytes.map(|bytes| i32::from_le_bytes(bytes.try_into().expect("4 bytes"))).collect()
}

#[test]
fn rows_that_pass_are_gathered_from_zero() {
    let batch = batch();
    let transform = Transform::new(&batch.schema(), &steps(&format!("[{}]", more_than("n", 2)))).expect("transform");
    let (rows, columns) = columns(transform.apply(&lent(&transform, &batch)).expect("applied"));
    assert_eq!(rows, 2);
    assert_eq!(ints(&columns[0], 1), [3, 4]);
    assert_eq!(columns[0].nodes[0].null_count, 0);
    assert_eq!((ints(&columns[1], 1), columns[1].buffers[2].as_slice()), (vec![0, 0, 4], b"dddd".as_slice()));
    assert_eq!(columns[1].nodes[0].null_count, 1);
    assert_eq!(columns[2].nodes.len(), 1, "the keys of a dictionary, and not its values");
    assert_eq!((ints(&columns[2], 1)[1], columns[2].nodes[0].null_count), (0, 1));
}

#[test]
fn nothing_is_copied_where_all_rows_pass_or_none() {
    let batch = batch().slice(2, 2);
    let all = Transform::new(&batch.schema(), &steps(&format!("[{}]", more_than("n", 2)))).expect("transform");
    assert!(matches!(all.apply(&lent(&all, &batch)), Ok(Transformed::Unchanged)));
    let none = Transform::new(&batch.schema(), &steps(&format!("[{}]", more_than("n", 4)))).expect("transform");
    assert!(matches!(none.apply(&lent(&none, &batch)), Ok(Transformed::Empty)));
    let empty = batch.slice(0, 0);
    assert!(matches!(all.apply(&lent(&all, &empty)), Ok(Transformed::Empty)));
}

#[test]
fn columns_are_lent_as_far_as_they_are_needed() {
    let schema = batch().schema();
    let lending = |json: &str| {
        let transform = Transform::new(&schema, &steps(json)).expect("transform");
        (transform.lending().reads.clone(), transform.lending().sources.clone(), transform.input().clone())
    };
    let column = |column, dictionaries| LentColumn { column, dictionaries };
    let (reads, sources, input) = lending(&format!(r#"[{}, {{"select": ["d"]}}]"#, more_than("n", 2)));
    assert_eq!((reads, sources), (vec![column(0, true), column(2, false)], vec![Some(2)]));
    assert_eq!(input.field(1).data_type(), &DataType::Int32);
    let test =
        r#"{"where": {"call": "eq", "arguments": [{"column": ["d"]}, {"literal": {"type": "string", "value": "x"}}]}}"#;
    let rename = r#"{"rename": [["d", "e"]]}"#;
    let (reads, sources, input) = lending(&format!(r#"[{test}, {rename}, {{"select": ["e"]}}]"#));
    assert_eq!((reads, sources), (vec![column(2, true)], vec![Some(2)]));
    assert!(matches!(input.field(0).data_type(), DataType::Dictionary(..)));
}

#[test]
fn a_dictionary_that_is_tested_gives_its_keys() {
    let batch = batch();
    let test = r#"[{"where": {"call": "eq", "arguments": [{"column": ["d"]}, {"literal": {"type": "string", "value": "x"}}]}}]"#;
    let transform = Transform::new(&batch.schema(), &steps(test)).expect("transform");
    let (rows, columns) = columns(transform.apply(&lent(&transform, &batch)).expect("applied"));
    assert_eq!((rows, ints(&columns[2], 1)), (2, vec![0, 0]));
    assert_eq!(ints(&columns[0], 1), [1, 4]);
}

#[test]
fn columns_that_pass_whole_share_no_memory_with_the_batch() {
    let batch = batch();
    let chosen = Transform::new(&batch.schema(), &steps(r#"[{"select": ["s", "n"]}]"#)).expect("transform");
    let given = lent(&chosen, &batch);
    let (rows, columns) = columns(chosen.apply(&given).expect("applied"));
    assert_eq!((rows, ints(&columns[1], 1)[3]), (4, 4));
    for buffer in columns.iter().flat_map(|column| &column.buffers).map(|buffer| buffer.as_slice().as_ptr_range()) {
        for data in given.columns().iter().map(|column| column.to_data()) {
            assert!(data.buffers().iter().all(|lent| !lent.as_slice().as_ptr_range().contains(&buffer.start)));
        }
    }
}

#[test]
fn conditions_on_what_was_renamed_and_computed_narrow_one_after_the_other() {
    let batch = batch();
    let json = format!(
        r#"[{{"rename": [["n", "m"]]}}, {}, {}, {{"withColumns": [["copy", {{"column": ["m"]}}]]}}]"#,
        more_than("m", 0),
        more_than("m", 1),
    );
    let transform = Transform::new(&batch.schema(), &steps(&json)).expect("transform");
    let (_, columns) = columns(transform.apply(&lent(&transform, &batch)).expect("applied"));
    assert_eq!((ints(&columns[0], 1), ints(&columns[3], 1)), (vec![3, 4], vec![3, 4]));
    let names: Vec<&String> = transform.schema().fields().iter().map(|field| field.name()).collect();
    assert_eq!(names, ["m", "s", "d", "copy"]);
}

#[test]
fn lists_are_gathered_with_their_items() {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([
        Some(vec![Some(1), None]),
        None,
        Some(vec![]),
        Some(vec![Some(4), Some(5)]),
    ]);
    let n: ArrayRef = Arc::new(Int32Array::from(vec![1, 2, 3, 4]));
    let batch =
        RecordBatch::try_from_iter_with_nullable([("n", n, false), ("l", Arc::new(list), true)]).expect("batch");
    let transform = Transform::new(&batch.schema(), &steps(&format!("[{}]", more_than("n", 1)))).expect("transform");
    let (rows, columns) = columns(transform.apply(&lent(&transform, &batch)).expect("applied"));
    assert_eq!((rows, columns[1].nodes[0].null_count, columns[1].nodes[1].length), (3, 1, 2));
    assert_eq!((ints(&columns[1], 1), ints(&columns[1], 3)), (vec![0, 0, 0, 2], vec![4, 5]));
}

#[test]
fn schemas_and_steps_that_make_no_sense_are_errors() {
    let n = Field::new("n", DataType::Int32, true);
    let code = |schema: &Schema, json: &str| {
        Transform::new(schema, &steps(json))
            .map(|_| ())
            .map_err(|error| (error.code(), error.column().map(str::to_owned)))
    };
    let named = |name: &str| Some(name.to_owned());
    let twice = Schema::new(vec![n.clone(), n.clone()]);
    assert_eq!(code(&twice, "[]"), Err((ErrorCode::UnsupportedFeature, named("n"))));
    let plain = Schema::new(vec![n.clone()]);
    assert_eq!(code(&plain, &format!("[{}]", more_than("m", 1))), Err((ErrorCode::UnknownColumn, named("m"))));
    let view = Field::new("v", DataType::new_list(DataType::Utf8View, true), true);
    let odd = Schema::new(vec![n, view]);
    assert_eq!(code(&odd, &format!("[{}]", more_than("n", 1))), Err((ErrorCode::UnsupportedFeature, named("v"))));
    assert_eq!(code(&odd, &format!(r#"[{}, {{"select": ["n"]}}]"#, more_than("n", 1))), Ok(()));
}

#[test]
fn steps_are_read_as_deep_as_expressions_go() {
    let nested = |levels: usize| {
        let (open, close) = (r#"{"call": "not", "arguments": ["#.repeat(levels), "]}".repeat(levels));
        format!(r#"[{{"withColumns": [["x", {open}{{"literal": {{"type": "boolean", "value": true}}}}{close}]]}}]"#)
    };
    assert!(Step::list_from_json(&nested(255)).is_ok());
    for wrong in [nested(256), nested(100_000), r#"[{"nonsense": 1}]"#.to_owned(), "{}".to_owned(), "[".to_owned()] {
        let error = Step::list_from_json(&wrong).expect_err("wrong");
        assert_eq!(error.code(), ErrorCode::InvalidExpression);
        assert!(error.to_string().starts_with("Cannot read the steps: "), "{error}");
    }
}
