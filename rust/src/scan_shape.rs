//! What a scan reads and what its batches look like, from the caller's options and the steps that it takes over.

use std::sync::Arc;

use arrow_schema::{FieldRef, Schema, SchemaRef};

use crate::error::Result;
use crate::expression::bind::bind;
use crate::expression::expr::Expr;
use crate::file::ParquetFile;
use crate::options::ScanOptions;
use crate::pipeline::{Pipeline, conjuncts};
use crate::projection::Projection;
use crate::row_plan::{Read, RowPlan};
use crate::scan_filter::Filter;
use crate::schema::{ScanColumn, batch_schema, check_row_index, scan_columns};

/// The columns of a scan, read and shown.
pub struct ScanShape {
    /// The columns read.
    pub projection: Projection,
    /// How they are decoded and shown, where nothing is tested or computed.
    pub columns: Vec<ScanColumn>,
    /// What is tested and computed, if anything is.
    pub row_plan: Option<Arc<RowPlan>>,
    /// The predicate, if there is one.
    pub filter: Option<Filter>,
    /// The batches' schema.
    pub schema: SchemaRef,
}

/// Resolves the options and the steps against a file.
///
/// # Errors
/// `UNKNOWN_COLUMN`, `INVALID_ARGUMENT`, `INVALID_EXPRESSION`, `UNSUPPORTED_FEATURE`, `ENCRYPTED_FILE`.
pub fn scan_shape(file: &Arc<ParquetFile>, options: &ScanOptions) -> Result<ScanShape> {
    let row_index = options.row_index.as_deref();
    let projection = Projection::resolve(file, options.columns.as_deref())?;
    let columns = scan_columns(file, &projection, options)?;
    check_row_index(file, &columns, row_index)?;
    let schema = batch_schema(file, &columns, row_index);
    if options.steps.is_empty() {
        check_supported(file, &projection)?;
        return Ok(ScanShape { projection, columns, row_plan: None, filter: None, schema });
    }
    let pipeline = Pipeline::compose(schema.fields(), &options.steps).map_err(|error| error.at_path(&file.path))?;
    if let (Some(plain), None) = (pipeline.plain_columns(), row_index) {
        return plain_shape(file, &columns, &plain, &schema);
    }
    let needed = pipeline.needed(schema.fields());
    let used: Vec<ScanColumn> = columns.into_iter().filter(|column| needed.contains(column.field.name())).collect();
    let numbers = row_index.filter(|name| needed.iter().any(|needed| needed == name)).map(Read::row_index);
    let reads = numbers.into_iter().chain(used.iter().cloned().map(|column| Read::Column(Box::new(column)))).collect();
    let row_plan = pipeline.row_plan(reads).map_err(|error| error.at_path(&file.path))?;
    let filter = pipeline.filter().map(|filter| prunable(file, filter, &used)).transpose()?;
    let fields: Vec<FieldRef> = row_plan.outputs.iter().map(|output| Arc::clone(&output.field)).collect();
    let projection = Projection { roots: used.iter().map(|column| column.root.clone()).collect() };
    check_supported(file, &projection)?;
    Ok(ScanShape {
        projection,
        columns: used,
        row_plan: Some(Arc::new(row_plan)),
        filter,
        schema: Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())),
    })
}

/// Columns that are chosen, put in order and renamed, and nothing else.
fn plain_shape(
    file: &ParquetFile,
    columns: &[ScanColumn],
    plain: &[(FieldRef, String)],
    schema: &Schema,
) -> Result<ScanShape> {
    let mut dictionaries = 0..;
    let mut chosen = Vec::with_capacity(plain.len());
    for (field, name) in plain {
        let Some(column) = columns.iter().find(|column| column.field.name() == name) else { continue };
        let dictionary = column.dictionary.and_then(|_| dictionaries.next());
        chosen.push(ScanColumn { field: Arc::clone(field), dictionary, ..column.clone() });
    }
    let projection = Projection { roots: chosen.iter().map(|column| column.root.clone()).collect() };
    check_supported(file, &projection)?;
    let fields: Vec<FieldRef> = chosen.iter().map(|column| Arc::clone(&column.field)).collect();
    let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    Ok(ScanShape { projection, columns: chosen, row_plan: None, filter: None, schema })
}

fn check_supported(file: &ParquetFile, projection: &Projection) -> Result<()> {
    let leaves: Vec<usize> = projection.roots.iter().flat_map(|root| root.leaves.iter().copied()).collect();
    file.check_supported(&leaves)
}

/// The predicate for planning. Conditions on row numbers are in no metadata, and are left to the lanes.
fn prunable(file: &ParquetFile, filter: &Expr, columns: &[ScanColumn]) -> Result<Filter> {
    let mut fields: Vec<FieldRef> = file.schema.fields().iter().cloned().collect();
    for column in columns {
        let stored = &fields[column.root.root_index];
        if !stored.data_type().is_nested() {
            let decoded = stored.as_ref().clone().with_data_type(column.decoded.clone());
            fields[column.root.root_index] = Arc::new(decoded);
        }
    }
    let schema = Arc::new(Schema::new(fields));
    let decidable = conjuncts(filter).into_iter().filter(|condition| bind(condition, &schema).is_ok()).collect();
    let prunable = Expr::and(decidable).map(|condition| bind(&condition, &schema)).transpose()?;
    Ok(Filter { text: filter.to_string(), prunable, schema })
}
