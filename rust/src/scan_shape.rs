//! What a scan reads and what its batches look like, from the caller's options and the steps that it takes over.

use std::sync::Arc;

use arrow_schema::{FieldRef, Schema, SchemaRef};

use crate::batches::constant::Constant;
use crate::error::Result;
use crate::expression::bind::bind;
use crate::expression::expr::Expr;
use crate::files::file::ParquetFile;
use crate::files::file_pruner::is_always_true;
use crate::files::projection::Projection;
use crate::files::schema::{ScanColumn, batch_schema, check_row_index};
use crate::files::target::{FileColumn, Target, own_columns};
use crate::options::ScanOptions;
use crate::pipeline::{Pipeline, conjuncts};
use crate::rows::row_plan::{Read, RowPlan};
use crate::rows::scan_filter::Filter;

/// The columns of a scan, read and shown.
pub struct ScanShape {
    /// The columns read.
    pub projection: Projection,
    /// How they are decoded and shown, where nothing is tested or computed.
    pub columns: Vec<ScanColumn>,
    /// What is tested and computed, if anything is.
    pub row_plan: Option<Arc<RowPlan>>,
    /// The predicate, if there is one; where there is no row plan, all rows are known to meet it.
    pub filter: Option<Filter>,
    /// Texts of its conditions.
    pub conditions: Vec<String>,
    /// The batches' schema.
    pub schema: SchemaRef,
}

/// Resolves the options and the steps against a file; `target` is what all files of the scan are shown as.
///
/// # Errors
/// `UNKNOWN_COLUMN`, `INVALID_ARGUMENT`, `INVALID_EXPRESSION`, `UNSUPPORTED_FEATURE`, `ENCRYPTED_FILE`,
/// `SCHEMA_MISMATCH`.
pub fn scan_shape(
    file: &Arc<ParquetFile>,
    options: &ScanOptions,
    constants: &[Constant],
    target: Option<&Target>,
) -> Result<ScanShape> {
    let row_index = options.row_index.as_deref();
    let columns = match target {
        Some(target) => target.columns(file, options, constants)?,
        None => own_columns(file, options, constants)?,
    };
    check_row_index(file, &columns, row_index)?;
    let schema = batch_schema(file, columns.iter().map(|column| Arc::clone(column.field())), row_index);
    if options.steps.is_empty() && columns.iter().all(|column| matches!(column, FileColumn::Read(_))) {
        let columns = columns.into_iter().filter_map(FileColumn::into_read).collect();
        return plain_shape(file, columns, row_index, &schema);
    }
    let pipeline = Pipeline::compose(schema.fields(), &options.steps).map_err(|error| error.at_path(&file.path))?;
    let conditions = pipeline.conditions();
    let constants: Vec<Constant> = columns.iter().filter_map(FileColumn::as_constant).cloned().collect();
    let filter = pipeline.filter().map(|filter| prunable(file, filter, &columns, &constants)).transpose()?;
    let is_known = pipeline.filter().is_some_and(|filter| is_always_true(filter, schema.fields(), &constants));
    let pipeline = if is_known { pipeline.without_filter() } else { pipeline };
    let plain = pipeline.plain_columns().filter(|_| row_index.is_none());
    if let Some(columns) = plain.and_then(|plain| plain_columns(&columns, &plain)) {
        return Ok(ScanShape { filter, conditions, ..plain_shape(file, columns, None, &schema)? });
    }
    let needed = pipeline.needed(schema.fields());
    let mut used: Vec<ScanColumn> = Vec::new();
    let mut reads: Vec<Read> = Vec::new();
    reads.extend(row_index.filter(|name| needed.iter().any(|needed| needed == name)).map(Read::row_index));
    for column in columns.into_iter().filter(|column| needed.contains(column.field().name())) {
        match column {
            FileColumn::Read(column) => {
                used.push(column.as_ref().clone());
                reads.push(Read::Column(column));
            }
            FileColumn::Constant(constant) => reads.push(Read::Constant(constant)),
        }
    }
    let row_plan = pipeline.row_plan(reads).map_err(|error| error.at_path(&file.path))?;
    let fields: Vec<FieldRef> = row_plan.outputs.iter().map(|output| Arc::clone(&output.field)).collect();
    let projection = Projection { roots: used.iter().map(|column| column.root.clone()).collect() };
    check_supported(file, &projection)?;
    Ok(ScanShape {
        projection,
        columns: used,
        row_plan: Some(Arc::new(row_plan)),
        filter,
        conditions,
        schema: Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())),
    })
}

/// The columns that are chosen, where all of them are read.
fn plain_columns(columns: &[FileColumn], plain: &[(FieldRef, String)]) -> Option<Vec<ScanColumn>> {
    let mut dictionaries = 0..;
    let mut chosen = Vec::with_capacity(plain.len());
    for (field, name) in plain {
        match columns.iter().find(|column| column.field().name() == name)? {
            FileColumn::Read(column) => {
                let dictionary = column.dictionary.and_then(|_| dictionaries.next());
                chosen.push(ScanColumn { field: Arc::clone(field), dictionary, ..column.as_ref().clone() });
            }
            FileColumn::Constant(_) => return None,
        }
    }
    Some(chosen)
}

/// Columns that are read and shown, and nothing else.
fn plain_shape(
    file: &ParquetFile,
    columns: Vec<ScanColumn>,
    row_index: Option<&str>,
    schema: &Schema,
) -> Result<ScanShape> {
    let projection = Projection { roots: columns.iter().map(|column| column.root.clone()).collect() };
    check_supported(file, &projection)?;
    let numbers = row_index.and_then(|name| schema.field_with_name(name).ok()).map(|field| Arc::new(field.clone()));
    let fields: Vec<FieldRef> =
        numbers.into_iter().chain(columns.iter().map(|column| Arc::clone(&column.field))).collect();
    let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    Ok(ScanShape { projection, columns, row_plan: None, filter: None, conditions: Vec::new(), schema })
}

fn check_supported(file: &ParquetFile, projection: &Projection) -> Result<()> {
    let leaves: Vec<usize> = projection.roots.iter().flat_map(|root| root.leaves.iter().copied()).collect();
    file.check_supported(&leaves)
}

/// The predicate for planning. Conditions on row numbers are in no metadata, and are left to the lanes, as are those on
/// columns whose metadata is of another type than the scan shows.
fn prunable(file: &ParquetFile, filter: &Expr, columns: &[FileColumn], constants: &[Constant]) -> Result<Filter> {
    let mut fields: Vec<FieldRef> = file.schema.fields().iter().cloned().collect();
    for column in columns.iter().filter_map(FileColumn::as_read) {
        let stored = &fields[column.root.root_index];
        if column.cast.is_some() {
            // By a name that no expression has.
            fields[column.root.root_index] = Arc::new(stored.as_ref().clone().with_name("\0widened"));
        } else if !stored.data_type().is_nested() {
            let decoded = stored.as_ref().clone().with_data_type(column.decoded.clone());
            fields[column.root.root_index] = Arc::new(decoded);
        }
    }
    let schema = Arc::new(Schema::new(fields));
    let constant = |path: &[String]| match path {
        [name] => constants.iter().find(|constant| constant.field.name() == name),
        _ => None,
    };
    let constant = |path: &[String]| constant(path).map(|constant| Expr::Literal(constant.literal.clone()));
    let substituted = filter.substitute(&constant);
    let decidable = conjuncts(&substituted).into_iter().filter(|condition| bind(condition, &schema).is_ok()).collect();
    let prunable = Expr::and(decidable).map(|condition| bind(&condition, &schema)).transpose()?;
    Ok(Filter { text: filter.to_string(), prunable, schema })
}
