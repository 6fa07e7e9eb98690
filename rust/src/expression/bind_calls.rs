//! Binding of tests of text, of arithmetic, casts and functions.

use arrow_array::new_null_array;
use arrow_cast::can_cast_types;
use arrow_schema::DataType;
use regex::Regex;

use super::arithmetic::compute;
use super::bind::{
    Operand, cast_to, decimal_literal, describe, exact_literal, folded, invalid, located, typed_literal,
};
use super::bind_compare::compare;
use super::bound::{ArithmeticOp, Bound, CompareOp, Function, TextOp};
use super::coerce::{common_type, wide_decimal};
use super::exact::Exact;
use super::like::{Like, simplest};
use super::literal::Literal;
use super::place::{Place, place};
use super::simplify::truth;
use super::types::{
    is_binary, is_date_or_timestamp, is_known_zone, is_string, precision_and_scale, type_name, value_type,
};
use crate::error::Result;

/// Binds a test for NaN, which only floats can be.
pub(super) fn is_nan(value: Bound) -> Result<Bound> {
    match value_type(&value.data_type()) {
        DataType::Null => Ok(truth(None)),
        data_type if data_type.is_floating() => folded(Bound::IsNan(Box::new(value))),
        data_type if data_type.is_numeric() => folded(Bound::Known { value: Box::new(value), truth: false }),
        _ => Err(located(
            format!("Cannot test {} for NaN: only numbers can be; cast it first", describe(&value)),
            &value,
        )),
    }
}

/// Binds a test of a text; none of the pattern is null.
fn tested(op: TextOp, value: Operand, pattern: &Operand) -> Result<Option<(Bound, String)>> {
    let value = value.typed()?;
    let data_type = value.data_type();
    if !is_string(value_type(&data_type)) && *value_type(&data_type) != DataType::Null {
        let advice = "only strings have text to look at; cast it to a string first";
        return Err(located(format!("Cannot use {} with {}: {advice}", op.symbol(), describe(&value)), &value));
    }
    match pattern {
        Operand::Literal(Literal::String(pattern)) => {
            Ok((*value_type(&data_type) != DataType::Null).then(|| (value, pattern.clone())))
        }
        Operand::Literal(Literal::Null) => Ok(None),
        other => {
            let given = match other {
                Operand::Literal(literal) => literal.describe(),
                Operand::Bound(bound) => describe(bound),
            };
            let message =
                format!("Cannot use {} on {} with {given}: give a constant string", op.symbol(), describe(&value));
            Err(located(message, &value))
        }
    }
}

/// Binds a test of a text other than `LIKE`.
pub(super) fn text(op: TextOp, value: Operand, pattern: &Operand) -> Result<Bound> {
    let Some((value, pattern)) = tested(op, value, pattern)? else { return Ok(truth(None)) };
    if op == TextOp::Matches {
        Regex::new(&pattern).map_err(|e| {
            let message = format!("Cannot use the pattern '{pattern}' on {}: {e}", describe(&value));
            located(message, &value)
        })?;
    } else if pattern.is_empty() {
        return folded(Bound::Known { value: Box::new(value), truth: true });
    }
    folded(Bound::Text { op, value: Box::new(value), pattern })
}

/// Binds `LIKE`, as a simpler test where the pattern is one.
pub(super) fn like(value: Operand, pattern: &Operand) -> Result<Bound> {
    let Some((value, pattern)) = tested(TextOp::Like, value, pattern)? else { return Ok(truth(None)) };
    match simplest(&pattern) {
        Like::Equal(text) => compare(CompareOp::Eq, Operand::Bound(value), Operand::Literal(Literal::String(text))),
        Like::Anything => folded(Bound::Known { value: Box::new(value), truth: true }),
        Like::Simple(op, pattern) => folded(Bound::Text { op, value: Box::new(value), pattern }),
        Like::Pattern => {
            Regex::new(&super::like::to_regex(&pattern)).map_err(|e| {
                located(format!("Cannot use the pattern '{pattern}' on {}: {e}", describe(&value)), &value)
            })?;
            folded(Bound::Text { op: TextOp::Like, value: Box::new(value), pattern })
        }
    }
}

/// Binds arithmetic; that of two numbers of JavaScript is done at once, as JavaScript does it.
pub(super) fn arithmetic(op: ArithmeticOp, left: Operand, right: Operand) -> Result<Operand> {
    if let (Operand::Literal(Literal::Number(left)), Operand::Literal(Literal::Number(right))) = (&left, &right) {
        return Ok(Operand::Literal(Literal::Number(match op {
            ArithmeticOp::Add => left + right,
            ArithmeticOp::Sub => left - right,
            ArithmeticOp::Mul => left * right,
            ArithmeticOp::Div => left / right,
            ArithmeticOp::Mod => left % right,
        })));
    }
    let (left, right) = match (left, right) {
        (Operand::Literal(left), Operand::Literal(right)) if left.is_numeric() => {
            let left = typed_literal(&left)?;
            let right = number_beside(&right, &left)?;
            (left, right)
        }
        (Operand::Literal(left), right) => {
            let right = right.typed()?;
            (number_beside(&left, &right)?, right)
        }
        (Operand::Bound(left), Operand::Literal(right)) => {
            let right = number_beside(&right, &left)?;
            (left, right)
        }
        (Operand::Bound(left), Operand::Bound(right)) => (left, right),
    };
    let (left_type, right_type) = (left.data_type(), right.data_type());
    let Some((left_wanted, right_wanted)) = operands(value_type(&left_type), value_type(&right_type)) else {
        let message = format!(
            "Cannot compute {} {} {}: arithmetic takes numbers; cast them to numbers first",
            describe(&left),
            op.symbol(),
            describe(&right)
        );
        return Err(located(message, if left.columns().is_empty() { &right } else { &left }));
    };
    let (left, right) = (cast_to(left, &left_wanted)?, cast_to(right, &right_wanted)?);
    let empty = |bound: &Bound| arrow_array::new_empty_array(&bound.data_type());
    if compute(op, &empty(&left), &empty(&right)).is_err() {
        let (first, second) = (describe(&left), describe(&right));
        let message = format!(
            "Cannot compute {first} {} {second}: no decimal has so many digits; cast one to float64 or to fewer digits",
            op.symbol()
        );
        return Err(located(message, &left));
    }
    folded(Bound::Arithmetic { op, left: Box::new(left), right: Box::new(right) }).map(Operand::Bound)
}

/// The types in which arithmetic is done on two types; none where one is no number.
fn operands(left: &DataType, right: &DataType) -> Option<(DataType, DataType)> {
    use DataType::{Decimal256, Float32, Float64, Int64, Null, UInt64};
    match (left, right) {
        (Null, Null) => return Some((Float64, Float64)),
        (Null, other) | (other, Null) => return operands(other, other),
        (UInt64, UInt64) => return Some((UInt64, UInt64)),
        (Float32, Float32) => return Some((Float32, Float32)),
        _ if !left.is_numeric() || !right.is_numeric() => return None,
        _ if left.is_integer() && right.is_integer() => return Some((Int64, Int64)),
        _ if left.is_floating() || right.is_floating() => return Some((Float64, Float64)),
        _ => {}
    }
    let (left, right) = (wide_decimal(left)?, wide_decimal(right)?);
    let to_256 = |data_type: &DataType| precision_and_scale(data_type).map(|(p, s)| Decimal256(p, s));
    let any_256 = matches!(left, Decimal256(..)) || matches!(right, Decimal256(..));
    // 128 bits have no room for the product's decimals.
    let scales = precision_and_scale(&left)?.1.saturating_add(precision_and_scale(&right)?.1);
    if any_256 || scales > 38 { Some((to_256(&left)?, to_256(&right)?)) } else { Some((left, right)) }
}

/// A constant in the type in which it is computed with `other`.
fn number_beside(literal: &Literal, other: &Bound) -> Result<Bound> {
    let data_type = other.data_type();
    let data_type = value_type(&data_type);
    let double = |value: f64| typed_literal(&Literal::Number(value));
    if !data_type.is_numeric() && *data_type != DataType::Null {
        return typed_literal(literal);
    }
    let exact = match literal {
        Literal::Null => return Ok(Bound::Literal(new_null_array(&DataType::Null, 1))),
        Literal::Number(value) => {
            let is_decimal = precision_and_scale(data_type).is_some();
            let exact = if is_decimal { Exact::shortest(*value) } else { Exact::of_double(*value) };
            match exact {
                Some(exact) if is_decimal => exact,
                Some(exact) if exact.is_whole() && value.abs() < 1.8e19 => exact,
                _ => return double(*value),
            }
        }
        Literal::BigInt(exact) | Literal::Decimal(exact) => exact.clone(),
        Literal::String(text) => Exact::parse(text).ok_or_else(|| {
            let (other_text, text) = (describe(other), literal.describe());
            located(format!("Cannot compute with {other_text} and {text}: the text is no number"), other)
        })?,
        _ => return typed_literal(literal),
    };
    match data_type {
        other if other.is_floating() => double(exact.to_double()),
        DataType::UInt64 => match place(&Literal::BigInt(exact.clone()), &DataType::UInt64) {
            Ok(Place::At(value)) => Ok(Bound::Literal(value)),
            _ => exact_literal(&exact),
        },
        other if other.is_integer() => exact_literal(&exact),
        _ => decimal_literal(&exact),
    }
}

/// Binds a negation of a number; a constant stays one that takes the other side's type.
pub(super) fn neg(value: Operand) -> Result<Operand> {
    match value {
        Operand::Literal(Literal::Number(value)) => Ok(Operand::Literal(Literal::Number(-value))),
        Operand::Literal(Literal::BigInt(value)) => Ok(Operand::Literal(Literal::BigInt(value.negated()))),
        other => function(Function::Neg, other.typed()?).map(Operand::Bound),
    }
}

/// Binds a cast.
pub(super) fn cast(value: Bound, to: &DataType) -> Result<Bound> {
    let from = value.data_type();
    let from = value_type(&from);
    if from == to {
        return cast_to(value, to);
    }
    let both_temporal = is_date_or_timestamp(from) && is_date_or_timestamp(to);
    let needs_zone = |data_type: &DataType, other: &DataType| match data_type {
        DataType::Timestamp(_, Some(zone)) if !is_known_zone(zone) && !other.is_integer() => Some(zone.to_string()),
        _ => None,
    };
    let both_timestamps = matches!((from, to), (DataType::Timestamp(..), DataType::Timestamp(..)));
    if let Some(zone) = needs_zone(from, to).or_else(|| needs_zone(to, from)).filter(|_| !both_timestamps) {
        return Err(unknown_zone(&value, &zone));
    }
    if !both_temporal && !can_cast_types(from, to) {
        let message = format!("Cannot cast {} to {}: there is no such cast", describe(&value), type_name(to));
        return Err(located(message, &value));
    }
    cast_to(value, to)
}

fn unknown_zone(value: &Bound, zone: &str) -> crate::error::SpillwayError {
    let message = format!(
        "Cannot tell local times of {}: the zone '{zone}' is not known here; cast it to timestamp(us,UTC) first, or to \
         an offset such as timestamp(us,+02:00)",
        describe(value)
    );
    located(message, value)
}

/// Binds a function of one argument.
pub(super) fn function(function: Function, value: Bound) -> Result<Bound> {
    use DataType::{FixedSizeList, Float16, Float32, Float64, Int32, Int64, LargeList, List, Map, Null, UInt64};
    let from = value.data_type();
    let from = value_type(&from);
    let refused = |advice: &str| {
        let message = format!("Cannot use {} on {}: {advice}", function_name(function), describe(&value));
        Err(located(message, &value))
    };
    let (argument, data_type) = match function {
        Function::Neg | Function::Abs => {
            let number = match from {
                Null => Float64,
                UInt64 if function == Function::Abs => UInt64,
                Float16 => Float32,
                other if other.is_integer() => Int64,
                other if other.is_floating() => other.clone(),
                other => match wide_decimal(other) {
                    Some(decimal) => decimal,
                    None => return refused("it takes numbers; cast it to one first"),
                },
            };
            (number.clone(), number)
        }
        Function::Lower | Function::Upper => match from {
            Null => (DataType::Utf8, DataType::Utf8),
            other if is_string(other) => (other.clone(), DataType::Utf8),
            _ => return refused("it takes strings; cast it to one first"),
        },
        Function::Length => match from {
            Null => (DataType::Utf8, Int32),
            List(_) | LargeList(_) | FixedSizeList(..) | Map(..) => (from.clone(), Int32),
            other if is_string(other) || is_binary(other) => (other.clone(), Int32),
            _ => return refused("it takes strings, binaries and lists"),
        },
        Function::Year | Function::Month | Function::Day => match from {
            Null => (DataType::Date32, Int32),
            DataType::Timestamp(_, Some(zone)) if !is_known_zone(zone) => return Err(unknown_zone(&value, zone)),
            other if is_date_or_timestamp(other) => (other.clone(), Int32),
            _ => return refused("it takes dates and timestamps; cast it to one first"),
        },
        Function::Coalesce => return Ok(value),
    };
    let arguments = vec![cast_to(value, &argument)?];
    folded(Bound::Call { function, arguments, data_type })
}

fn function_name(function: Function) -> &'static str {
    if function == Function::Neg { "neg" } else { function.symbol() }
}

/// Binds the first argument that is not null: constants take the others' type where it holds them.
pub(super) fn coalesce(arguments: Vec<Operand>) -> Result<Operand> {
    let is_null = |operand: &Operand| match operand {
        Operand::Literal(literal) => *literal == Literal::Null,
        Operand::Bound(bound) => *value_type(&bound.data_type()) == DataType::Null,
    };
    let mut arguments: Vec<Operand> = arguments.into_iter().filter(|argument| !is_null(argument)).collect();
    // Nothing after a constant is ever used.
    if let Some(last) = arguments.iter().position(|argument| matches!(argument, Operand::Literal(_))) {
        arguments.truncate(last + 1);
    }
    if arguments.len() < 2 {
        return Ok(arguments.pop().unwrap_or(Operand::Literal(Literal::Null)));
    }
    let mut wanted: Option<(DataType, Bound)> = None;
    for argument in &arguments {
        let data_type = match (argument, &wanted) {
            (Operand::Literal(literal), Some((wanted, _))) if matches!(place(literal, wanted), Ok(Place::At(_))) => {
                continue;
            }
            (Operand::Literal(literal), Some((_, first))) if literal.is_numeric() => {
                number_beside(literal, first)?.data_type()
            }
            (Operand::Literal(literal), _) => typed_literal(literal)?.data_type(),
            (Operand::Bound(bound), _) => value_type(&bound.data_type()).clone(),
        };
        let bound = argument.clone().typed()?;
        wanted = Some(match wanted {
            None => (data_type, bound),
            Some((wanted, first)) => {
                let common = common_type(&wanted, &data_type).ok_or_else(|| {
                    let (first_text, other) = (describe(&first), describe(&bound));
                    let advice = "they have no common type; cast one of them";
                    located(format!("Cannot use coalesce on {first_text} and {other}: {advice}"), &first)
                })?;
                (common, first)
            }
        });
    }
    let Some((data_type, _)) = wanted else { return Err(invalid("Cannot use coalesce without arguments".into())) };
    let arguments = arguments.into_iter().map(|argument| match &argument {
        Operand::Literal(literal) => match place(literal, &data_type) {
            Ok(Place::At(value)) => Ok(Bound::Literal(value)),
            _ => cast_to(argument.typed()?, &data_type),
        },
        Operand::Bound(bound) => cast_to(bound.clone(), &data_type),
    });
    let arguments = arguments.collect::<Result<Vec<_>>>()?;
    folded(Bound::Call { function: Function::Coalesce, arguments, data_type }).map(Operand::Bound)
}
