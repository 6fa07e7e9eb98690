//! Evaluation of bound expressions value by value: slow, short, and written apart from the library's.

use std::cmp::Ordering;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::DataType;
use spillway::expression::bound::{ArithmeticOp, Bound, ColumnRef, CompareOp, TextOp};

/// A value; integers stand for all that is stored as such.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Bytes(Vec<u8>),
}

impl Value {
    pub fn at(array: &ArrayRef, row: usize) -> Self {
        if array.is_null(row) {
            return Self::Null;
        }
        match array.data_type() {
            DataType::Boolean => Self::Bool(array.as_boolean().value(row)),
            DataType::Float32 | DataType::Float64 => {
                let wide = arrow_cast::cast(&array.slice(row, 1), &DataType::Float64).expect("float");
                Self::Float(wide.as_primitive::<Float64Type>().value(0))
            }
            DataType::Utf8 => Self::Bytes(array.as_string::<i32>().value(row).into()),
            DataType::Utf8View => Self::Bytes(array.as_string_view().value(row).into()),
            DataType::Binary => Self::Bytes(array.as_binary::<i32>().value(row).into()),
            DataType::BinaryView => Self::Bytes(array.as_binary_view().value(row).into()),
            DataType::FixedSizeBinary(_) => Self::Bytes(array.as_fixed_size_binary().value(row).into()),
            DataType::Dictionary(_, value) => {
                Self::at(&arrow_cast::cast(&array.slice(row, 1), value).expect("values"), 0)
            }
            other => {
                let data = array.slice(row, 1).to_data();
                let bytes = &data.buffers()[0].as_slice()[data.offset() * other.primitive_width().expect("width")..];
                let unsigned = other.is_unsigned_integer();
                Self::Int(match other.primitive_width().expect("width") {
                    1 if unsigned => i128::from(bytes[0]),
                    1 => i128::from(bytes[0].cast_signed()),
                    2 => i128::from(i16::from_le_bytes(bytes[..2].try_into().expect("2"))),
                    4 if unsigned => i128::from(u32::from_le_bytes(bytes[..4].try_into().expect("4"))),
                    4 => i128::from(i32::from_le_bytes(bytes[..4].try_into().expect("4"))),
                    8 if unsigned => i128::from(u64::from_le_bytes(bytes[..8].try_into().expect("8"))),
                    8 => i128::from(i64::from_le_bytes(bytes[..8].try_into().expect("8"))),
                    _ => i128::from_le_bytes(bytes[..16].try_into().expect("16")),
                })
            }
        }
    }

    fn from_bool(value: Option<bool>) -> Self {
        value.map_or(Self::Null, Self::Bool)
    }

    fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    fn order(&self, other: &Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Self::Null, _) | (_, Self::Null) => return None,
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => match (a.is_nan(), b.is_nan()) {
                (false, false) => a.partial_cmp(b).expect("numbers"),
                (a, b) => a.cmp(&b),
            },
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            _ => panic!("{self:?} beside {other:?}"),
        })
    }
}

/// An expression's value in a row of a batch.
pub fn value(expression: &Bound, batch: &RecordBatch, row: usize) -> Value {
    let of = |part: &Bound| value(part, batch, row);
    match expression {
        Bound::Column(column) => column_value(column, batch, row),
        Bound::Literal(value) => Value::at(value, 0),
        Bound::Compare { op, left, right } => {
            let order = of(left).order(&of(right));
            Value::from_bool(order.map(|order| match op {
                CompareOp::Eq => order.is_eq(),
                CompareOp::Ne => order.is_ne(),
                CompareOp::Lt => order.is_lt(),
                CompareOp::Le => order.is_le(),
                CompareOp::Gt => order.is_gt(),
                CompareOp::Ge => order.is_ge(),
            }))
        }
        Bound::In { value, list, has_null } => {
            let value = of(value);
            let found = (0..list.len()).any(|index| value.order(&Value::at(list, index)) == Some(Ordering::Equal));
            match value {
                Value::Null => Value::Null,
                _ if found => Value::Bool(true),
                _ if *has_null => Value::Null,
                _ => Value::Bool(false),
            }
        }
        Bound::Known { value, truth } => match of(value) {
            Value::Null => Value::Null,
            _ => Value::Bool(*truth),
        },
        Bound::And(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| of(part).as_bool()).collect();
            let known = if parts.contains(&Some(false)) { Some(false) } else { Some(true) };
            Value::from_bool(if known == Some(true) && parts.contains(&None) { None } else { known })
        }
        Bound::Or(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| of(part).as_bool()).collect();
            let known = if parts.contains(&Some(true)) { Some(true) } else { Some(false) };
            Value::from_bool(if known == Some(false) && parts.contains(&None) { None } else { known })
        }
        Bound::Not(part) => Value::from_bool(of(part).as_bool().map(|value| !value)),
        Bound::IsNull(part) => Value::Bool(of(part) == Value::Null),
        Bound::IsNan(part) => match of(part) {
            Value::Float(value) => Value::Bool(value.is_nan()),
            _ => Value::Null,
        },
        Bound::Text { op, value, pattern } => match of(value) {
            Value::Bytes(bytes) => Value::Bool(matches(*op, &String::from_utf8(bytes).expect("text"), pattern)),
            _ => Value::Null,
        },
        Bound::Arithmetic { op: ArithmeticOp::Mod, left, right } => match (of(left), of(right)) {
            (Value::Int(a), Value::Int(b)) => a.checked_rem(b).map_or(Value::Null, Value::Int),
            _ => Value::Null,
        },
        Bound::Cast { value, .. } => match of(value) {
            Value::Int(value) => Value::Float(value as f64),
            other => other,
        },
        Bound::Arithmetic { .. } | Bound::Call { .. } => panic!("not evaluated here: {expression:?}"),
    }
}

fn column_value(column: &ColumnRef, batch: &RecordBatch, row: usize) -> Value {
    let mut array = ArrayRef::clone(batch.column(column.root));
    for field in &column.fields {
        if array.is_null(row) {
            return Value::Null;
        }
        array = ArrayRef::clone(array.as_struct().column(*field));
    }
    Value::at(&array, row)
}

fn matches(op: TextOp, text: &str, pattern: &str) -> bool {
    match op {
        TextOp::StartsWith => text.starts_with(pattern),
        TextOp::EndsWith => text.ends_with(pattern),
        TextOp::Contains => text.contains(pattern),
        TextOp::Like => like(&text.chars().collect::<Vec<_>>(), &pattern.chars().collect::<Vec<_>>()),
        TextOp::Matches => panic!("not evaluated here"),
    }
}

fn like(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|start| like(&text[start..], rest)),
        ['_', rest @ ..] => !text.is_empty() && like(&text[1..], rest),
        ['\\', escaped @ ('%' | '_'), rest @ ..] | [escaped, rest @ ..] => {
            text.first() == Some(escaped) && like(&text[1..], rest)
        }
    }
}

/// A predicate's results over a batch.
pub fn evaluate(predicate: &Bound, batch: &RecordBatch) -> BooleanArray {
    (0..batch.num_rows()).map(|row| value(predicate, batch, row).as_bool()).collect()
}
