//! Random columns, ways to write them, and predicates on them.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray, Float64Array,
    Int32Array, Int64Array, RecordBatch, StringArray, StructArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Schema};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use spillway::expression::bound::{ArithmeticOp, Bound, ColumnRef, CompareOp, TextOp};

/// Rows of a file.
pub const ROWS: usize = 600;
/// Rows of its row groups, but for the last.
pub const ROW_GROUP_ROWS: usize = 100;

/// A small generator of numbers that look random.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// Columns of many types whose values grow by and by, so that row groups and pages differ; about a tenth is null, and
/// whole pages are now and then.
pub fn columns(random: &mut Random, rows: usize, nulls: bool, codes: &[i64]) -> RecordBatch {
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
        ("coded", Arc::new(values().map(|v| v.map(|v| texts(v / 40))).collect::<StringArray>())),
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
pub fn decoded(batch: &RecordBatch) -> RecordBatch {
    let cast = |(field, array): (&Arc<Field>, &ArrayRef)| {
        let to = match (field.name().as_str(), field.data_type()) {
            ("text", _) => DataType::Utf8View,
            ("coded", _) => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
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

/// How a file is written.
pub fn properties(random: &mut Random) -> WriterProperties {
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

/// A column by name; of a struct, its first field.
pub fn column(batch: &RecordBatch, name: &str) -> ColumnRef {
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

/// Some predicate on the columns.
pub fn predicate(random: &mut Random, pool: &RecordBatch, depth: usize) -> Bound {
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
        4 | 5 if column.name == "text" || column.name == "coded" => {
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
            let mut items: Vec<ArrayRef> = (0..=random.below(4)).map(|_| literal(random, pool, &column)).collect();
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
