//! The schema of a CSV, from what is given and from the first records.

use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::names::{advice, nearest};
use crate::text::csv::head::column_name;
use crate::text::csv::options::InferOptions;
use crate::text::csv::records::{Records, Unclosed};
use crate::text::csv::rules::Rules;
use crate::text::csv::shape::{Shape, Shapes};
use crate::text::format::Sample;

/// What the caller says of the columns.
#[derive(Debug, Clone, Default)]
pub struct GivenColumns {
    /// All of them, in the file's order.
    pub schema: Option<SchemaRef>,
    /// The types of some.
    pub types: Option<SchemaRef>,
    /// How the others are told; they are text when absent.
    pub infer: Option<InferOptions>,
}

impl GivenColumns {
    /// The schema of samples, as [`crate::text::format::TextFormat::infer`] says.
    ///
    /// # Errors
    /// `SCHEMA_MISMATCH` where the header has other names than the schema, `UNKNOWN_COLUMN` for a type of a column that
    /// there is not, `EMPTY_FILE` where nothing says which columns there are.
    pub fn infer(&self, rules: &Rules, samples: &[Sample<'_>]) -> Result<SchemaRef> {
        let names = samples.first().and_then(|sample| sample.head.names.as_ref());
        if let Some(schema) = &self.schema {
            if let Some(names) = names {
                check_header(schema, names, samples.first().and_then(|sample| sample.path))?;
            }
            return Ok(nullable(schema));
        }
        let mut shapes = match (&self.infer, names) {
            (None, Some(_)) => Vec::new(),
            _ => shapes_of(rules, self.infer.is_some_and(|infer| infer.dates), samples)?,
        };
        let names = match names {
            Some(names) => names.clone(),
            None if shapes.is_empty() => return Err(no_columns()),
            None => (0..shapes.len()).map(column_name).collect(),
        };
        shapes.resize(names.len(), Shape::default());
        let inferred = |shape: &Shape| if self.infer.is_some() { shape.data_type() } else { DataType::Utf8 };
        let fields: Vec<FieldRef> = names
            .iter()
            .zip(&shapes)
            .map(|(name, shape)| match self.given_type(name) {
                Some(field) => Arc::new(field.clone().with_nullable(true)),
                None => Arc::new(Field::new(name, inferred(shape), true)),
            })
            .collect();
        self.check_types(&names)?;
        Ok(Arc::new(Schema::new(fields)))
    }

    fn given_type(&self, name: &str) -> Option<&Field> {
        self.types.as_ref()?.column_with_name(name).map(|(_, field)| field)
    }

    fn check_types(&self, names: &[String]) -> Result<()> {
        let mut given = self.types.iter().flat_map(|types| types.fields());
        let Some(unknown) = given.find(|field| !names.contains(field.name())) else { return Ok(()) };
        let name = unknown.name();
        let roots: Vec<&str> = names.iter().map(String::as_str).collect();
        let suggestions = nearest(roots.iter().copied(), name);
        let message =
            format!("Cannot give column '{name}' a type: the CSV has no such column; {}", advice(&suggestions, &roots));
        Err(SpillwayError::new(ErrorCode::UnknownColumn, message).at_column(name).with_suggestions(suggestions))
    }
}

/// What the columns of samples look like; as many as the first record has cells.
fn shapes_of(rules: &Rules, dates: bool, samples: &[Sample<'_>]) -> Result<Vec<Shape>> {
    let recognizer = Shapes::new(rules, dates).map_err(|e| SpillwayError::from_arrow(&e))?;
    let (mut shapes, mut cells, mut scratch) = (Vec::new(), Vec::new(), String::new());
    // A file with another header is an error once it is read.
    let header = samples.first().and_then(|sample| sample.head.names.as_ref());
    for sample in samples.iter().filter(|sample| sample.head.names.as_ref() == header) {
        // Bytes that are no text are found when the record is read, unless a predicate or a limit spares it.
        let text = String::from_utf8_lossy(sample.bytes);
        let mut records = Records::new(text.as_bytes(), rules.dialect);
        loop {
            cells.clear();
            let record =
                records.read(&mut cells).map_err(|Unclosed(_)| SpillwayError::internal("a sample lost its quotes"));
            if record?.is_none() {
                break;
            }
            if shapes.is_empty() {
                rules.check_columns(cells.len())?;
                shapes.resize(header.map_or(cells.len(), Vec::len), Shape::default());
            }
            for (shape, cell) in shapes.iter_mut().zip(&cells) {
                let value = rules.text(*cell, &text, &mut scratch);
                if !rules.is_null(value) {
                    *shape |= recognizer.of(value);
                }
            }
        }
    }
    Ok(shapes)
}

fn nullable(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()))
}

fn check_header(schema: &Schema, names: &[String], path: Option<&str>) -> Result<()> {
    let fields = schema.fields();
    if fields.iter().map(|field| field.name()).eq(names) {
        return Ok(());
    }
    let count = fields.len().max(names.len());
    let differs = |index: &usize| fields.get(*index).map(|field| field.name()) != names.get(*index);
    let index = (0..count).find(differs).unwrap_or(0);
    let quoted = |name: Option<&String>| name.map_or("none".to_owned(), |name| format!("'{name}'"));
    let message = format!(
        "Cannot read the CSV by the schema that was given: its column {} is {} there and {} in the header; give the columns in the file's order, or give `types` for some of them, or names of your own by `header` with `skipRows`",
        index + 1,
        quoted(fields.get(index).map(|field| field.name())),
        quoted(names.get(index)),
    );
    let error = SpillwayError::new(ErrorCode::SchemaMismatch, message);
    Err(match path {
        Some(path) => error.at_path(path),
        None => error,
    })
}

fn no_columns() -> SpillwayError {
    let message = "Cannot tell the columns of the CSV: there is no record; give `header` with their names, or `schema`";
    SpillwayError::new(ErrorCode::EmptyFile, message)
}
