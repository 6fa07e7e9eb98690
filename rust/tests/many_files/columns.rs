//! Columns that differ from file to file.

use std::sync::Arc;

use arrow_array::{ArrayRef, Decimal128Array, Float64Array, Int32Array, StringArray};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use serde_json::json;
use spillway::error::ErrorCode;

use crate::{Folder, compare, int64s, open, range, read, strings};

#[test]
fn files_must_have_the_same_columns_unless_told_otherwise() {
    let folder = Folder::new();
    let a = folder.write("a.parquet", vec![("x", range(0, 10)), ("y", range(0, 10))]);
    let text: ArrayRef = Arc::new(StringArray::from_iter_values((0..10).map(|row| row.to_string())));
    let b = folder.write("b.parquet", vec![("x", text), ("z", range(0, 10))]);
    let files = [json!({ "path": a }), json!({ "path": b })];
    let scan = open(&files, json!({}));
    let first = scan.next_blocking(None).expect("the first file's rows").expect("a batch");
    assert_eq!(first.rows, 10);
    let error = read(&scan).expect_err("mismatch");
    assert_eq!(error.code(), ErrorCode::SchemaMismatch);
    let told: Vec<(&str, Option<&str>, Option<&str>)> = error
        .mismatches()
        .iter()
        .map(|mismatch| (mismatch.column.as_str(), mismatch.found.as_deref(), mismatch.expected.as_deref()))
        .collect();
    assert_eq!(told, [("x", Some("Utf8"), Some("Int64")), ("y", None, Some("Int64")), ("z", Some("Int64"), None)]);
    assert!(error.to_string().contains(&a) && error.to_string().contains(&b), "{error}");
    // What is not read may differ.
    let c = folder.write("c.parquet", vec![("w", range(0, 10)), ("y", range(10, 10))]);
    let scan = open(&[json!({ "path": a }), json!({ "path": c })], json!({ "columns": ["y"] }));
    assert_eq!(int64s(&read(&scan).expect("rows"), 1), (0..20).collect::<Vec<_>>());
}

#[test]
fn columns_are_widened_by_name_or_null_where_they_are_missing() {
    let folder = Folder::new();
    let narrow: ArrayRef = Arc::new(Int32Array::from_iter_values(0..10));
    let a = folder.write("a.parquet", vec![("x", range(100, 10)), ("y", range(0, 10))]);
    let b = folder.write("b.parquet", vec![("y", range(10, 10)), ("x", narrow.clone()), ("extra", range(0, 10))]);
    let c = folder.write("c.parquet", vec![("x", range(0, 10))]);
    let files = [json!({ "path": a }), json!({ "path": b }), json!({ "path": c })];
    let scan = open(&files, json!({ "schema": "first" }));
    let batches = read(&scan).expect("rows");
    assert_eq!(int64s(&batches, 1), (100..110).chain(0..10).chain(0..10).collect::<Vec<_>>());
    let nulls: usize = batches.iter().map(|batch| batch.nodes[1].null_count).sum();
    assert_eq!((int64s(&batches, 3)[..20].to_vec(), nulls), ((0..20).collect(), 10));
    // The narrow file first: only a union is wide enough.
    let files = [json!({ "path": b }), json!({ "path": a })];
    let error = read(&open(&files, json!({ "schema": "first" }))).expect_err("int64 as int32");
    assert_eq!((error.code(), error.column()), (ErrorCode::SchemaMismatch, Some("x")));
    let scan = open(&files, json!({ "schema": "union" }));
    let batches = read(&scan).expect("rows");
    let names: Vec<String> = scan
        .opened()
        .expect("open")
        .expect("opened")
        .schema
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    assert_eq!(names, ["y", "x", "extra"]);
    assert_eq!(int64s(&batches, 3), (0..10).chain(100..110).collect::<Vec<_>>());
    // A predicate sees the wide type and the nulls.
    let steps = json!([{ "where": compare("gt", "x", 104.0) }, { "select": ["extra"] }]);
    let batches = read(&open(&files, json!({ "schema": "union", "steps": steps }))).expect("rows");
    assert_eq!(batches.iter().map(|batch| batch.rows).sum::<u64>(), 5);
    assert_eq!(batches.iter().map(|batch| batch.nodes[0].null_count).sum::<usize>(), 5);
    let steps = json!([{ "where": { "call": "isNull", "arguments": [{ "column": ["extra"] }] } }]);
    let batches = read(&open(&files, json!({ "schema": "union", "steps": steps }))).expect("rows");
    assert_eq!(int64s(&batches, 3), (100..110).collect::<Vec<_>>());
}

#[test]
fn a_schema_that_is_given_decides() {
    let folder = Folder::new();
    let a = folder.write("a.parquet", vec![("x", range(0, 5))]);
    let amount: ArrayRef =
        Arc::new(Decimal128Array::from_iter_values(0..5).with_precision_and_scale(9, 2).expect("decimal"));
    let b = folder.write("b.parquet", vec![("amount", amount), ("x", range(5, 5))]);
    let schema = Schema::new(vec![
        Field::new("x", DataType::Int64, true),
        Field::new("amount", DataType::Decimal128(20, 4), true),
        Field::new("note", DataType::Utf8, true),
    ]);
    let bytes = StreamWriter::try_new(Vec::new(), &schema).expect("writer").into_inner().expect("schema");
    let hex = bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let files = [json!({ "path": a }), json!({ "path": b })];
    let batches = read(&open(&files, json!({ "givenSchema": hex }))).expect("rows");
    assert_eq!(int64s(&batches, 1), (0..10).collect::<Vec<_>>());
    let last = &batches[1].buffers[3].as_slice()[4 * 16..];
    assert_eq!(i128::from_le_bytes(last.try_into().expect("16 bytes")), 400, "0.04 with four decimals");
    assert!(batches.iter().all(|batch| batch.nodes[2].null_count as u64 == batch.rows));
    let error = read(&open(&files, json!({ "givenSchema": "zz" }))).expect_err("no schema");
    assert_eq!(error.code(), ErrorCode::InvalidArgument);
}

#[test]
fn strings_that_are_missing_are_null() {
    let folder = Folder::new();
    let text: ArrayRef = Arc::new(StringArray::from_iter_values(["a", "bc", "def"]));
    let float: ArrayRef = Arc::new(Float64Array::from_iter_values([1.0, 2.0, 3.0]));
    let a = folder.write("a.parquet", vec![("text", text)]);
    let b = folder.write("b.parquet", vec![("float", float)]);
    let batches =
        read(&open(&[json!({ "path": a }), json!({ "path": b })], json!({ "schema": "union" }))).expect("rows");
    assert_eq!(strings(&batches, 1), ["a", "bc", "def", "", "", ""]);
    assert_eq!(batches.iter().map(|batch| batch.nodes[0].null_count).collect::<Vec<_>>(), [0, 3]);
}
