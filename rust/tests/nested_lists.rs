//! Lists of structs of lists, with nulls and empty lists wherever they may be, written in pages of both versions.

mod support {
    #[allow(dead_code)]
    pub mod samples;
}

use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_json::ReaderBuilder;
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{WriterProperties, WriterVersion};
use serde_json::{Value, json};
use spillway::batches::column::Node;
use spillway::batches::nested::{copied, laid_out};
use spillway::options::ScanOptions;
use spillway::scan::Scan;

use support::samples::Random;

const ROWS: usize = 600;

fn list(item: DataType, nulls: bool) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, nulls)))
}

/// A type with lists in lists, of fields that may be null or not.
fn nested_type(random: &mut Random, depth: usize) -> DataType {
    let leaf = || DataType::Struct(vec![Field::new("n", DataType::Int64, true)].into());
    let inner = if depth == 0 { leaf() } else { nested_type(random, depth - 1) };
    let fields = vec![
        Field::new("id", DataType::Int64, random.one_in(2)),
        Field::new("tags", list(DataType::Utf8, random.one_in(2)), random.one_in(2)),
        Field::new("inner", inner, random.one_in(2)),
    ];
    list(DataType::Struct(fields.into()), random.one_in(2))
}

/// A value of a type; one in `rarity` is null or empty.
fn value(data_type: &DataType, nullable: bool, random: &mut Random, rarity: usize) -> Value {
    if nullable && random.one_in(rarity) {
        return Value::Null;
    }
    match data_type {
        DataType::List(item) => {
            let length = if random.one_in(rarity) { 0 } else { 1 + random.below(4) };
            (0..length).map(|_| value(item.data_type(), item.is_nullable(), random, rarity)).collect()
        }
        DataType::Struct(fields) => {
            let members = fields
                .iter()
                .map(|field| (field.name().clone(), value(field.data_type(), field.is_nullable(), random, rarity)));
            Value::Object(members.collect())
        }
        DataType::Utf8 => json!(format!("tag {}", random.below(100))),
        _ => json!(random.below(1_000_000)),
    }
}

fn batch(random: &mut Random, rarity: usize) -> RecordBatch {
    let field = Field::new("c", nested_type(random, 2), random.one_in(2));
    let rows: Vec<Value> =
        (0..ROWS).map(|_| json!({ "c": value(field.data_type(), field.is_nullable(), random, rarity) })).collect();
    let schema = Arc::new(Schema::new(vec![field]));
    let mut decoder = ReaderBuilder::new(schema).with_batch_size(ROWS).build_decoder().expect("decoder");
    decoder.serialize(&rows).expect("rows");
    decoder.flush().expect("rows").expect("a batch")
}

/// How many values the column and all that is within it have; nulls within null structs are told in several ways.
fn lengths(nodes: &[Node]) -> Vec<usize> {
    nodes.iter().map(|node| node.length).collect()
}

/// Rows of each batch of a scan, and these lengths.
fn shapes(options: &Value) -> Vec<(usize, Vec<usize>)> {
    let scan = Scan::open(ScanOptions::from_json(options.to_string().as_bytes()).expect("options"));
    let batches = std::iter::from_fn(|| scan.next_blocking(None).expect("a sound file"));
    batches.map(|batch| (batch.rows as usize, lengths(&batch.nodes))).collect()
}

#[test]
fn no_list_that_a_writer_gives_is_refused() {
    let random = &mut Random(20_260_729);
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("nested.parquet");
    // From nearly nothing but nulls to none.
    for (rarity, version) in
        [2, 3, 6, 40, 1_000_000].into_iter().flat_map(|rarity| [1, 2].map(|version| (rarity, version)))
    {
        let batch = batch(random, rarity);
        let version = if version == 1 { WriterVersion::PARQUET_1_0 } else { WriterVersion::PARQUET_2_0 };
        let properties = WriterProperties::builder()
            .set_writer_version(version)
            .set_data_page_row_count_limit(1 + random.below(100))
            .set_write_batch_size(1 + random.below(64))
            .set_max_row_group_row_count(Some(1 + ROWS / 2))
            .build();
        let file = std::fs::File::create(&path).expect("file");
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("writer");
        writer.write(&batch).expect("written");
        writer.close().expect("closed");
        let skipped = random.below(ROWS);
        for (size, offset) in [(1, 0), (7, 0), (ROWS, 0), (20, skipped)] {
            let options = json!({ "path": path, "fixedRows": size, "offset": offset });
            let mut at = offset;
            for (rows, found) in shapes(&options) {
                let expected = batch.column(0).slice(at, rows);
                let expected = laid_out(&copied(&expected.to_data()).expect("its own"));
                assert_eq!(found, lengths(&expected.nodes), "{rows} rows at {at} of {rarity} in version {version:?}");
                at += rows;
            }
            assert_eq!(at, ROWS);
        }
    }
}
