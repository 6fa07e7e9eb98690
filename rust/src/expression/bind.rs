//! Binding: names become columns, constants take the types of what they stand beside, types are checked.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_buffer::i256;
use arrow_schema::{DataType, Schema};

use super::bind_calls;
use super::bind_compare;
use super::bound::{Bound, CompareOp};
use super::evaluate::Evaluator;
use super::exact::Exact;
use super::expr::{Expr, MAX_DEPTH};
use super::literal::Literal;
use super::operation::Operation;
use super::place::{Place, integer_array, place};
use super::resolve::resolve;
use super::simplify;
use super::types::{decimal_type, type_name, value_type};
use crate::error::{ErrorCode, Result, SpillwayError};

/// Binds an expression to a schema. Costs time in proportion to its size, and nothing for each row: constant parts are
/// computed here.
///
/// # Errors
/// `UNKNOWN_COLUMN` for a name that the schema doesn't have; `INVALID_EXPRESSION` for operations that the types don't
/// allow, for text that doesn't read as the other side's type, and for expressions nested too deep.
pub fn bind(expr: &Expr, schema: &Schema) -> Result<Bound> {
    // Substitution puts one expression of the greatest depth into another.
    if expr.depth() > 2 * MAX_DEPTH {
        let message = format!(
            "Cannot use the expression: it is nested deeper than {} levels; split it, or use `in` for many values",
            2 * MAX_DEPTH
        );
        return Err(SpillwayError::new(ErrorCode::InvalidExpression, message));
    }
    let bound = operand(expr, schema)?.typed()?;
    Ok(bound)
}

/// Binds a predicate: as [`bind`], and it has to be a boolean.
///
/// # Errors
/// As [`bind`].
pub fn bind_predicate(expr: &Expr, schema: &Schema) -> Result<Bound> {
    bind(expr, schema).and_then(|bound| as_predicate(Operand::Bound(bound)))
}

/// A bound part of an expression; a constant has no type before it is known what it stands beside.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Literal(Literal),
    Bound(Bound),
}

impl Operand {
    /// The part with the type that it has by itself.
    pub(super) fn typed(self) -> Result<Bound> {
        match self {
            Self::Literal(literal) => typed_literal(&literal),
            Self::Bound(bound) => Ok(bound),
        }
    }
}

pub(super) fn operand(expr: &Expr, schema: &Schema) -> Result<Operand> {
    let (operation, arguments) = match expr {
        Expr::Column(path) => return resolve(schema, path).map(|column| Operand::Bound(Bound::Column(column))),
        Expr::Literal(literal) => return Ok(Operand::Literal(literal.clone())),
        Expr::Call { operation, arguments } => (operation, arguments),
    };
    operation.check_count(arguments.len()).map_err(|cause| invalid(format!("Cannot use the expression: {cause}")))?;
    let arguments = arguments.iter().map(|argument| operand(argument, schema)).collect::<Result<Vec<_>>>()?;
    call(operation, arguments)
}

fn call(operation: &Operation, arguments: Vec<Operand>) -> Result<Operand> {
    let bound = match (operation, arguments.as_slice()) {
        (Operation::Compare(op), [left, right]) => bind_compare::compare(*op, left.clone(), right.clone())?,
        (Operation::Between, [value, low, high]) => simplify::and(vec![
            bind_compare::compare(CompareOp::Ge, value.clone(), low.clone())?,
            bind_compare::compare(CompareOp::Le, value.clone(), high.clone())?,
        ]),
        (Operation::In, [value, list @ ..]) => bind_compare::in_list(value.clone(), list)?,
        (Operation::NotIn, [value, list @ ..]) => simplify::not(bind_compare::in_list(value.clone(), list)?),
        (Operation::And, _) => simplify::and(predicates(arguments)?),
        (Operation::Or, _) => simplify::or(predicates(arguments)?),
        (Operation::Not, [value]) => simplify::not(as_predicate(value.clone())?),
        (Operation::IsNull, [value]) => folded(Bound::IsNull(Box::new(value.clone().typed()?)))?,
        (Operation::IsNotNull, [value]) => simplify::not(folded(Bound::IsNull(Box::new(value.clone().typed()?)))?),
        (Operation::IsNan, [value]) => bind_calls::is_nan(value.clone().typed()?)?,
        (Operation::Text(op), [value, pattern]) => bind_calls::text(*op, value.clone(), pattern)?,
        (Operation::Like, [value, pattern]) => bind_calls::like(value.clone(), pattern)?,
        (Operation::Arithmetic(op), [left, right]) => {
            return bind_calls::arithmetic(*op, left.clone(), right.clone());
        }
        (Operation::Neg, [value]) => return bind_calls::neg(value.clone()),
        (Operation::Cast(_, to), [value]) => bind_calls::cast(value.clone().typed()?, to)?,
        (Operation::Function(function), [value]) => bind_calls::function(*function, value.clone().typed()?)?,
        (Operation::Coalesce, _) => return bind_calls::coalesce(arguments),
        _ => return Err(invalid("Cannot use the expression: an operation has the wrong number of arguments".into())),
    };
    Ok(Operand::Bound(bound))
}

fn predicates(arguments: Vec<Operand>) -> Result<Vec<Bound>> {
    arguments.into_iter().map(as_predicate).collect()
}

fn as_predicate(operand: Operand) -> Result<Bound> {
    let bound = operand.typed()?;
    match value_type(&bound.data_type()) {
        DataType::Boolean if bound.data_type() == DataType::Boolean => Ok(bound),
        DataType::Boolean => Ok(cast_to(bound, &DataType::Boolean)?),
        DataType::Null => Ok(simplify::truth(None)),
        _ => {
            let what = describe(&bound);
            Err(located(
                format!("Cannot use {what} as a condition: only booleans are; compare it with something"),
                &bound,
            ))
        }
    }
}

/// The value of an expression whose parts are all constant; the expression itself otherwise.
pub(super) fn folded(bound: Bound) -> Result<Bound> {
    let children = bound.children();
    if children.is_empty() || !children.iter().all(|child| matches!(child, Bound::Literal(_))) {
        return Ok(bound);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let row = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &options);
    let row = row.map_err(|e| SpillwayError::new(ErrorCode::Internal, format!("Cannot make a row: {e}")))?;
    Evaluator::new(bound)?.evaluate(&row).map(Bound::Literal)
}

/// A cast that holds nothing up where the type is right already.
pub(super) fn cast_to(bound: Bound, to: &DataType) -> Result<Bound> {
    if bound.data_type() == *to {
        return Ok(bound);
    }
    folded(Bound::Cast { value: Box::new(bound), to: to.clone() })
}

/// A constant in the type that it has by itself.
pub(super) fn typed_literal(literal: &Literal) -> Result<Bound> {
    let data_type = match literal {
        Literal::Null => return Ok(Bound::Literal(new_null_array(&DataType::Null, 1))),
        Literal::Boolean(_) => DataType::Boolean,
        Literal::Number(_) => DataType::Float64,
        Literal::BigInt(exact) => return exact_literal(exact),
        Literal::Decimal(exact) => return decimal_literal(exact),
        Literal::String(_) => DataType::Utf8,
        Literal::Bytes(_) => DataType::Binary,
        Literal::PlainDate(_) => DataType::Date32,
        Literal::PlainTime(_) => DataType::Time64(arrow_schema::TimeUnit::Nanosecond),
        Literal::Date(_) => DataType::Timestamp(arrow_schema::TimeUnit::Millisecond, Some("UTC".into())),
        Literal::Instant(value) | Literal::PlainDateTime(value) => {
            let zone = matches!(literal, Literal::Instant(_)).then(|| "UTC".into());
            let unit = if i64::try_from(*value).is_ok() {
                arrow_schema::TimeUnit::Nanosecond
            } else {
                arrow_schema::TimeUnit::Microsecond
            };
            DataType::Timestamp(unit, zone)
        }
    };
    match place(literal, &data_type) {
        // What lies between two microseconds is taken down to the first.
        Ok(Place::At(value) | Place::After(value)) => Ok(Bound::Literal(value)),
        _ => Err(invalid(format!("Cannot use {}: no type holds it", literal.describe()))),
    }
}

/// A bigint as the integer that holds it, or as a decimal.
pub(super) fn exact_literal(exact: &Exact) -> Result<Bound> {
    let floor = exact.scaled(0).floor;
    let integer = |data_type: &DataType| floor.and_then(|value| integer_array(value, data_type));
    match integer(&DataType::Int64).or_else(|| integer(&DataType::UInt64)) {
        Some(value) if exact.is_whole() => Ok(Bound::Literal(value)),
        _ => decimal_literal(exact),
    }
}

/// A number as the narrowest decimal.
pub(super) fn decimal_literal(exact: &Exact) -> Result<Bound> {
    let (digits, scale) = exact.precision_and_scale();
    let data_type = u8::try_from(digits).ok().zip(i8::try_from(scale).ok()).and_then(|(p, s)| decimal_type(p, s));
    let value: Option<i256> = i8::try_from(scale).ok().and_then(|scale| exact.scaled(scale).floor);
    let array: Option<ArrayRef> = data_type.zip(value).and_then(|(data_type, value)| integer_array(value, &data_type));
    array.map(Bound::Literal).ok_or_else(|| {
        invalid(format!("Cannot use the number {exact}: it has more than 76 digits, which no decimal holds"))
    })
}

/// What it is, for messages: "column 'x' (int64)".
pub(super) fn describe(bound: &Bound) -> String {
    let name = type_name(&bound.data_type());
    match bound {
        Bound::Column(column) => format!("column '{}' ({name})", column.name),
        Bound::Literal(_) if bound.data_type() == DataType::Null => "null".into(),
        other => format!("'{other}' ({name})"),
    }
}

pub(super) fn invalid(message: String) -> SpillwayError {
    SpillwayError::new(ErrorCode::InvalidExpression, message)
}

/// An error that names the column, where an expression has one.
pub(super) fn located(message: String, bound: &Bound) -> SpillwayError {
    match bound.columns().first() {
        Some(column) => invalid(message).at_column(&column.name),
        None => invalid(message),
    }
}
