//! Evaluation of bound expressions on batches.

use std::sync::Arc;

use arrow_arith::boolean;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, UInt32Array};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{ArrowError, DataType};
use arrow_select::nullif::nullif;
use arrow_select::take::take;

use super::arithmetic;
use super::bound::{ArithmeticOp, Bound, ColumnRef, CompareOp, Function};
use super::compare;
use super::functions;
use super::in_set::InSet;
use super::text::TextTest;
use crate::error::{ErrorCode, Result, SpillwayError};

/// An expression made ready for many batches: patterns are compiled and lists indexed once. It can be shared by threads.
#[derive(Debug)]
pub struct Evaluator {
    root: Node,
}

/// A bound expression with what is prepared for it.
#[derive(Debug)]
enum Node {
    Column(ColumnRef),
    Literal(ArrayRef),
    CompareValue(CompareOp, Box<Node>, ArrayRef),
    Compare(CompareOp, Box<Node>, Box<Node>),
    In(Box<Node>, InSet),
    Known(Box<Node>, bool),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    IsNull(Box<Node>),
    IsNan(Box<Node>),
    Text(Box<Node>, TextTest),
    Arithmetic(ArithmeticOp, Box<Node>, Box<Node>),
    Cast(Box<Node>, DataType),
    Call(Function, Vec<Node>, DataType),
}

type Evaluated<T> = std::result::Result<T, ArrowError>;

impl Evaluator {
    /// Prepares an expression.
    ///
    /// # Errors
    /// `INVALID_EXPRESSION` for a pattern that is no regular expression, or that compiles to too large a program.
    pub fn new(bound: Bound) -> Result<Self> {
        Node::new(bound).map(|root| Self { root })
    }

    /// The values of a batch's rows, as many as it has.
    ///
    /// # Errors
    /// `INTERNAL` for a batch of another schema than the expression was bound to. Values never fail.
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        self.root.evaluate(batch).map_err(|e| failed(&e))
    }

    /// Which rows of a batch the predicate is true for; null counts as false, and no result is null.
    ///
    /// # Errors
    /// As [`Self::evaluate`], and `INTERNAL` for an expression that is no predicate.
    pub fn mask(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        self.root.mask(batch).map(|mask| BooleanArray::new(mask, None)).map_err(|e| failed(&e))
    }
}

fn failed(error: &ArrowError) -> SpillwayError {
    let message = "Cannot evaluate an expression: this is a defect of Spillway; please report it with the expression";
    SpillwayError::new(ErrorCode::Internal, message).with_cause(error)
}

impl Node {
    fn new(bound: Bound) -> Result<Self> {
        let boxed = |bound: Box<Bound>| Self::new(*bound).map(Box::new);
        let all = |bounds: Vec<Bound>| bounds.into_iter().map(Self::new).collect::<Result<Vec<Self>>>();
        Ok(match bound {
            Bound::Column(column) => Self::Column(column),
            Bound::Literal(value) => Self::Literal(value),
            Bound::Compare { op, left, right } => match *right {
                Bound::Literal(value) => Self::CompareValue(op, boxed(left)?, value),
                right => Self::Compare(op, boxed(left)?, Box::new(Self::new(right)?)),
            },
            Bound::In { value, list, has_null } => {
                Self::In(boxed(value)?, InSet::new(&list, has_null).map_err(|e| failed(&e))?)
            }
            Bound::Known { value, truth } => Self::Known(boxed(value)?, truth),
            Bound::And(parts) => Self::And(all(parts)?),
            Bound::Or(parts) => Self::Or(all(parts)?),
            Bound::Not(value) => Self::Not(boxed(value)?),
            Bound::IsNull(value) => Self::IsNull(boxed(value)?),
            Bound::IsNan(value) => Self::IsNan(boxed(value)?),
            Bound::Text { op, value, pattern } => {
                let test = TextTest::new(op, &pattern).map_err(|e| {
                    let message = format!("Cannot use the pattern '{pattern}': it is no regular expression");
                    SpillwayError::new(ErrorCode::InvalidExpression, message).with_cause(&e)
                })?;
                Self::Text(boxed(value)?, test)
            }
            Bound::Arithmetic { op, left, right } => Self::Arithmetic(op, boxed(left)?, boxed(right)?),
            Bound::Cast { value, to } => Self::Cast(boxed(value)?, to),
            Bound::Call { function, arguments, data_type } => Self::Call(function, all(arguments)?, data_type),
        })
    }

    fn evaluate(&self, batch: &RecordBatch) -> Evaluated<ArrayRef> {
        match self {
            Self::Column(column) => column_of(column, batch),
            Self::Literal(value) => repeated(value, batch.num_rows()),
            Self::Arithmetic(op, left, right) => {
                arithmetic::compute(*op, &left.evaluate(batch)?, &right.evaluate(batch)?)
            }
            Self::Cast(value, to) => functions::cast(&value.evaluate(batch)?, to),
            Self::Call(function, arguments, data_type) => {
                let arguments =
                    arguments.iter().map(|argument| argument.evaluate(batch)).collect::<Evaluated<Vec<_>>>()?;
                functions::call(*function, &arguments, data_type)
            }
            _ => self.test(batch).map(|result| Arc::new(result) as ArrayRef),
        }
    }

    /// The results of a predicate, null included.
    fn test(&self, batch: &RecordBatch) -> Evaluated<BooleanArray> {
        match self {
            Self::CompareValue(op, left, value) => {
                on_values(&left.evaluate(batch)?, |array| compare::compare_value(*op, array, value))
            }
            Self::Compare(op, left, right) => compare::compare(*op, &left.evaluate(batch)?, &right.evaluate(batch)?),
            Self::In(value, set) => on_values(&value.evaluate(batch)?, |array| set.contains(array)),
            Self::Known(value, truth) => {
                let nulls = value.evaluate(batch)?.logical_nulls();
                let rows = batch.num_rows();
                let values = if *truth { BooleanBuffer::new_set(rows) } else { BooleanBuffer::new_unset(rows) };
                Ok(BooleanArray::new(values, nulls))
            }
            Self::And(parts) => joined(parts, batch, false),
            Self::Or(parts) => joined(parts, batch, true),
            Self::Not(value) => boolean::not(&value.test(batch)?),
            Self::IsNull(value) => boolean::is_null(&value.evaluate(batch)?),
            Self::IsNan(value) => on_values(&value.evaluate(batch)?, is_nan),
            Self::Text(value, test) => on_values(&value.evaluate(batch)?, |array| test.test(array)),
            _ => {
                let values = self.evaluate(batch)?;
                values.as_boolean_opt().cloned().ok_or_else(|| {
                    ArrowError::InvalidArgumentError(format!("{} is no predicate's type", values.data_type()))
                })
            }
        }
    }

    /// Where the predicate is true. Stops once all rows are decided.
    fn mask(&self, batch: &RecordBatch) -> Evaluated<BooleanBuffer> {
        let (parts, decisive) = match self {
            Self::And(parts) => (parts, false),
            Self::Or(parts) => (parts, true),
            _ => {
                let (values, nulls) = self.test(batch)?.into_parts();
                return Ok(match nulls.filter(|nulls| nulls.null_count() > 0) {
                    Some(nulls) => &values & nulls.inner(),
                    None => values,
                });
            }
        };
        let rows = batch.num_rows();
        let mut result = if decisive { BooleanBuffer::new_unset(rows) } else { BooleanBuffer::new_set(rows) };
        for part in parts {
            let mask = part.mask(batch)?;
            result = if decisive { &result | &mask } else { &result & &mask };
            let trues = result.count_set_bits();
            if trues == if decisive { rows } else { 0 } {
                break;
            }
        }
        Ok(result)
    }
}

/// Joins predicates by three-valued logic; `decisive` decides alone: false a conjunction, true a disjunction.
fn joined(parts: &[Node], batch: &RecordBatch, decisive: bool) -> Evaluated<BooleanArray> {
    let mut result: Option<BooleanArray> = None;
    for part in parts {
        let next = part.test(batch)?;
        let joined = match &result {
            None => next,
            Some(result) if decisive => boolean::or_kleene(result, &next)?,
            Some(result) => boolean::and_kleene(result, &next)?,
        };
        let decided = if decisive { joined.true_count() } else { joined.false_count() };
        let is_decided = decided == batch.num_rows();
        result = Some(joined);
        if is_decided {
            break;
        }
    }
    Ok(result.unwrap_or_else(|| BooleanArray::from(vec![!decisive; batch.num_rows()])))
}

/// Evaluates on a dictionary's values, where they are no more than its rows, and on the rows otherwise.
fn on_values(array: &ArrayRef, test: impl Fn(&ArrayRef) -> Evaluated<BooleanArray>) -> Evaluated<BooleanArray> {
    let Some(dictionary) = array.as_any_dictionary_opt() else { return test(array) };
    if dictionary.values().len() > array.len() {
        return test(&functions::cast(array, dictionary.values().data_type())?);
    }
    let results = test(dictionary.values())?;
    Ok(take(&results, dictionary.keys(), None)?.as_boolean().clone())
}

fn is_nan(array: &ArrayRef) -> Evaluated<BooleanArray> {
    let one = arrow_cast::cast(&arrow_array::Float64Array::from(vec![f64::NAN]), array.data_type())?;
    compare::compare_value(CompareOp::Eq, array, &one)
}

fn column_of(column: &ColumnRef, batch: &RecordBatch) -> Evaluated<ArrayRef> {
    let missing = || ArrowError::SchemaError(format!("the batch has no column '{}'", column.name));
    let mut array = Arc::clone(batch.columns().get(column.root).ok_or_else(missing)?);
    for index in &column.fields {
        let parent = array.as_struct_opt().ok_or_else(missing)?;
        let field = parent.columns().get(*index).ok_or_else(missing)?;
        // What lies under a null is null, whatever the field's own array says.
        array = match parent.nulls().filter(|nulls| nulls.null_count() > 0) {
            Some(nulls) => nullif(field, &BooleanArray::new(!nulls.inner(), None))?,
            None => Arc::clone(field),
        };
    }
    Ok(array)
}

fn repeated(value: &ArrayRef, rows: usize) -> Evaluated<ArrayRef> {
    if rows == 1 {
        return Ok(Arc::clone(value));
    }
    take(value, &UInt32Array::from(vec![0; rows]), None)
}
