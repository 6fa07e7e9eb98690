//! Files of a certain shape, whose values follow from the row number *i*:
//!
//! | column | value |
//! | --- | --- |
//! | `id` | *i*, 64 bits |
//! | `bucket` | *i* / 1000, rounded down |
//! | `text` | `row` *i* |
//! | `price` | *i* / 4 |
//! | `flag` | whether *i* is a multiple of 3 |
//! | `maybe` | *i*, and null where *i* is a multiple of 3 |
//! | `point` | a struct: `x` is *i*, and `in` is a struct whose `word` is `w` *i* mod 10 |

use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray, StructArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};

use crate::write::{Outcome, parquet};

const MIB: usize = 1 << 20;

pub fn write(directory: &Path) -> Outcome {
    let snappy = || WriterProperties::builder().set_compression(Compression::SNAPPY);
    let sized = |rows| snappy().set_max_row_group_row_count(Some(rows));
    let file = |name: &str, rows, properties: WriterPropertiesBuilder| {
        parquet(directory, name, sequence(rows), properties.build())
    };
    file("sequence", 100_000, sized(10_000).set_data_page_row_count_limit(1_000).set_write_batch_size(500))?;
    file("one_row_group", 400_000, sized(400_000).set_data_page_row_count_limit(5_000))?;
    file(
        "one_row_group_no_index",
        400_000,
        sized(400_000)
            .set_data_page_row_count_limit(5_000)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_offset_index_disabled(true),
    )?;
    file("tiny_row_groups", 20_000, sized(10))?;
    // By size: the pages of different columns end at different rows.
    file(
        "uneven_pages",
        30_000,
        sized(7_000).set_data_page_size_limit(700).set_write_batch_size(13).set_dictionary_enabled(false),
    )?;
    file("one_row", 1, snappy())?;
    file("no_rows", 0, snappy())?;
    parquet(
        directory,
        "long_after_short",
        [long_after_short()?],
        sized(1_000_000).set_dictionary_enabled(false).set_write_batch_size(4).build(),
    )?;
    parquet(directory, "names", [names()?], snappy().build())?;
    parquet(directory, "wide", [wide()?], snappy().build())
}

pub fn sequence(rows: usize) -> impl Iterator<Item = RecordBatch> {
    const STEP: usize = 50_000;
    (0..rows.max(1))
        .step_by(STEP)
        .map(move |start| sequence_batch(start, rows.min(start + STEP)).expect("equal lengths"))
}

pub fn sequence_batch(start: usize, end: usize) -> Result<RecordBatch, ArrowError> {
    let rows = || start..end;
    let words = Arc::new(StringArray::from_iter_values(rows().map(|row| format!("w{}", row % 10))));
    let inner: ArrayRef =
        Arc::new(StructArray::from(vec![(Arc::new(Field::new("word", DataType::Utf8, false)), words as ArrayRef)]));
    let x: ArrayRef = Arc::new(Int32Array::from_iter_values(rows().map(|row| row as i32)));
    let point = StructArray::from(vec![
        (Arc::new(Field::new("x", DataType::Int32, false)), x),
        (Arc::new(Field::new("in", inner.data_type().clone(), false)), inner),
    ]);
    batch(vec![
        ("id", Arc::new(Int64Array::from_iter_values(rows().map(|row| row as i64)))),
        ("bucket", Arc::new(Int32Array::from_iter_values(rows().map(|row| (row / 1_000) as i32)))),
        ("text", Arc::new(StringArray::from_iter_values(rows().map(|row| format!("row {row}"))))),
        ("price", Arc::new(Float64Array::from_iter_values(rows().map(|row| row as f64 / 4.0)))),
        ("flag", Arc::new(BooleanArray::from_iter(rows().map(|row| Some(row.is_multiple_of(3)))))),
        ("maybe", Arc::new(Int32Array::from_iter(rows().map(|row| (!row.is_multiple_of(3)).then_some(row as i32))))),
        ("point", Arc::new(point)),
    ])
}

/// 30,000 rows of `id` and a short `text`, then 12 of 5 MiB (a line with the row number, repeated), then 1,000 short.
fn long_after_short() -> Result<RecordBatch, ArrowError> {
    let text = |row: usize| {
        if (30_000..30_012).contains(&row) { format!("{row:063}\n").repeat(5 * MIB / 64) } else { format!("row {row}") }
    };
    batch(vec![
        ("id", Arc::new(Int64Array::from_iter_values(0..31_012))),
        ("text", Arc::new(StringArray::from_iter_values((0..31_012).map(text)))),
    ])
}

/// Ten rows in columns whose names are easy to mistake; the value is the row plus 100 times the column's position.
fn names() -> Result<RecordBatch, ArrowError> {
    let column = |at: i32| Arc::new(Int32Array::from_iter_values((0..10).map(|row| at * 100 + row))) as ArrayRef;
    let within = StructArray::from(vec![
        (Arc::new(Field::new("b", DataType::Int32, false)), column(6)),
        (Arc::new(Field::new("c.d", DataType::Int32, false)), column(7)),
    ]);
    batch(vec![
        ("id", column(0)),
        ("ID", column(1)),
        ("a.b", column(2)),
        ("with space", column(3)),
        ("stra\u{df}e \u{6c34}", column(4)),
        ("", column(5)),
        ("a", Arc::new(within)),
    ])
}

/// Twenty rows of 500 columns `c0`…; the value is the row plus 100 times the column's position.
fn wide() -> Result<RecordBatch, ArrowError> {
    let names = (0..500).map(|at| format!("c{at}")).collect::<Vec<_>>();
    batch(
        names
            .iter()
            .enumerate()
            .map(|(at, name)| {
                let values = (0..20).map(|row| at as i32 * 100 + row);
                (name.as_str(), Arc::new(Int32Array::from_iter_values(values)) as ArrayRef)
            })
            .collect(),
    )
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> Result<RecordBatch, ArrowError> {
    let (fields, columns): (Vec<_>, Vec<_>) = columns
        .into_iter()
        .map(|(name, column)| {
            (Field::new(name, column.data_type().clone(), column.null_count() > 0 || name == "maybe"), column)
        })
        .unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}
