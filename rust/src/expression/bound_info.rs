//! What a bound expression tells of itself: its type, its columns, its conjuncts, and its text.

use std::fmt;

use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, TimeUnit};

use super::bound::{ArithmeticOp, Bound, ColumnRef, Function, TextOp};
use super::literal::{DateTime, Literal, write_quoted};
use super::types::{is_string, nanoseconds, type_name, value_type};

impl Bound {
    /// The type of its values.
    #[must_use]
    pub fn data_type(&self) -> DataType {
        match self {
            Self::Column(column) => column.data_type.clone(),
            Self::Literal(value) => value.data_type().clone(),
            Self::Arithmetic { op, left, right } => {
                super::arithmetic::result_type(*op, &left.data_type(), &right.data_type())
            }
            Self::Cast { to, .. } => to.clone(),
            Self::Call { data_type, .. } => data_type.clone(),
            _ => DataType::Boolean,
        }
    }

    /// The columns it uses, each once, in the order of their first mention.
    #[must_use]
    pub fn columns(&self) -> Vec<ColumnRef> {
        let mut columns: Vec<ColumnRef> = Vec::new();
        self.visit(&mut |bound| match bound {
            Self::Column(column) if !columns.contains(column) => columns.push(column.clone()),
            _ => {}
        });
        columns
    }

    /// The predicates that it is the conjunction of.
    #[must_use]
    pub fn into_conjuncts(self) -> Vec<Self> {
        match self {
            Self::And(parts) => parts.into_iter().flat_map(Self::into_conjuncts).collect(),
            other => vec![other],
        }
    }

    /// How deep it is nested; 1 for a column or a constant.
    #[must_use]
    pub fn depth(&self) -> usize {
        1 + self.children().into_iter().map(Self::depth).max().unwrap_or(0)
    }

    /// The expressions that it is made of.
    #[must_use]
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Column(_) | Self::Literal(_) => Vec::new(),
            Self::Compare { left, right, .. } | Self::Arithmetic { left, right, .. } => vec![left, right],
            Self::In { value, .. }
            | Self::Known { value, .. }
            | Self::Text { value, .. }
            | Self::Cast { value, .. } => {
                vec![value]
            }
            Self::Not(value) | Self::IsNull(value) | Self::IsNan(value) => vec![value],
            Self::And(parts) | Self::Or(parts) => parts.iter().collect(),
            Self::Call { arguments, .. } => arguments.iter().collect(),
        }
    }

    fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a Self)) {
        visitor(self);
        for child in self.children() {
            child.visit(visitor);
        }
    }

    /// How strongly it binds when printed; as operations do.
    fn binding(&self) -> u8 {
        match self {
            Self::Or(_) => 1,
            Self::And(_) => 2,
            Self::Not(_) => 3,
            Self::Compare { .. } | Self::In { .. } | Self::IsNull(_) | Self::Text { op: TextOp::Like, .. } => 4,
            Self::Arithmetic { op: ArithmeticOp::Add | ArithmeticOp::Sub, .. } => 6,
            Self::Arithmetic { .. } => 8,
            Self::Call { function: Function::Neg, .. } => 9,
            _ => 10,
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, around: u8) -> fmt::Result {
        let binding = self.binding();
        if binding <= around {
            f.write_str("(")?;
            self.write(f, 0)?;
            return f.write_str(")");
        }
        match self {
            Self::Column(column) => f.write_str(&column.name),
            Self::Literal(value) => write_value(f, value, 0),
            Self::Compare { op, left, right } => write_infix(f, left, op.symbol(), right, binding, binding),
            Self::Arithmetic { op, left, right } => write_infix(f, left, op.symbol(), right, binding - 1, binding),
            Self::In { value, list, has_null } => {
                value.write(f, binding)?;
                f.write_str(" IN (")?;
                for index in 0..list.len() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write_value(f, list, index)?;
                }
                f.write_str(if *has_null { ", NULL)" } else { ")" })
            }
            Self::Known { value, truth } => {
                f.write_str(if *truth { "always_true(" } else { "always_false(" })?;
                value.write(f, 0)?;
                f.write_str(")")
            }
            Self::And(parts) => write_list(f, parts, " AND ", binding),
            Self::Or(parts) => write_list(f, parts, " OR ", binding),
            Self::Not(value) => match value.as_ref() {
                Self::IsNull(value) => {
                    value.write(f, 4)?;
                    f.write_str(" IS NOT NULL")
                }
                value => {
                    f.write_str("NOT ")?;
                    value.write(f, binding)
                }
            },
            Self::IsNull(value) => {
                value.write(f, binding)?;
                f.write_str(" IS NULL")
            }
            Self::IsNan(value) => {
                f.write_str("is_nan(")?;
                value.write(f, 0)?;
                f.write_str(")")
            }
            Self::Text { op: TextOp::Like, value, pattern } => {
                value.write(f, binding)?;
                f.write_str(" LIKE ")?;
                write_quoted(f, pattern)
            }
            Self::Text { op, value, pattern } => {
                write!(f, "{}(", op.symbol())?;
                value.write(f, 0)?;
                f.write_str(", ")?;
                write_quoted(f, pattern)?;
                f.write_str(")")
            }
            Self::Cast { value, to } => {
                f.write_str("CAST(")?;
                value.write(f, 0)?;
                write!(f, " AS {})", type_name(to))
            }
            Self::Call { function: Function::Neg, arguments, .. } => {
                f.write_str("-")?;
                write_list(f, arguments, "", binding)
            }
            Self::Call { function, arguments, .. } => {
                write!(f, "{}(", function.symbol())?;
                write_list(f, arguments, ", ", 0)?;
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

fn write_infix(
    f: &mut fmt::Formatter<'_>,
    left: &Bound,
    symbol: &str,
    right: &Bound,
    left_around: u8,
    right_around: u8,
) -> fmt::Result {
    left.write(f, left_around)?;
    write!(f, " {symbol} ")?;
    right.write(f, right_around)
}

fn write_list(f: &mut fmt::Formatter<'_>, list: &[Bound], separator: &str, around: u8) -> fmt::Result {
    for (index, item) in list.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        item.write(f, around)?;
    }
    Ok(())
}

/// Writes one value of an array as SQL does.
fn write_value(f: &mut fmt::Formatter<'_>, array: &ArrayRef, index: usize) -> fmt::Result {
    if array.is_null(index) || array.data_type() == &DataType::Null {
        return f.write_str("NULL");
    }
    match value_type(array.data_type()) {
        DataType::Boolean | DataType::Float16 | DataType::Float32 | DataType::Float64 | DataType::Date32 => {
            match literal_of(&array.slice(index, 1)) {
                // A float32's own shortest text, not that of the double it equals.
                Some(Literal::Number(value)) if array.data_type() == &DataType::Float32 => {
                    write!(f, "{}", value as f32)
                }
                Some(literal) => write!(f, "{literal}"),
                None => f.write_str("?"),
            }
        }
        DataType::Timestamp(_, zone) => match literal_of(&array.slice(index, 1)) {
            Some(Literal::Instant(nanoseconds)) => {
                write!(f, "TIMESTAMP '{}{}'", DateTime(nanoseconds), if zone.is_some() { "Z" } else { "" })
            }
            _ => f.write_str("?"),
        },
        data_type if data_type.is_numeric() => f.write_str(&text_of(array, index)),
        data_type if is_string(data_type) => write_quoted(f, &text_of(array, index)),
        data_type if super::types::is_binary(data_type) => write!(f, "X'{}'", text_of(array, index)),
        DataType::Time32(_) | DataType::Time64(_) => write!(f, "TIME '{}'", text_of(array, index)),
        _ => f.write_str(&text_of(array, index)),
    }
}

fn text_of(array: &ArrayRef, index: usize) -> String {
    let options = FormatOptions::default();
    ArrayFormatter::try_new(array, &options).map_or_else(|_| "?".into(), |formatter| formatter.value(index).to_string())
}

/// The one value of an array as a constant, so that it can be placed in another type; none for types without constants.
#[must_use]
pub fn literal_of(array: &ArrayRef) -> Option<Literal> {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Date32Type, Float64Type, Int64Type};
    let value_type = value_type(array.data_type()).clone();
    if array.is_null(0) || value_type == DataType::Null {
        return Some(Literal::Null);
    }
    let to = |data_type: &DataType| cast(array, data_type).ok().filter(|cast| cast.is_valid(0));
    let ticks = || Some(i128::from(to(&DataType::Int64)?.as_primitive::<Int64Type>().value(0)));
    Some(match &value_type {
        DataType::Boolean => Literal::Boolean(to(&value_type)?.as_boolean().value(0)),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            Literal::Number(to(&DataType::Float64)?.as_primitive::<Float64Type>().value(0))
        }
        other if other.is_integer() => Literal::BigInt(super::exact::Exact::parse(&text_of(array, 0))?),
        other if super::types::precision_and_scale(other).is_some() => {
            Literal::Decimal(super::exact::Exact::parse(&text_of(array, 0))?)
        }
        other if is_string(other) => Literal::String(to(&DataType::Utf8)?.as_string::<i32>().value(0).to_owned()),
        other if super::types::is_binary(other) => {
            Literal::Bytes(to(&DataType::Binary)?.as_binary::<i32>().value(0).to_vec())
        }
        DataType::Date32 => Literal::PlainDate(to(&value_type)?.as_primitive::<Date32Type>().value(0)),
        DataType::Date64 => Literal::Instant(ticks()? * nanoseconds(TimeUnit::Millisecond)),
        DataType::Timestamp(unit, _) => Literal::Instant(ticks()? * nanoseconds(*unit)),
        DataType::Time32(unit) | DataType::Time64(unit) => {
            let wide = to(&DataType::Time64(*unit)).or_else(|| to(&DataType::Time64(TimeUnit::Nanosecond)))?;
            let scale = if let DataType::Time64(unit) = wide.data_type() { nanoseconds(*unit) } else { 1 };
            let ticks = cast(&wide, &DataType::Int64).ok()?.as_primitive::<Int64Type>().value(0);
            Literal::PlainTime(i64::try_from(i128::from(ticks) * scale).ok()?)
        }
        _ => return None,
    })
}
