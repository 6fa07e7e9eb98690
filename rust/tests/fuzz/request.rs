//! What scans are asked for: columns, rows, memory, predicates.

use arrow_array::{Array, RecordBatch};
use arrow_cast::display::array_value_to_string;
use arrow_schema::{DataType, Schema, TimeUnit};
use serde_json::{Value, json};

use crate::random::Random;

/// Options that change nothing of what a scan shows.
pub fn same_rows(random: &mut Random) -> Value {
    let mut options = json!({
        "io": random.one_of(&["mmap", "read"]),
        "memoryLimitBytes": (1_usize << 20) << random.below(6),
        "batchRows": 1 + random.size(),
    });
    if random.one_in(3) {
        options["fixedRows"] = json!(1 + random.size());
    }
    if random.one_in(4) {
        options["maxBatchBytes"] = json!(1 + random.below(100_000));
    }
    options
}

/// Adds members to options.
pub fn with(mut options: Value, more: Value) -> Value {
    if let (Some(all), Value::Object(more)) = (options.as_object_mut(), more) {
        all.extend(more);
    }
    options
}

/// Some of the columns, in any order.
pub fn columns(schema: &Schema, random: &mut Random) -> Value {
    let mut names: Vec<String> = Vec::new();
    for _ in 0..=random.below(3) {
        let Some(field) = schema.fields().get(random.below(schema.fields().len())) else { continue };
        let name = match field.data_type() {
            DataType::Struct(fields) if !fields.is_empty() && random.one_in(2) => {
                format!("{}.{}", field.name(), random.one_of(fields).name())
            }
            _ => field.name().clone(),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    json!(names)
}

/// Names of columns that have strings.
pub fn strings(schema: &Schema) -> Vec<String> {
    let fields = schema.fields().iter().filter(|field| field.data_type() == &DataType::Utf8);
    fields.map(|field| field.name().clone()).collect()
}

/// A predicate on some of the columns, mostly with values that are in them; `None` where there is no column.
pub fn predicate(schema: &Schema, batches: &[RecordBatch], random: &mut Random, depth: usize) -> Option<Value> {
    if depth > 0 && random.one_in(3) {
        let parts: Vec<Value> =
            (0..=random.below(3)).filter_map(|_| predicate(schema, batches, random, depth - 1)).collect();
        return (!parts.is_empty()).then(|| call(random.one_of(&["and", "or"]), &parts));
    }
    let fields = schema.fields();
    let at = random.below(fields.len());
    let field = fields.get(at)?;
    let column = json!({ "column": [field.name()] });
    let mut value = || {
        let batch = batches.get(random.below(batches.len()))?;
        let array = batch.column(at);
        let row = random.below(array.len());
        if array.is_empty() || array.is_null(row) {
            return None;
        }
        literal(field.data_type(), &array_value_to_string(array, row).ok()?)
    };
    let values: Vec<Value> = (0..4).filter_map(|_| value()).collect();
    let Some(first) = values.first().cloned().or_else(|| literal(field.data_type(), "1")) else {
        return Some(call(random.one_of(&["isNull", "isNotNull"]), &[column]));
    };
    let is_text = field.data_type() == &DataType::Utf8;
    Some(match random.below(9) {
        0 => call(random.one_of(&["isNull", "isNotNull"]), &[column]),
        1 | 2 => call(random.one_of(&["in", "notIn"]), &[vec![column, first], values].concat()),
        3 if is_text => call(random.one_of(&["startsWith", "contains", "like", "endsWith"]), &[column, first]),
        4 => call("not", &[call("eq", &[column, first])]),
        _ => call(random.one_of(&["eq", "eq", "ne", "lt", "le", "gt", "ge"]), &[column, first]),
    })
}

fn call(name: &str, arguments: &[Value]) -> Value {
    json!({ "call": name, "arguments": arguments })
}

fn literal(data_type: &DataType, text: &str) -> Option<Value> {
    let (kind, value) = match data_type {
        other if other.is_integer() => ("bigint", json!(text)),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            ("number", text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| json!(number))?)
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Dictionary(..) => ("string", json!(text)),
        DataType::Boolean => ("boolean", json!(text == "true")),
        DataType::Date32 => ("plainDate", json!(text)),
        DataType::Decimal128(..) => ("number", text.parse::<f64>().ok().map(|number| json!(number))?),
        DataType::Binary | DataType::FixedSizeBinary(_) => ("bytes", json!(text)),
        DataType::Timestamp(TimeUnit::Second | TimeUnit::Millisecond, Some(_)) => ("date", json!(86_400_000_000_i64)),
        DataType::Timestamp(_, None) => ("plainDateTime", json!(text)),
        _ => return None,
    };
    Some(json!({ "literal": { "type": kind, "value": value } }))
}
