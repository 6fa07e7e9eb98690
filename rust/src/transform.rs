//! The steps of a stream's transforms on batches that no scan of ours made.
//!
//! One synchronous call a batch: conditions are tested one after the other on the rows that passed those before, then the
//! outputs are gathered. What comes out shares no memory with the batch, which may be lent for the call only.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, make_array};
use arrow_data::ArrayData;
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use serde::Serialize;

use crate::batches::column::Column;
use crate::batches::nested::{copied, export, laid_out};
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::pipeline::{Pipeline, Step};
use crate::rows::row_plan::{OutputValue, Read, RowPlan};
use crate::rows::row_values::{Mask, RowValues, Values};

/// Steps that are ready to be taken on batches of one schema.
#[derive(Debug)]
pub struct Transform {
    plan: RowPlan,
    /// Fields of the columns that are needed, as batches have to hold them.
    input: SchemaRef,
    schema: SchemaRef,
    lending: Lending,
    /// Whether the outputs are the columns as they came.
    same_columns: bool,
}

/// Which columns of its batches a transform needs, and where the result's come from.
#[derive(Debug, Clone, Serialize)]
pub struct Lending {
    /// The columns needed, in the order of [`Transform::input`].
    pub reads: Vec<LentColumn>,
    /// For each column of the result the place of the column that it is, unless it is computed.
    pub sources: Vec<Option<usize>>,
}

/// A column that a transform needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LentColumn {
    /// Its place in the batch.
    pub column: usize,
    /// Whether its dictionaries are needed, since its values are tested or computed with. Else it is lent with the keys
    /// in place of the dictionaries.
    pub dictionaries: bool,
}

/// What a transform makes of a batch.
#[derive(Debug)]
pub enum Transformed {
    /// The batch itself: all rows passed, and the columns are as they were.
    Unchanged,
    /// No row.
    Empty,
    /// These columns.
    Columns {
        /// Their rows.
        rows: usize,
        /// The columns, the keys in place of dictionaries.
        columns: Vec<Column>,
    },
}

/// What passes of a batch.
#[derive(Debug)]
pub enum Passed {
    /// The batch itself.
    Unchanged,
    /// No row.
    Empty,
    /// These columns.
    Rows {
        /// Their rows.
        rows: usize,
        /// The columns, the keys in place of dictionaries.
        arrays: Vec<ArrayRef>,
    },
}

impl Transform {
    /// Binds the steps to batches of this schema.
    ///
    /// # Errors
    /// `UNKNOWN_COLUMN`, `INVALID_EXPRESSION` and `INVALID_ARGUMENT` for steps that make no sense with the schema,
    /// `UNSUPPORTED_FEATURE` for two columns of one name, and for a column of a type that can't be lent.
    pub fn new(schema: &Schema, steps: &[Step]) -> Result<Self> {
        let fields: Vec<FieldRef> = schema.fields().iter().map(nullable).collect();
        check_names(&fields)?;
        let pipeline = Pipeline::compose(&fields, steps)?;
        let needed = pipeline.needed(&fields);
        let is_needed = |(_, field): &(usize, &FieldRef)| needed.contains(field.name());
        let (places, given): (Vec<usize>, Vec<FieldRef>) =
            fields.iter().enumerate().filter(is_needed).map(|(place, field)| (place, Arc::clone(field))).unzip();
        for field in &given {
            check_lendable(field.name(), field.data_type())?;
        }
        let plan = pipeline.row_plan(given.iter().cloned().map(Read::Given).collect())?;
        let tested = tested_reads(&plan);
        let lent = |(read, field): (usize, FieldRef)| if tested[read] { field } else { with_keys(&field) };
        let input: Vec<FieldRef> = given.into_iter().enumerate().map(lent).collect();
        let reads = places.iter().zip(&tested);
        let reads = reads.map(|(column, dictionaries)| LentColumn { column: *column, dictionaries: *dictionaries });
        let source = |value: &OutputValue| match value {
            OutputValue::Read(read) => places.get(*read).copied(),
            OutputValue::Computed(..) => None,
        };
        let sources: Vec<Option<usize>> = plan.outputs.iter().map(|output| source(&output.value)).collect();
        let lending = Lending { reads: reads.collect(), sources };
        let outputs: Vec<FieldRef> = plan.outputs.iter().map(|output| Arc::clone(&output.field)).collect();
        Ok(Self {
            same_columns: outputs == fields && lending.sources.iter().copied().eq((0..fields.len()).map(Some)),
            schema: Arc::new(Schema::new_with_metadata(outputs, schema.metadata().clone())),
            input: Arc::new(Schema::new(input)),
            lending,
            plan,
        })
    }

    /// What batches have to hold: the columns of [`Lending::reads`].
    #[must_use]
    pub fn input(&self) -> &SchemaRef {
        &self.input
    }

    /// The result's schema.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Which columns are needed, and where the result's come from.
    #[must_use]
    pub fn lending(&self) -> &Lending {
        &self.lending
    }

    /// Takes the steps on a batch of the [`Transform::input`] schema.
    ///
    /// Costs a copy of the rows that pass, once; the result keeps nothing of the batch alive.
    ///
    /// # Errors
    /// Those of arrow's kernels, and `MEMORY_LIMIT` where computed text passes 2 GiB.
    pub fn apply(&self, batch: &RecordBatch) -> Result<Transformed> {
        Ok(match self.passed(batch)? {
            Passed::Unchanged => Transformed::Unchanged,
            Passed::Empty => Transformed::Empty,
            Passed::Rows { rows, arrays } => {
                let lent = LentMemory::of(batch);
                let columns = arrays.into_iter().map(|array| column(array, &lent)).collect::<Result<_>>()?;
                Transformed::Columns { rows, columns }
            }
        })
    }

    /// The same, for batches of the library's own: what comes out may share memory with the batch.
    ///
    /// # Errors
    /// As [`Transform::apply`].
    pub fn passed(&self, batch: &RecordBatch) -> Result<Passed> {
        if batch.num_rows() == 0 {
            return Ok(Passed::Empty);
        }
        let mut load = |read: usize, _: &Mask| Ok(Values::All(ArrayRef::clone(batch.column(read))));
        let mut values = RowValues::new(batch.num_rows(), self.plan.reads.len());
        for conjunct in &self.plan.conjuncts {
            values.test(conjunct, &mut load)?;
            if values.mask().passed == 0 {
                return Ok(Passed::Empty);
            }
        }
        if self.same_columns && values.mask().bits.is_none() {
            return Ok(Passed::Unchanged);
        }
        let outputs = values.outputs(&self.plan, &mut load)?;
        let mask = values.into_mask();
        let shown = |(values, output): (Values, _)| self.shown(values.passed(mask.filter())?, output);
        let arrays = outputs.into_iter().zip(0..).map(shown).collect::<Result<_>>()?;
        Ok(Passed::Rows { rows: mask.passed, arrays })
    }

    /// Texts of the conditions that rows are tested by.
    pub fn conditions(&self) -> impl Iterator<Item = &str> + '_ {
        self.plan.conjuncts.iter().map(|conjunct| conjunct.text.as_str())
    }

    /// Names of the columns that conditions need.
    #[must_use]
    pub fn tested(&self) -> Vec<String> {
        self.plan.names(self.plan.tested())
    }

    fn shown(&self, array: ArrayRef, output: usize) -> Result<ArrayRef> {
        match &self.plan.outputs[output].value {
            OutputValue::Read(_) => Ok(match array.as_any_dictionary_opt() {
                Some(dictionary) => make_array(dictionary.keys().to_data()),
                None => array,
            }),
            OutputValue::Computed(..) => arrow_cast::cast(&array, self.schema.field(output).data_type())
                .map_err(|e| SpillwayError::from_arrow(&e)),
        }
    }
}

fn column(array: ArrayRef, lent: &LentMemory) -> Result<Column> {
    let data = array.to_data();
    if lent.holds(&data) { Ok(laid_out(&copied(&data)?)) } else { export(&[array], data.data_type()) }
}

/// Which columns an expression reads; the others only pass through.
fn tested_reads(plan: &RowPlan) -> Vec<bool> {
    let mut tested = vec![false; plan.reads.len()];
    let computed = plan.outputs.iter().filter_map(|output| match &output.value {
        OutputValue::Computed(_, inputs) => Some(inputs),
        OutputValue::Read(_) => None,
    });
    for inputs in plan.conjuncts.iter().map(|conjunct| &conjunct.inputs).chain(computed) {
        inputs.reads.iter().for_each(|read| tested[*read] = true);
    }
    tested
}

/// Where the memory of a batch is, to tell what shares it.
struct LentMemory(Vec<Range<usize>>);

impl LentMemory {
    fn of(batch: &RecordBatch) -> Self {
        let mut ranges = Vec::new();
        for column in batch.columns() {
            for_each_buffer(&column.to_data(), true, &mut |range| ranges.push(range));
        }
        Self(ranges)
    }

    /// Whether any of the data lies in it, but for dictionaries, which aren't given.
    fn holds(&self, data: &ArrayData) -> bool {
        let mut held = false;
        for_each_buffer(data, false, &mut |range| {
            // An empty slice at an end keeps its memory alive too.
            held |= self.0.iter().any(|lent| lent.start <= range.end && range.start <= lent.end);
        });
        held
    }
}

fn for_each_buffer(data: &ArrayData, dictionaries: bool, visit: &mut impl FnMut(Range<usize>)) {
    let nulls = data.nulls().map(arrow_buffer::NullBuffer::buffer);
    for buffer in data.buffers().iter().chain(nulls) {
        let start = buffer.as_ptr() as usize;
        visit(start..start + buffer.len());
    }
    if dictionaries || !matches!(data.data_type(), DataType::Dictionary(..)) {
        data.child_data().iter().for_each(|child| for_each_buffer(child, dictionaries, visit));
    }
}

/// A field that may be null, and so may its children: apache-arrow doesn't see to it that what is declared without nulls
/// has none.
pub(crate) fn nullable(field: &FieldRef) -> FieldRef {
    with_types(field, &|data_type| data_type.clone())
}

/// A field with the type of its keys in place of a dictionary, at any depth.
fn with_keys(field: &FieldRef) -> FieldRef {
    with_types(field, &|data_type| match data_type {
        DataType::Dictionary(key, _) => key.as_ref().clone(),
        other => other.clone(),
    })
}

fn with_types(field: &FieldRef, leaf: &impl Fn(&DataType) -> DataType) -> FieldRef {
    let child = |field: &FieldRef| with_types(field, leaf);
    let data_type = match field.data_type() {
        DataType::List(item) => DataType::List(child(item)),
        DataType::LargeList(item) => DataType::LargeList(child(item)),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(child(item), *size),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(child).collect()),
        DataType::Map(entries, sorted) => DataType::Map(map_entries(entries, &child), *sorted),
        other => leaf(other),
    };
    let field = Field::new(field.name(), data_type, true).with_metadata(field.metadata().clone());
    Arc::new(field)
}

/// Of a map, arrow demands that entries and keys are declared without nulls.
fn map_entries(entries: &FieldRef, child: &impl Fn(&FieldRef) -> FieldRef) -> FieldRef {
    let required = |field: FieldRef| Arc::new(field.as_ref().clone().with_nullable(false));
    let entries = child(entries);
    let DataType::Struct(fields) = entries.data_type() else { return required(entries) };
    let fields = fields.iter().enumerate();
    let fields = fields.map(|(index, field)| if index == 0 { required(Arc::clone(field)) } else { Arc::clone(field) });
    let data_type = DataType::Struct(fields.collect());
    required(Arc::new(entries.as_ref().clone().with_data_type(data_type)))
}

fn check_names(fields: &[FieldRef]) -> Result<()> {
    let mut seen = HashSet::new();
    match fields.iter().find(|field| !seen.insert(field.name())) {
        None => Ok(()),
        Some(field) => {
            let name = field.name();
            let message = format!("Cannot take steps on batches with two columns '{name}'; rename one of them first");
            // The batches may be a file's, of which the caller knows nothing: no argument is wrong.
            Err(SpillwayError::new(ErrorCode::UnsupportedFeature, message).at_column(name))
        }
    }
}

fn check_lendable(column: &str, data_type: &DataType) -> Result<()> {
    match data_type {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            check_lendable(column, item.data_type())
        }
        DataType::Map(entries, _) => check_lendable(column, entries.data_type()),
        DataType::Struct(fields) => {
            fields.iter().try_for_each(|field| check_lendable(&format!("{column}.{}", field.name()), field.data_type()))
        }
        DataType::Dictionary(_, values) => check_lendable(column, values),
        DataType::Utf8View
        | DataType::BinaryView
        | DataType::Union(..)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::RunEndEncoded(..)
        | DataType::Decimal32(..)
        | DataType::Decimal64(..) => {
            let message = format!(
                "Cannot take steps on column '{column}': its type {data_type} is not supported here; leave the column out or convert it"
            );
            Err(SpillwayError::new(ErrorCode::UnsupportedFeature, message).at_column(column))
        }
        _ => Ok(()),
    }
}
