//! Names of columns against schemas flat and nested.

use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use spillway::error::{ErrorCode, Result};
use spillway::files::file::ParquetFile;
use spillway::files::projection::Projection;
use spillway::source::IoMode;
use std::sync::Arc;

const SCHEMA: &str = "message schema {
  optional int64 id;
  optional binary l_comment (UTF8);
  optional int32 a.b;
  optional group a { optional int32 b; optional int32 c; optional group d { optional int32 e; } }
  optional group items (LIST) { repeated group list { optional group element { optional double price; optional int32 count; } } }
  optional group old (LIST) { repeated int32 array; }
  optional group attributes (MAP) { repeated group key_value { required binary key (UTF8); optional group value { optional int32 x; optional int32 y; } } }
  optional int64 last;
}";
const NAMES: [&str; 8] = ["id", "l_comment", "a.b", "a", "items", "old", "attributes", "last"];

fn resolve(columns: Option<&[&str]>) -> Result<Vec<(String, usize, Vec<usize>)>> {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("schema.parquet");
    let schema = Arc::new(parse_message_type(SCHEMA).expect("schema"));
    let file = std::fs::File::create(&path).expect("create");
    let writer = SerializedFileWriter::new(file, schema, Arc::new(WriterProperties::default())).expect("writer");
    writer.close().expect("close");
    let file = ParquetFile::open(path.to_str().expect("UTF-8"), IoMode::Mmap)?;
    let names: Vec<&str> = file.schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, NAMES);
    let columns = columns.map(|columns| columns.iter().map(ToString::to_string).collect::<Vec<_>>());
    let projection = Projection::resolve(&file, columns.as_deref())?;
    for root in &projection.roots {
        assert_eq!(root.name, NAMES[root.root_index]);
    }
    Ok(projection.roots.into_iter().map(|root| (root.name, root.root_index, root.leaves)).collect())
}

fn leaves(columns: &[&str]) -> Vec<Vec<usize>> {
    resolve(Some(columns)).expect("columns").into_iter().map(|root| root.2).collect()
}

#[test]
fn all_columns_come_in_the_file_s_order() {
    let all = resolve(None).expect("columns");
    let expected: Vec<Vec<usize>> =
        vec![vec![0], vec![1], vec![2], vec![3, 4, 5], vec![6, 7], vec![8], vec![9, 10, 11], vec![12]];
    assert_eq!(all.iter().map(|root| root.2.clone()).collect::<Vec<_>>(), expected);
    assert_eq!(all.iter().map(|root| root.1).collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
}

#[test]
fn the_order_asked_for_is_kept_and_no_columns_are_none() {
    let columns = resolve(Some(&["last", "id", "l_comment"])).expect("columns");
    assert_eq!(columns.iter().map(|root| root.0.as_str()).collect::<Vec<_>>(), ["last", "id", "l_comment"]);
    assert!(resolve(Some(&[])).expect("columns").is_empty());
}

#[test]
fn a_top_level_name_with_dots_comes_before_a_nested_path() {
    assert_eq!(leaves(&["a.b"]), [vec![2]]);
    assert_eq!(leaves(&["a.c"]), [vec![4]]);
    assert_eq!(leaves(&["a.d"]), [vec![5]]);
    assert_eq!(leaves(&["a.d.e"]), [vec![5]]);
}

#[test]
fn paths_under_one_root_are_merged_at_its_first_mention() {
    let columns = resolve(Some(&["a.d.e", "id", "a.c"])).expect("columns");
    assert_eq!(columns, [("a".into(), 3, vec![4, 5]), ("id".into(), 0, vec![0])]);
    assert_eq!(leaves(&["a.c", "a"]), [vec![3, 4, 5]]);
}

#[test]
fn lists_are_looked_through_and_maps_are_read_whole() {
    assert_eq!(leaves(&["items.price"]), [vec![6]]);
    assert_eq!(leaves(&["items.list.element.count"]), [vec![7]]);
    assert_eq!(leaves(&["items.list"]), [vec![6, 7]]);
    assert_eq!(leaves(&["old.array"]), [vec![8]]);
    for path in ["attributes", "attributes.key", "attributes.value.x", "attributes.key_value.value.y"] {
        assert_eq!(leaves(&[path]), [vec![9, 10, 11]], "{path}");
    }
}

#[test]
fn a_name_given_twice_is_refused() {
    let error = resolve(Some(&["id", "a.c", "id"])).expect_err("twice");
    assert_eq!((error.code(), error.column()), (ErrorCode::InvalidArgument, Some("id")));
}

#[test]
fn an_unknown_name_gets_the_nearest_ones() {
    let suggestions = |name: &str| {
        let error = resolve(Some(&[name])).expect_err("unknown");
        assert_eq!((error.code(), error.column()), (ErrorCode::UnknownColumn, Some(name)));
        error.suggestions().to_vec()
    };
    assert_eq!(suggestions("ID"), ["id"]);
    assert_eq!(suggestions("l_coment"), ["l_comment"]);
    assert_eq!(suggestions("items.prize"), ["items.price"]);
    assert_eq!(suggestions("item"), ["items"]);
    assert_eq!(suggestions("a.d.f"), ["a.d.e"]);
    assert!(suggestions("quantity_of_everything").is_empty());
    assert!(suggestions("").is_empty());
    let error = resolve(Some(&["nothing_like_it"])).expect_err("unknown");
    assert!(error.to_string().contains("it has 'id', 'l_comment', 'a.b'"), "{error}");
}
