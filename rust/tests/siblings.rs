//! Columns that are in one list, struct or map, each of which stores its shape: they have to agree on it.

mod support;

use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder, MapBuilder, StructBuilder};
use arrow_array::{Array, ArrayRef, Int32Array, RecordBatch};
use arrow_schema::{DataType, Field, Fields};
use parquet::data_type::Int32Type as StoredInt32;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::{Value, json};
use spillway::batches::batch::{Batch, HeldBuffer};
use spillway::batches::column::ColumnBuffer;
use spillway::batches::nested::{copied, laid_out};
use spillway::error::{ErrorCode, Result};
use spillway::options::ScanOptions;
use spillway::scan::Scan;

use support::write_file;

/// The repetition and definition levels of a column.
type Levels<'a> = (&'a [i16], &'a [i16]);

/// A file of nested columns of numbers, besides one that counts the rows.
fn written(version: WriterVersion, fields: &str, rows: usize, columns: &[Levels]) -> Vec<u8> {
    let schema = parse_message_type(&format!("message m {{ required int32 id; {fields} }}")).expect("schema");
    let properties = WriterProperties::builder().set_writer_version(version).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties)).expect("writer");
    let leaves = writer.schema_descr().columns().to_vec();
    assert_eq!(leaves.len(), columns.len() + 1);
    let mut row_group = writer.next_row_group().expect("row group");
    let ids = vec![0; rows];
    for (leaf, (repetition, definition)) in leaves.iter().zip([(&[][..], &ids[..])].iter().chain(columns)) {
        let values = definition.iter().filter(|level| **level == leaf.max_def_level()).count();
        let values: Vec<i32> = (0..values as i32).collect();
        let mut column = row_group.next_column().expect("column").expect("a column");
        let [repetition, definition] = [(repetition, leaf.max_rep_level()), (definition, leaf.max_def_level())]
            .map(|(levels, most)| (most > 0).then_some(*levels));
        column.typed::<StoredInt32>().write_batch(&values, definition, repetition).expect("written");
        column.close().expect("closed");
    }
    row_group.close().expect("closed");
    writer.into_inner().expect("closed")
}

fn from_row(row: usize) -> Value {
    let arguments = json!([{ "column": ["id"] }, { "literal": { "type": "number", "value": row } }]);
    json!({ "where": { "call": "ge", "arguments": arguments } })
}

fn scanned(options: &Value) -> Result<Vec<Batch>> {
    let scan = Scan::open(ScanOptions::from_json(options.to_string().as_bytes())?);
    std::iter::from_fn(|| scan.next_blocking(None).transpose()).map(|batch| batch.map(|batch| *batch)).collect()
}

/// Scans a file in all ways; each has to give so many rows, or none of `nested` for which columns contradict each other.
fn assert_scans(file: &[u8], rows: usize, contradiction: Option<[&str; 2]>) {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("siblings.parquet");
    std::fs::write(&path, file).expect("written");
    for size in [1, 2, 1000] {
        for steps in [json!([]), json!([from_row(0)]), json!([from_row(rows - 1)])] {
            let options = json!({ "path": path, "fixedRows": size, "steps": steps });
            let scanned = scanned(&options);
            let Some(columns) = contradiction else {
                let found: u64 = scanned.expect("sound").iter().map(|batch| batch.rows).sum();
                assert_eq!(found, if steps == json!([from_row(rows - 1)]) { 1 } else { rows as u64 });
                continue;
            };
            let error = scanned.expect_err("contradicting columns");
            assert_eq!(error.code(), ErrorCode::CorruptFile, "{error}");
            let cause = error.cause().expect("a cause");
            assert!(cause.contains("contradict each other"), "{cause}");
            assert!(columns.iter().all(|column| cause.contains(&format!("'{column}'"))), "{cause}");
        }
    }
}

/// Writes columns that agree, and then in the place of one what contradicts the others.
fn assert_refused(fields: &str, rows: usize, columns: &[Levels], place: usize, wrong: &[Levels], named: [&str; 2]) {
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        assert_scans(&written(version, fields, rows, columns), rows, None);
        for levels in wrong {
            let mut damaged = columns.to_vec();
            damaged[place] = *levels;
            assert_scans(&written(version, fields, rows, &damaged), rows, Some(named));
        }
    }
}

#[test]
fn fields_of_a_list_of_structs_have_lists_of_the_same_lengths() {
    let fields = "optional group c (LIST) { repeated group list { optional group element {
        optional int32 a; required int32 b; } } }";
    let names = ["c.list.element.a", "c.list.element.b"];
    // Rows of 2 structs, of 1, none, and of one that is null.
    let a: Levels = (&[0, 1, 0, 0, 0], &[4, 3, 4, 0, 2]);
    let b: Levels = (&[0, 1, 0, 0, 0], &[3, 3, 3, 0, 2]);
    let wrong: [Levels; 5] = [
        (&[0, 0, 1, 0, 0], &[3, 3, 3, 0, 2]),
        (&[0, 1, 0, 0, 0], &[3, 3, 3, 1, 2]),
        (&[0, 1, 0, 0, 0], &[3, 3, 3, 0, 3]),
        (&[0, 1, 0, 0, 0, 1], &[3, 3, 3, 0, 2, 2]),
        (&[0, 0, 0, 0], &[3, 3, 0, 2]),
    ];
    assert_refused(fields, 4, &[a, b], 1, &wrong, names);
    assert_refused(fields, 4, &[a, b], 0, &[(&[0, 0, 1, 0, 0], &[4, 3, 4, 0, 2])], names);
}

#[test]
fn fields_of_a_struct_are_of_null_structs_together() {
    let fields = "optional group c { required int32 a; optional group l (LIST) { repeated group list {
        required int32 element; } } optional int32 b; }";
    let a: Levels = (&[], &[1, 1, 0, 1]);
    let l: Levels = (&[0, 1, 0, 0, 0], &[3, 3, 2, 0, 1]);
    let b: Levels = (&[], &[2, 1, 0, 2]);
    assert_refused(
        fields,
        4,
        &[a, l, b],
        0,
        &[(&[], &[1, 1, 1, 1]), (&[], &[0, 1, 0, 1])],
        ["c.a", "c.l.list.element"],
    );
    let named = ["c.l.list.element", "c.b"];
    assert_refused(fields, 4, &[a, l, b], 2, &[(&[], &[2, 1, 1, 2]), (&[], &[2, 1, 0, 0])], named);
}

#[test]
fn keys_of_a_map_have_a_value_each() {
    let fields = "optional group c (MAP) { repeated group key_value { required int32 key; optional int32 value; } }";
    let (key, value): (Levels, Levels) = ((&[0, 1, 1, 0, 0], &[2, 2, 2, 1, 2]), (&[0, 1, 1, 0, 0], &[2, 3, 3, 1, 3]));
    let wrong: [Levels; 3] = [
        (&[0, 1, 0, 0, 1], &[3, 3, 1, 2, 3]),
        (&[0, 1, 1, 0, 0], &[2, 3, 3, 0, 3]),
        (&[0, 1, 1, 1, 0, 0], &[2, 3, 3, 3, 1, 3]),
    ];
    assert_refused(fields, 3, &[key, value], 1, &wrong, ["c.key_value.key", "c.key_value.value"]);
}

#[test]
fn what_is_of_one_column_alone_need_not_agree() {
    // Lists of each struct, and a struct in which a field is null.
    let fields = "optional group c (LIST) { repeated group list { required group element {
        optional group a (LIST) { repeated group list { required int32 element; } }
        optional group b { optional int32 d; } } } }";
    let a: Levels = (&[0, 2, 1, 0, 0, 2], &[4, 4, 2, 1, 4, 4]);
    let b: Levels = (&[0, 1, 0, 0], &[2, 4, 1, 3]);
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        assert_scans(&written(version, fields, 3, &[a, b]), 3, None);
    }
}

#[test]
fn columns_that_are_not_read_are_not_compared() {
    let fields = "optional group c { required int32 a; required int32 b; }";
    let columns: [Levels; 2] = [(&[], &[1, 0]), (&[], &[1, 1])];
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("siblings.parquet");
    std::fs::write(&path, written(WriterVersion::PARQUET_1_0, fields, 2, &columns)).expect("written");
    for (columns, is_right) in [(json!(["c.a"]), true), (json!(["c.b"]), true), (json!(["c"]), false)] {
        let scanned = scanned(&json!({ "path": path, "columns": columns }));
        assert_eq!(scanned.is_ok(), is_right, "{columns}");
    }
}

/// Rows of lists of structs, of structs and of maps, with nulls of all of them.
fn rows(count: i32) -> RecordBatch {
    let fields = Fields::from(vec![
        Field::new("a", DataType::Int32, true),
        Field::new("in", DataType::List(Arc::new(Field::new("item", DataType::Int32, true))), true),
        Field::new("b", DataType::Int32, true),
    ]);
    let mut lists = ListBuilder::new(StructBuilder::from_fields(fields, 0));
    let mut maps = MapBuilder::new(None, Int32Builder::new(), Int32Builder::new());
    for row in 0..count {
        for at in 0..row % 5 {
            let is_null = (row + at) % 11 == 0;
            let one = lists.values();
            one.field_builder::<Int32Builder>(0).expect("a").append_option((!is_null).then_some(row * 10 + at));
            let inner = one.field_builder::<ListBuilder<Box<dyn arrow_array::builder::ArrayBuilder>>>(1).expect("in");
            for _ in 0..if is_null { 0 } else { row % 4 } {
                let numbers = inner.values().as_any_mut().downcast_mut::<Int32Builder>().expect("numbers");
                numbers.append_value(row);
            }
            inner.append(!is_null && row % 3 > 0);
            one.field_builder::<Int32Builder>(2).expect("b").append_option((at % 2 == 0 && !is_null).then_some(at));
            one.append(!is_null);
            maps.keys().append_value(at);
            maps.values().append_option((row % 7 > 0).then_some(row));
        }
        // Many rows alike are stored in runs.
        lists.append(row % 5 > 0 || row / 500 % 2 == 0);
        maps.append(true).expect("keys and values");
    }
    let ids: ArrayRef = Arc::new(Int32Array::from_iter_values(0..count));
    let (lists, maps): (ArrayRef, ArrayRef) = (Arc::new(lists.finish()), Arc::new(maps.finish()));
    RecordBatch::try_from_iter([("id", ids), ("lists", lists), ("maps", maps)]).expect("batch")
}

/// The rows of a batch as text: what is in lists and maps, and of null structs only that they are.
fn texts(rows: usize, buffers: &[&[u8]]) -> Vec<String> {
    // Each column's validity comes first, then offsets or numbers; structs have validity alone.
    let [id, lists, a, inner, item, b, maps, keys, values] = [1, 3, 6, 8, 10, 12, 14, 17, 19].map(|at| Part {
        validity: buffers[at - 1],
        numbers: buffers[at].chunks_exact(4).map(|bytes| i32::from_le_bytes(bytes.try_into().expect("4"))).collect(),
    });
    let structs = Part { validity: buffers[4], numbers: Vec::new() };
    let one = |at: usize| {
        let inner = inner.range(at).map(|range| range.map(|at| item.number(at)).collect::<Vec<_>>());
        structs.is_valid(at).then(|| (a.number(at), inner, b.number(at)))
    };
    (0..rows)
        .map(|row| {
            let lists = lists.range(row).map(|range| range.map(one).collect::<Vec<_>>());
            let maps =
                maps.range(row).map(|range| range.map(|at| (keys.number(at), values.number(at))).collect::<Vec<_>>());
            format!("{:?}: {lists:?} {maps:?}", id.number(row))
        })
        .collect()
}

/// A column's validity and its numbers or offsets.
struct Part<'a> {
    validity: &'a [u8],
    numbers: Vec<i32>,
}

impl Part<'_> {
    fn is_valid(&self, at: usize) -> bool {
        self.validity.is_empty() || self.validity[at / 8] >> (at % 8) & 1 == 1
    }

    fn number(&self, at: usize) -> Option<i32> {
        self.is_valid(at).then(|| self.numbers[at])
    }

    fn range(&self, at: usize) -> Option<std::ops::Range<usize>> {
        self.is_valid(at).then(|| self.numbers[at] as usize..self.numbers[at + 1] as usize)
    }
}

#[test]
fn rows_of_columns_that_agree_are_right_in_pages_of_all_kinds() {
    let batch = rows(3000);
    let columns: Vec<_> =
        batch.columns().iter().map(|column| laid_out(&copied(&column.to_data()).expect("its own"))).collect();
    let buffers: Vec<&[u8]> =
        columns.iter().flat_map(|column| column.buffers.iter().map(ColumnBuffer::as_slice)).collect();
    let expected = texts(3000, &buffers);
    assert_eq!(expected[1], "Some(1): Some([Some((Some(10), Some([Some(1)]), Some(0)))]) Some([(Some(0), Some(1))])");
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for (page_rows, page_bytes, dictionary) in [(100_000, 1 << 20, true), (37, 1 << 20, true), (1000, 900, false)] {
            let properties = WriterProperties::builder()
                .set_writer_version(version)
                .set_dictionary_enabled(dictionary)
                .set_data_page_row_count_limit(page_rows)
                .set_data_page_size_limit(page_bytes)
                .set_write_batch_size(16)
                .set_max_row_group_row_count(Some(1700))
                .build();
            let file = write_file(&batch, properties);
            for size in [7, 100, 5000] {
                for kept in [0..3000, 40..3000, 1234..1240, 1690..1710, 2999..3000] {
                    let upper = json!([{ "column": ["id"] }, { "literal": { "type": "number", "value": kept.end } }]);
                    let steps = json!([from_row(kept.start), { "where": { "call": "lt", "arguments": upper } }]);
                    let options = json!({ "path": file.path(), "fixedRows": size, "steps": steps });
                    let batches = scanned(&options).expect("sound");
                    let found = batches.iter().flat_map(|batch| {
                        let buffers: Vec<&[u8]> = batch.buffers.iter().map(HeldBuffer::as_slice).collect();
                        texts(batch.rows as usize, &buffers)
                    });
                    let name = format!("{kept:?} by {size} in version {version:?}, {page_rows} a page");
                    assert!(found.eq(expected[kept].iter().cloned()), "{name}");
                }
            }
        }
    }
}
