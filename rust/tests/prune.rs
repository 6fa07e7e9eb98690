//! Pruning against a naive evaluation: nothing that matches is ever skipped, and nothing is called a match that is none.

#[path = "support/naive.rs"]
mod naive;

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, StructArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow_array::{BinaryArray, FixedSizeBinaryArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use spillway::expression::bound::{ArithmeticOp, Bound, ColumnRef, CompareOp, TextOp};
use spillway::file::ParquetFile;
use spillway::prune::{PruneOptions, RowGroupVerdict, SkipReason, prune};
use spillway::source::IoMode;

const ROWS: usize = 600;
const ROW_GROUP_ROWS: usize = 100;

/// A small generator of numbers that look random.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// Columns of many types whose values grow by and by, so that row groups and pages differ; about a tenth is null, and
/// whole pages are now and then.
fn columns(random: &mut Random, rows: usize, nulls: bool, codes: &[i64]) -> RecordBatch {
    let mut numbers = Vec::with_capacity(rows);
    let mut is_null = Vec::with_capacity(rows);
    let mut in_null_run = false;
    for row in 0..rows {
        if row % 25 == 0 {
            in_null_run = nulls && random.one_in(6);
        }
        numbers.push((row / 4) as i64 + random.below(20) as i64 - 30);
        is_null.push(in_null_run || (nulls && random.one_in(10)));
    }
    let some = |row: usize| (!is_null[row]).then_some(numbers[row]);
    let values = || (0..rows).map(some);
    let floats = |number: i64| match number.rem_euclid(17) {
        0 => f64::NAN,
        1 => 0.0,
        2 => -0.0,
        _ => number as f64 / 4.0,
    };
    let texts =
        |number: i64| format!("{}{:03}", if number % 7 == 0 { "prefix-of-some-length-" } else { "b" }, number + 100);
    let fixed = |number: i64| ((number + 1000) as u32).to_be_bytes();
    let decimal = |precision| {
        let array: Decimal128Array = values().map(|value| value.map(|v| i128::from(v) * 7)).collect();
        Arc::new(array.with_precision_and_scale(precision, 2).expect("decimal")) as ArrayRef
    };
    let inner: ArrayRef = Arc::new(values().map(|value| value.filter(|v| v % 5 != 0)).collect::<Int64Array>());
    let outer = NullBuffer::from_iter((0..rows).map(|row| !nulls || (row / 30) % 3 != 0));
    let fields = vec![Field::new("x", DataType::Int64, true)];
    let list: Vec<(&str, ArrayRef)> = vec![
        ("int", Arc::new(values().map(|v| v.map(|v| v as i32)).collect::<Int32Array>())),
        ("long", Arc::new(values().map(|v| v.map(|v| v.wrapping_mul(0x9e37_79b9) % 10_007)).collect::<Int64Array>())),
        ("unsigned", Arc::new(values().map(|v| v.map(|v| v as u32)).collect::<UInt32Array>())),
        ("float", Arc::new(values().map(|v| v.map(floats)).collect::<Float64Array>())),
        ("text", Arc::new(values().map(|v| v.map(texts)).collect::<StringArray>())),
        ("bytes", Arc::new(values().map(|v| v.map(|v| texts(v).into_bytes())).collect::<BinaryArray>())),
        (
            "fixed",
            Arc::new(
                FixedSizeBinaryArray::try_from_sparse_iter_with_size(values().map(|v| v.map(fixed)), 4).expect("fixed"),
            ),
        ),
        ("date", Arc::new(values().map(|v| v.map(|v| v as i32 * 30)).collect::<Date32Array>())),
        ("time", Arc::new(values().map(|v| v.map(|v| v * 1_000_003)).collect::<TimestampMicrosecondArray>())),
        ("flag", Arc::new(values().map(|v| v.map(|v| v > 60)).collect::<BooleanArray>())),
        ("small", decimal(8)),
        ("decimal", decimal(15)),
        ("wide", decimal(30)),
        ("struct", Arc::new(StructArray::new(fields.into(), vec![inner], Some(outer)))),
        (
            "code",
            Arc::new(
                values().map(|v| v.map(|v| codes[v.rem_euclid(97) as usize % codes.len()])).collect::<Int64Array>(),
            ),
        ),
        ("dense", Arc::new(numbers.iter().map(|v| Some(*v % 40)).collect::<Int64Array>())),
    ];
    RecordBatch::try_from_iter_with_nullable(list.into_iter().map(|(name, array)| (name, array, name != "dense")))
        .expect("batch")
}

/// The types that batches are decoded in, where they differ from the written ones.
fn decoded(batch: &RecordBatch) -> RecordBatch {
    let cast = |(field, array): (&Arc<Field>, &ArrayRef)| {
        let to = match (field.name().as_str(), field.data_type()) {
            ("text", _) => DataType::Utf8View,
            ("bytes", _) => DataType::BinaryView,
            ("small", DataType::Decimal128(precision, scale)) => DataType::Decimal32(*precision, *scale),
            ("decimal", DataType::Decimal128(precision, scale)) => DataType::Decimal64(*precision, *scale),
            (_, other) => other.clone(),
        };
        (field.as_ref().clone().with_data_type(to.clone()), arrow_cast::cast(array, &to).expect("cast"))
    };
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) =
        batch.schema().fields().iter().zip(batch.columns()).map(cast).unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("decoded")
}

fn properties(random: &mut Random) -> WriterProperties {
    let statistics =
        [EnabledStatistics::Page, EnabledStatistics::Page, EnabledStatistics::Chunk, EnabledStatistics::None];
    let truncate = [None, Some(1), Some(4), Some(64)];
    let version = [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0];
    WriterProperties::builder()
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(5 + random.below(30))
        .set_write_batch_size(1 + random.below(8))
        .set_dictionary_enabled(random.one_in(2))
        .set_bloom_filter_enabled(random.one_in(2))
        .set_statistics_enabled(statistics[random.below(4)])
        .set_statistics_truncate_length(truncate[random.below(4)])
        .set_column_index_truncate_length(truncate[random.below(4)])
        .set_writer_version(version[random.below(2)])
        .build()
}

struct Written {
    _folder: tempfile::TempDir,
    file: Arc<ParquetFile>,
}

fn write(batch: &RecordBatch, properties: WriterProperties) -> Written {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("prune.parquet");
    let out = std::fs::File::create(&path).expect("create");
    let mut writer = ArrowWriter::try_new(out, batch.schema(), Some(properties)).expect("writer");
    writer.write(batch).expect("write");
    writer.close().expect("close");
    let file = Arc::new(ParquetFile::open(path.to_str().expect("UTF-8"), IoMode::Read).expect("open"));
    Written { _folder: folder, file }
}

fn column(batch: &RecordBatch, name: &str) -> ColumnRef {
    let (root, field) = batch.schema_ref().column_with_name(name).map(|(i, f)| (i, f.clone())).expect("column");
    match field.data_type() {
        DataType::Struct(fields) => ColumnRef {
            root,
            fields: vec![0],
            name: format!("{name}.{}", fields[0].name()),
            data_type: fields[0].data_type().clone(),
        },
        other => ColumnRef { root, fields: Vec::new(), name: name.into(), data_type: other.clone() },
    }
}

/// A value of a column, of rows that may be others than the file's.
fn literal(random: &mut Random, pool: &RecordBatch, column: &ColumnRef) -> ArrayRef {
    let mut array = ArrayRef::clone(pool.column(column.root));
    if !column.fields.is_empty() {
        array = ArrayRef::clone(arrow_array::cast::AsArray::as_struct(&array).column(0));
    }
    loop {
        let value = array.slice(random.below(array.len()), 1);
        if value.is_valid(0) || random.one_in(40) {
            return value;
        }
    }
}

fn predicate(random: &mut Random, pool: &RecordBatch, depth: usize) -> Bound {
    if depth > 0 && random.one_in(2) {
        let parts = (0..=random.below(3)).map(|_| predicate(random, pool, depth - 1)).collect();
        return match random.below(5) {
            0 | 1 => Bound::And(parts),
            2 | 3 => Bound::Or(parts),
            _ => Bound::Not(Box::new(Bound::And(parts))),
        };
    }
    let names: Vec<String> = pool.schema().fields().iter().map(|field| field.name().clone()).collect();
    let column = column(pool, &names[random.below(names.len())]);
    let value = Box::new(Bound::Column(column.clone()));
    let ops = [CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le, CompareOp::Gt, CompareOp::Ge, CompareOp::Eq];
    let op = ops[random.below(7)];
    match random.below(12) {
        0 => Bound::IsNull(value),
        1 => Bound::Not(Box::new(Bound::IsNull(value))),
        2 if column.name == "float" => Bound::IsNan(value),
        3 => Bound::Known { value, truth: random.one_in(2) },
        4 | 5 if column.name == "text" => {
            let patterns = [
                "b1",
                "prefix",
                "b12%",
                "prefix-of%2",
                "b_3",
                "b110",
                "z%",
                "",
                "prefix-of-some-length-10",
                "%",
                "b\\%",
            ];
            let ops = [TextOp::StartsWith, TextOp::Like, TextOp::Like, TextOp::EndsWith, TextOp::Contains];
            Bound::Text { op: ops[random.below(5)], value, pattern: patterns[random.below(11)].into() }
        }
        6 | 7 => {
            let mut items: Vec<ArrayRef> = (0..1 + random.below(4)).map(|_| literal(random, pool, &column)).collect();
            items.retain(|item| item.is_valid(0));
            let list = if items.is_empty() {
                arrow_array::new_empty_array(&column.data_type)
            } else {
                arrow_select::concat::concat(&items.iter().map(AsRef::as_ref).collect::<Vec<_>>()).expect("list")
            };
            Bound::In { value, list, has_null: random.one_in(5) }
        }
        8 if column.data_type == DataType::Int64 => {
            let seven: ArrayRef = Arc::new(Int64Array::from(vec![7]));
            let right = Box::new(Bound::Literal(seven));
            let rest = Bound::Arithmetic { op: ArithmeticOp::Mod, left: value, right };
            let number: ArrayRef = Arc::new(Int64Array::from(vec![random.below(9) as i64]));
            Bound::Compare { op, left: Box::new(rest), right: Box::new(Bound::Literal(number)) }
        }
        9 if column.data_type.is_integer() => {
            let number: ArrayRef = Arc::new(Float64Array::from(vec![random.below(200) as f64 - 50.5]));
            let left = Box::new(Bound::Cast { value, to: DataType::Float64 });
            Bound::Compare { op, left, right: Box::new(Bound::Literal(number)) }
        }
        10 if column.data_type == DataType::Boolean => *value,
        11 if column.data_type == DataType::Int64 => {
            let other = Box::new(Bound::Column(self::column(pool, ["dense", "long", "struct"][random.below(3)])));
            Bound::Compare { op, left: value, right: other }
        }
        _ => {
            let right = Box::new(Bound::Literal(literal(random, pool, &column)));
            if random.one_in(8) {
                return Bound::Compare { op, left: right, right: value };
            }
            Bound::Compare { op, left: value, right }
        }
    }
}

fn verdicts(
    file: &Arc<ParquetFile>,
    predicate: &Bound,
    batch: &RecordBatch,
    options: PruneOptions,
) -> Vec<RowGroupVerdict> {
    let row_groups: Vec<usize> = (0..file.metadata.num_row_groups()).collect();
    prune(file, predicate, &batch.schema(), &row_groups, &options, &naive::evaluate).expect("prune")
}

/// Checks that verdicts are true of the rows, and consistent.
fn check(verdicts: &[RowGroupVerdict], predicate: &Bound, batch: &RecordBatch) {
    let results = naive::evaluate(predicate, batch).expect("results");
    let passes = |row: usize| results.is_valid(row) && results.value(row);
    for verdict in verdicts {
        let start = verdict.row_group * ROW_GROUP_ROWS;
        let rows = ROW_GROUP_ROWS.min(batch.num_rows() - start);
        let kept: HashSet<u64> = verdict.keep.iter().cloned().flatten().collect();
        for row in 0..rows {
            let passes = passes(start + row);
            let what = || format!("row {row} of {verdict:?} for {predicate:?}");
            if kept.contains(&(row as u64)) {
                assert!(passes || !verdict.all_match, "a match that is none: {}", what());
            } else {
                assert!(!passes, "a match that is skipped: {}", what());
            }
        }
        assert!(verdict.keep.windows(2).all(|pair| pair[0].end < pair[1].start), "{verdict:?}");
        assert_eq!(verdict.rows_skipped as usize, rows - kept.len());
        assert_eq!(verdict.keep.is_empty(), verdict.skipped_by.is_some());
        assert!(!verdict.all_match || !verdict.keep.is_empty());
        assert!(verdict.pages_skipped <= verdict.pages);
    }
}

#[test]
fn no_match_is_skipped_and_what_is_called_a_match_is_one() {
    let mut random = Random(0x5eed_1234_5678);
    let mut reasons = std::collections::BTreeMap::<String, usize>::new();
    for round in 0..40 {
        let batch = columns(&mut random, ROWS - random_tail(round), round % 3 > 0, &[3, 9]);
        let pool = decoded(&columns(&mut random, ROWS * 2, true, &[2, 3, 4, 5, 6, 9]));
        let written = write(&batch, properties(&mut random));
        let batch = decoded(&batch);
        for _ in 0..60 {
            let predicate = predicate(&mut random, &pool, 2);
            let on = |random: &mut Random| !random.one_in(4);
            let options = PruneOptions {
                statistics: on(&mut random),
                bloom_filters: on(&mut random),
                dictionaries: on(&mut random),
                page_index: on(&mut random),
            };
            let verdicts = verdicts(&written.file, &predicate, &batch, options);
            check(&verdicts, &predicate, &batch);
            for verdict in verdicts {
                if verdict.skipped_by.is_some() {
                    *reasons.entry(format!("{:?}", verdict.skipped_by)).or_default() += 1;
                } else if verdict.all_match {
                    *reasons.entry("all match".into()).or_default() += 1;
                } else if verdict.rows_skipped > 0 {
                    *reasons.entry("some pages".into()).or_default() += 1;
                }
            }
        }
    }
    // Else the test would pass on a pruning that never does anything.
    for reason in
        ["Some(Statistics)", "Some(BloomFilter)", "Some(Dictionary)", "Some(PageIndex)", "all match", "some pages"]
    {
        assert!(reasons.get(reason).is_some_and(|count| *count > 20), "{reason} in {reasons:?}");
    }
}

/// Rows that the last row group lacks.
fn random_tail(round: usize) -> usize {
    round * 7 % ROW_GROUP_ROWS
}

fn compare(column: &ColumnRef, op: CompareOp, value: ArrayRef) -> Bound {
    Bound::Compare { op, left: Box::new(Bound::Column(column.clone())), right: Box::new(Bound::Literal(value)) }
}

/// One Int64 column of ascending numbers with ten pages a row group.
fn ascending() -> (RecordBatch, WriterProperties) {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values((0..ROWS as i64).map(|row| row * 2)));
    let batch = RecordBatch::try_from_iter_with_nullable([("n", numbers, true)]).expect("batch");
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(10)
        .set_write_batch_size(10)
        .set_dictionary_enabled(false);
    (batch, properties.build())
}

fn only(statistics: bool, bloom_filters: bool, dictionaries: bool, page_index: bool) -> PruneOptions {
    PruneOptions { statistics, bloom_filters, dictionaries, page_index }
}

fn int64(value: i64) -> ArrayRef {
    Arc::new(Int64Array::from(vec![value]))
}

#[test]
fn sorted_numbers_are_found_by_row_group_and_page() {
    let (batch, properties) = ascending();
    let written = write(&batch, properties);
    let n = column(&batch, "n");
    let between = Bound::And(vec![compare(&n, CompareOp::Ge, int64(250)), compare(&n, CompareOp::Lt, int64(270))]);
    let found = verdicts(&written.file, &between, &batch, PruneOptions::default());
    check(&found, &between, &batch);
    assert_eq!(found[1].keep, [20..40]);
    assert_eq!((found[1].pages, found[1].pages_skipped, found[1].rows_skipped, found[1].all_match), (10, 8, 80, false));
    assert_eq!(found[0].because.as_deref(), Some("n is at most 198"));
    assert_eq!(found[2].because.as_deref(), Some("n is at least 400"));
    assert_eq!(found[5].skipped_by, Some(SkipReason::Statistics));
    let all = compare(&n, CompareOp::Lt, int64(400));
    let found = verdicts(&written.file, &all, &batch, PruneOptions::default());
    assert_eq!(found.iter().map(|v| v.all_match).collect::<Vec<_>>(), [true, true, false, false, false, false]);
}

#[test]
fn nothing_is_read_where_statistics_decide() {
    let (batch, properties) = ascending();
    let properties = properties.into_builder().set_bloom_filter_enabled(true).build();
    let written = write(&batch, properties);
    let n = column(&batch, "n");
    let before = written.file.source.bytes_read();
    verdicts(&written.file, &compare(&n, CompareOp::Eq, int64(5000)), &batch, PruneOptions::default());
    verdicts(&written.file, &compare(&n, CompareOp::Ge, int64(0)), &batch, PruneOptions::default());
    assert_eq!(written.file.source.bytes_read(), before);
    // A range asks no filter.
    verdicts(&written.file, &compare(&n, CompareOp::Ge, int64(5)), &batch, only(true, true, false, false));
    assert_eq!(written.file.source.bytes_read(), before);
    let odd = verdicts(&written.file, &compare(&n, CompareOp::Eq, int64(301)), &batch, PruneOptions::default());
    assert_eq!(odd[1].skipped_by, Some(SkipReason::BloomFilter));
    assert_eq!(odd[1].because.as_deref(), Some("the bloom filter of n has no value that is asked for"));
    assert!(written.file.source.bytes_read() > before);
}

#[test]
fn a_dictionary_answers_what_no_range_can() {
    let texts: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..ROWS).map(|row| ["AIR", "MAIL", "SHIP"][row % 3])));
    let batch = RecordBatch::try_from_iter_with_nullable([("mode", texts, true)]).expect("batch");
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(ROW_GROUP_ROWS)).build();
    let written = write(&batch, properties);
    let text = |op, pattern: &str| {
        let mode = column(&batch, "mode");
        Bound::Text { op, value: Box::new(Bound::Column(mode)), pattern: pattern.into() }
    };
    // The chunk is small: its dictionary is most of it.
    let small = verdicts(&written.file, &text(TextOp::Contains, "X"), &batch, only(true, false, true, false));
    assert_eq!(small[0].skipped_by, None);
    let long: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..60_000).map(|row| ["AIR", "MAIL", "SHIP"][row * row % 7 % 3])));
    let batch = RecordBatch::try_from_iter_with_nullable([("mode", long, true)]).expect("batch");
    let written = write(&batch, WriterProperties::builder().build());
    let found = verdicts(&written.file, &text(TextOp::Contains, "X"), &batch, PruneOptions::default());
    assert_eq!((found[0].skipped_by, found[0].rows_skipped), (Some(SkipReason::Dictionary), 60_000));
    assert_eq!(found[0].because.as_deref(), Some("none of the 3 distinct values of mode matches"));
    let found = verdicts(&written.file, &text(TextOp::Contains, "I"), &batch, PruneOptions::default());
    assert!(found[0].all_match);
    let both = Bound::And(vec![text(TextOp::Contains, "I"), text(TextOp::EndsWith, "P")]);
    let found = verdicts(&written.file, &both, &batch, PruneOptions::default());
    assert_eq!((found[0].all_match, found[0].skipped_by), (false, None));
}

#[test]
fn verdicts_print_as_camel_case() {
    let (batch, properties) = ascending();
    let written = write(&batch, properties);
    let found = verdicts(
        &written.file,
        &compare(&column(&batch, "n"), CompareOp::Gt, int64(1100)),
        &batch,
        PruneOptions::default(),
    );
    let json = serde_json::to_value(&found[0]).expect("JSON");
    assert_eq!(json["skippedBy"], "statistics");
    assert_eq!(json["because"], "n is at most 198");
    assert_eq!(json["rowsSkipped"], 100);
}

#[test]
fn a_row_group_that_is_not_there_is_an_error() {
    let (batch, properties) = ascending();
    let written = write(&batch, properties);
    let predicate = compare(&column(&batch, "n"), CompareOp::Gt, int64(1));
    let result = prune(&written.file, &predicate, &batch.schema(), &[6], &PruneOptions::default(), &naive::evaluate);
    assert_eq!(result.expect_err("six row groups").code(), spillway::error::ErrorCode::InvalidArgument);
}
