//! The steps that a scan takes over from the stream's transforms: which columns it reads for them, which rows pass and
//! what the batches show.
//!
//! A step sees the columns that the step before it gives. Renamed and computed columns are replaced by what they stand
//! for, so that in the end every expression is about columns of the file. That is sound because expressions never fail on
//! values and depend on nothing but their row.

use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Schema};
use serde::Deserialize;

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::expression::bind::bind;
use crate::expression::bound::Bound;
use crate::expression::evaluate::Evaluator;
use crate::expression::expr::{Expr, MAX_DEPTH};
use crate::expression::json;
use crate::expression::operation::Operation;
use crate::files::schema::shown_type;
use crate::names::{advice, nearest};
use crate::rows::row_plan::{Conjunct, Inputs, Output, OutputValue, Read, RowPlan};

/// A step, as the caller's JSON says it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Keeps the rows for which the predicate is true.
    Where(Expr),
    /// Keeps these columns, in this order.
    Select(Vec<String>),
    /// Gives columns other names: pairs of the old name and the new one.
    Rename(Vec<(String, String)>),
    /// Adds columns behind the others, or replaces those of the same name.
    WithColumns(Vec<(String, Expr)>),
}

impl Step {
    /// Reads a list of steps from JSON.
    ///
    /// # Errors
    /// `INVALID_EXPRESSION` for steps or expressions that can't be read, or are nested deeper than expressions may be.
    pub fn list_from_json(text: &str) -> Result<Vec<Self>> {
        let invalid =
            |cause: String| SpillwayError::new(ErrorCode::InvalidExpression, format!("Cannot read the steps: {cause}"));
        // The list, the step, its columns and a column's pair are around an expression.
        let value = json::parse(text, 2 * MAX_DEPTH + 6).map_err(invalid)?;
        Vec::<Self>::deserialize(value).map_err(|cause| invalid(cause.to_string()))
    }
}

/// What all steps together come to.
#[derive(Debug)]
pub struct Pipeline {
    filter: Option<Expr>,
    outputs: Vec<Visible>,
}

/// A column that a step sees.
#[derive(Debug, Clone)]
struct Visible {
    field: FieldRef,
    /// What it stands for.
    value: Expr,
}

impl Pipeline {
    /// Takes the steps one after the other, beginning with columns of these fields.
    ///
    /// # Errors
    /// `UNKNOWN_COLUMN` for a column that a step does not see, `INVALID_EXPRESSION` for an expression that cannot be
    /// evaluated on the columns' types, `INVALID_ARGUMENT` for two columns of one name, `UNSUPPORTED_FEATURE` where there
    /// are two to begin with.
    pub fn compose(fields: &[FieldRef], steps: &[Step]) -> Result<Self> {
        let whole = |field: &FieldRef| Visible { field: Arc::clone(field), value: column(field.name()) };
        let mut pipeline = Self { filter: None, outputs: fields.iter().map(whole).collect() };
        if let Some(name) = pipeline.repeated_name() {
            let message = format!(
                "Cannot filter, rename or add columns: two are named '{name}', and these know columns by their names; leave it out with `columns`"
            );
            return Err(SpillwayError::new(ErrorCode::UnsupportedFeature, message).at_column(name));
        }
        for step in steps {
            match step {
                Step::Where(predicate) => pipeline.keep_rows(predicate)?,
                Step::Select(names) => pipeline.select(names)?,
                Step::Rename(names) => pipeline.rename(names)?,
                Step::WithColumns(columns) => pipeline.add_columns(columns)?,
            }
        }
        Ok(pipeline)
    }

    /// The condition that all rows must meet, about columns of the first step.
    #[must_use]
    pub fn filter(&self) -> Option<&Expr> {
        self.filter.as_ref()
    }

    /// Texts of the conditions that rows are tested by.
    #[must_use]
    pub fn conditions(&self) -> Vec<String> {
        self.filter.iter().flat_map(grouped).map(|condition| condition.to_string()).collect()
    }

    /// The same for rows that are known to meet the condition.
    #[must_use]
    pub fn without_filter(self) -> Self {
        Self { filter: None, ..self }
    }

    /// For each column of the result its field and, where it is one of the first columns unchanged, that column's name;
    /// `None` where rows are tested or values computed.
    #[must_use]
    pub fn plain_columns(&self) -> Option<Vec<(FieldRef, String)>> {
        if self.filter.is_some() {
            return None;
        }
        self.outputs
            .iter()
            .map(|output| Some((Arc::clone(&output.field), plain_name(&output.value)?.to_owned())))
            .collect()
    }

    /// Names of the first columns that are needed at all.
    #[must_use]
    pub fn needed(&self, fields: &[FieldRef]) -> Vec<String> {
        let mut used: Vec<Vec<String>> = self.outputs.iter().flat_map(|output| output.value.column_paths()).collect();
        used.extend(self.filter.iter().flat_map(Expr::column_paths));
        let is_used = |name: &String| used.iter().any(|path| leads_to(path, name, fields));
        fields.iter().map(|field| field.name().clone()).filter(is_used).collect()
    }

    /// The plan of rows that are read as `reads`, which must hold all columns that are needed.
    ///
    /// # Errors
    /// As [`Pipeline::compose`].
    pub fn row_plan(&self, reads: Vec<Read>) -> Result<RowPlan> {
        let mut conditions = Vec::new();
        for condition in self.filter.iter().flat_map(grouped) {
            conditions.push(conjunct(&condition, &reads)?);
        }
        let mut dictionaries = 0..;
        let mut outputs = Vec::with_capacity(self.outputs.len());
        for Visible { field, value } in &self.outputs {
            let read = plain_name(value).and_then(|name| reads.iter().position(|read| read.name() == name));
            let (value, dictionary) = if let Some(read) = read {
                (OutputValue::Read(read), reads[read].is_dictionary())
            } else {
                let (bound, inputs) = bind_to(value, &reads, Read::shown_field)?;
                (OutputValue::Computed(Box::new(Evaluator::new(bound)?), inputs), false)
            };
            let dictionary = if dictionary { dictionaries.next() } else { None };
            outputs.push(Output { field: Arc::clone(field), value, dictionary });
        }
        Ok(RowPlan { reads, conjuncts: conditions, outputs })
    }

    fn schema(&self) -> Schema {
        Schema::new(self.outputs.iter().map(|output| Arc::clone(&output.field)).collect::<Vec<_>>())
    }

    fn keep_rows(&mut self, predicate: &Expr) -> Result<()> {
        let bound = bind(predicate, &self.schema())?;
        if bound.data_type() != DataType::Boolean {
            let message = format!(
                "Cannot filter by {predicate}: it gives {}, not true or false; compare it with something",
                bound.data_type()
            );
            return Err(SpillwayError::new(ErrorCode::InvalidExpression, message));
        }
        let predicate = self.in_first_columns(predicate);
        self.filter = Expr::and(self.filter.take().into_iter().chain([predicate]).collect());
        Ok(())
    }

    fn select(&mut self, names: &[String]) -> Result<()> {
        self.outputs =
            names.iter().map(|name| self.find(name).map(|at| self.outputs[at].clone())).collect::<Result<_>>()?;
        self.check_names()
    }

    fn rename(&mut self, names: &[(String, String)]) -> Result<()> {
        let places = names.iter().map(|(old, _)| self.find(old)).collect::<Result<Vec<usize>>>()?;
        for (place, (_, new)) in places.into_iter().zip(names) {
            let output = &mut self.outputs[place];
            output.field = Arc::new(output.field.as_ref().clone().with_name(new));
        }
        self.check_names()
    }

    fn add_columns(&mut self, columns: &[(String, Expr)]) -> Result<()> {
        let schema = self.schema();
        let mut added = Vec::with_capacity(columns.len());
        for (name, expression) in columns {
            let bound = bind(expression, &schema)?;
            let field = match &bound {
                // A column by another name stays as it is: a dictionary, with its metadata.
                Bound::Column(reference) if reference.fields.is_empty() => {
                    schema.field(reference.root).clone().with_name(name)
                }
                _ => Field::new(name, shown_type(&bound.data_type(), false), true),
            };
            added.push(Visible { field: Arc::new(field), value: self.in_first_columns(expression) });
        }
        for column in added {
            match self.outputs.iter_mut().find(|output| output.field.name() == column.field.name()) {
                Some(output) => *output = column,
                None => self.outputs.push(column),
            }
        }
        Ok(())
    }

    /// The expression in terms of the first step's columns.
    fn in_first_columns(&self, expression: &Expr) -> Expr {
        expression.substitute(&|path| self.value_of(path))
    }

    fn value_of(&self, path: &[String]) -> Option<Expr> {
        let (name, rest) = self.split(path)?;
        let output = self.outputs.iter().find(|output| output.field.name() == &name)?;
        match &output.value {
            value if rest.is_empty() => Some(value.clone()),
            Expr::Column(base) => Some(Expr::Column(base.iter().cloned().chain(rest).collect())),
            _ => None,
        }
    }

    /// A path as the name of a column that the step sees, and the path within it.
    fn split(&self, path: &[String]) -> Option<(String, Vec<String>)> {
        let (first, rest) = path.split_first()?;
        if self.outputs.iter().any(|output| output.field.name() == first) {
            return Some((first.clone(), rest.to_vec()));
        }
        let (root, inner) = first.split_once('.')?;
        let inner = inner.split('.').map(str::to_owned);
        Some((root.to_owned(), inner.chain(rest.iter().cloned()).collect()))
    }

    fn find(&self, name: &str) -> Result<usize> {
        let found = self.outputs.iter().position(|output| output.field.name() == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = self.outputs.iter().map(|output| output.field.name().as_str()).collect();
            let near = nearest(names.iter().copied(), name);
            let message = format!("Cannot find column '{name}' at this step: {}", advice(&near, &names));
            SpillwayError::new(ErrorCode::UnknownColumn, message).with_suggestions(near).at_column(name)
        })
    }

    fn check_names(&self) -> Result<()> {
        let Some(name) = self.repeated_name() else { return Ok(()) };
        let message = format!("Cannot give two columns the name '{name}'; name each column once");
        Err(SpillwayError::new(ErrorCode::InvalidArgument, message).at_column(name))
    }

    fn repeated_name(&self) -> Option<&str> {
        let mut seen = std::collections::HashSet::new();
        self.outputs.iter().map(|output| output.field.name().as_str()).find(|name| !seen.insert(*name))
    }
}

/// A condition, ready to be tested. What only compares is evaluated on values as they are decoded, all else on the types
/// that batches show, or its results would differ from those of the same step outside a scan.
fn conjunct(condition: &Expr, reads: &[Read]) -> Result<Conjunct> {
    let (bound, inputs) = bind_to(condition, reads, Read::decoded_field)?;
    let (bound, inputs) =
        if computes(&bound) { bind_to(condition, reads, Read::shown_field)? } else { (bound, inputs) };
    Ok(Conjunct { evaluator: Evaluator::new(bound)?, inputs, text: condition.to_string() })
}

/// The conditions that are joined by `and` at the top.
#[must_use]
pub fn conjuncts(predicate: &Expr) -> Vec<Expr> {
    match predicate {
        Expr::Call { operation: Operation::And, arguments } => arguments.iter().flat_map(conjuncts).collect(),
        other => vec![other.clone()],
    }
}

/// The conditions, those on the same columns as one: these are loaded together, and tested in one go.
fn grouped(predicate: &Expr) -> Vec<Expr> {
    let mut groups: Vec<(Vec<Vec<String>>, Vec<Expr>)> = Vec::new();
    for condition in conjuncts(predicate) {
        let mut columns = condition.column_paths();
        columns.sort_unstable();
        match groups.iter_mut().find(|(known, _)| *known == columns) {
            Some((_, conditions)) => conditions.push(condition),
            None => groups.push((columns, vec![condition])),
        }
    }
    groups.into_iter().filter_map(|(_, conditions)| Expr::and(conditions)).collect()
}

/// Whether an expression makes values, and not only tests them.
fn computes(bound: &Bound) -> bool {
    matches!(bound, Bound::Arithmetic { .. } | Bound::Cast { .. } | Bound::Call { .. })
        || bound.children().into_iter().any(computes)
}

/// Binds an expression to the columns that it uses.
fn bind_to(expression: &Expr, reads: &[Read], field: fn(&Read) -> FieldRef) -> Result<(Bound, Inputs)> {
    let all = Inputs::new((0..reads.len()).collect(), reads, field);
    // By name: binding may find that a column that is named does not matter.
    let paths = expression.column_paths();
    let is_used = |read: &usize| paths.iter().any(|path| leads_to(path, reads[*read].name(), all.schema.fields()));
    let used = (0..reads.len()).filter(is_used).collect();
    let inputs = Inputs::new(used, reads, field);
    Ok((bind(expression, &inputs.schema)?, inputs))
}

fn column(name: &str) -> Expr {
    Expr::Column(vec![name.to_owned()])
}

fn plain_name(value: &Expr) -> Option<&str> {
    match value {
        Expr::Column(path) => match path.as_slice() {
            [name] => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a path begins at a column.
fn leads_to(path: &[String], name: &str, fields: &[FieldRef]) -> bool {
    let Some(first) = path.first() else { return false };
    if fields.iter().any(|field| field.name() == first) {
        return first == name;
    }
    first.split_once('.').is_some_and(|(root, _)| root == name)
}
