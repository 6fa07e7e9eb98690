//! What a scan with a predicate or computed columns reads, tests and gives, row by row.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};

use crate::batches::constant::Constant;
use crate::error::{Result, SpillwayError};
use crate::expression::evaluate::Evaluator;
use crate::files::schema::ScanColumn;

/// Shared by all lanes of a scan.
#[derive(Debug)]
pub struct RowPlan {
    /// The columns read, each once.
    pub reads: Vec<Read>,
    /// All must be true of a row that is given.
    pub conjuncts: Vec<Conjunct>,
    /// The columns of the batch.
    pub outputs: Vec<Output>,
}

/// A column that is read.
#[derive(Debug, Clone)]
pub enum Read {
    /// A column of the file.
    Column(Box<ScanColumn>),
    /// The rows' numbers in the file, under this field.
    RowIndex(FieldRef),
    /// A column of one value, of which nothing is read.
    Constant(Box<Constant>),
    /// A column of a batch that is given, not read from a file.
    Given(FieldRef),
}

/// One of the conditions that are joined by `and`.
#[derive(Debug)]
pub struct Conjunct {
    /// The condition.
    pub evaluator: Evaluator,
    /// What it needs.
    pub inputs: Inputs,
    /// The condition as text.
    pub text: String,
}

/// A column of the batch.
#[derive(Debug)]
pub struct Output {
    /// Its field.
    pub field: FieldRef,
    /// Where its values come from.
    pub value: OutputValue,
    /// The stream's dictionary of this column, if it is shown as one.
    pub dictionary: Option<usize>,
}

/// Where an output's values come from.
#[derive(Debug)]
pub enum OutputValue {
    /// From a column that is read, by its index.
    Read(usize),
    /// From an expression.
    Computed(Box<Evaluator>, Inputs),
}

/// The columns that an expression needs.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// Indices of the columns read.
    pub reads: Vec<usize>,
    /// Their fields, as the expression was bound to them.
    pub schema: SchemaRef,
}

impl RowPlan {
    /// Indices of the columns that conditions need.
    pub fn tested(&self) -> impl Iterator<Item = usize> + '_ {
        self.conjuncts.iter().flat_map(|conjunct| conjunct.inputs.reads.iter().copied())
    }

    /// Indices of the columns that the batches need.
    pub fn given(&self) -> impl Iterator<Item = usize> + '_ {
        self.outputs.iter().flat_map(|output| match &output.value {
            OutputValue::Read(read) => vec![*read],
            OutputValue::Computed(_, inputs) => inputs.reads.clone(),
        })
    }

    /// Whether a column is read for one output alone, and as it is.
    #[must_use]
    pub fn is_only_shown(&self, read: usize) -> bool {
        let is_it = |output: &&Output| matches!(output.value, OutputValue::Read(shown) if shown == read);
        let uses = self.tested().chain(self.given()).filter(|used| *used == read);
        self.outputs.iter().any(|output| is_it(&output)) && uses.count() == 1
    }

    /// The names of some of the columns read, each once, in the order in which they are read.
    #[must_use]
    pub fn names(&self, reads: impl Iterator<Item = usize>) -> Vec<String> {
        let wanted: Vec<usize> = reads.collect();
        let is_wanted = |(index, _): &(usize, &Read)| wanted.contains(index);
        self.reads.iter().enumerate().filter(is_wanted).map(|(_, read)| read.name().to_owned()).collect()
    }
}

impl Read {
    /// The field as it is decoded.
    #[must_use]
    pub fn decoded_field(&self) -> FieldRef {
        match self {
            Self::Column(column) => {
                Arc::new(column.field.as_ref().clone().with_data_type(column.read_type().clone()).with_nullable(true))
            }
            Self::RowIndex(field) => Arc::clone(field),
            Self::Constant(constant) => without_dictionary(&constant.decoded_field()),
            Self::Given(field) => without_dictionary(field),
        }
    }

    /// The field as batches show it.
    #[must_use]
    pub fn shown_field(&self) -> FieldRef {
        match self {
            Self::Column(column) => Arc::clone(&column.field),
            Self::RowIndex(field) => Arc::clone(field),
            Self::Constant(constant) => Arc::clone(&constant.field),
            Self::Given(field) => without_dictionary(field),
        }
    }

    /// The column's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Column(column) => column.field.name(),
            Self::Constant(constant) => constant.field.name(),
            Self::RowIndex(field) | Self::Given(field) => field.name(),
        }
    }

    /// Whether batches show it as a dictionary.
    #[must_use]
    pub fn is_dictionary(&self) -> bool {
        match self {
            Self::Column(column) => column.dictionary.is_some(),
            Self::Constant(constant) => matches!(constant.field.data_type(), DataType::Dictionary(..)),
            Self::RowIndex(_) | Self::Given(_) => false,
        }
    }

    /// A field of row numbers.
    #[must_use]
    pub fn row_index(name: &str) -> Self {
        Self::RowIndex(Arc::new(Field::new(name, DataType::Int64, false)))
    }
}

/// Dictionaries that are given are decoded for expressions.
fn without_dictionary(field: &FieldRef) -> FieldRef {
    match field.data_type() {
        DataType::Dictionary(_, values) => Arc::new(field.as_ref().clone().with_data_type(values.as_ref().clone())),
        _ => Arc::clone(field),
    }
}

impl Inputs {
    /// A batch of the columns that the expression needs, in the order of `reads`, cast to the types that it was bound to.
    ///
    /// # Errors
    /// Those of arrow's `cast` kernel.
    pub fn batch(&self, loaded: &[ArrayRef], rows: usize) -> Result<RecordBatch> {
        let mut arrays = Vec::with_capacity(self.reads.len());
        for (array, field) in loaded.iter().zip(self.schema.fields()) {
            arrays.push(if array.data_type() == field.data_type() {
                Arc::clone(array)
            } else {
                arrow_cast::cast(array, field.data_type()).map_err(|e| SpillwayError::from_arrow(&e))?
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
            .map_err(|e| SpillwayError::from_arrow(&e))
    }

    /// The inputs of an expression that uses these columns, in the form that `field` gives.
    #[must_use]
    pub fn new(reads: Vec<usize>, all: &[Read], field: impl Fn(&Read) -> FieldRef) -> Self {
        let fields: Vec<FieldRef> = reads.iter().filter_map(|read| all.get(*read)).map(field).collect();
        Self { reads, schema: Arc::new(Schema::new(fields)) }
    }
}
