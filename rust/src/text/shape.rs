//! What a text scan parses and what its batches look like, from the caller's options and the steps that it takes over.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};

use crate::batches::constant::Constant;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::file_pruner::FilePruner;
use crate::files::schema::batch_fields;
use crate::names::{advice, nearest};
use crate::options::ScanOptions;
use crate::text::format::Wanted;
use crate::transform::{Passed, Transform};

/// The columns of a text scan, parsed and shown.
#[derive(Debug)]
pub struct TextShape {
    /// The columns that are parsed.
    pub wanted: Vec<Wanted>,
    /// Where the columns come from that the steps see, or, without steps, the batches.
    given: Vec<Given>,
    /// Their schema.
    input: SchemaRef,
    /// The steps, if there are any.
    pub transform: Option<Transform>,
    /// Rules out files by the columns of their paths.
    pub pruner: Option<FilePruner>,
}

/// Where a column comes from.
#[derive(Debug, Clone)]
enum Given {
    /// From the parser, by its place there.
    Parsed(usize),
    /// The rows' numbers.
    RowIndex,
    /// From the file's path, by its place among the file's constants.
    Constant(usize),
}

/// A column before the steps.
struct Column {
    field: FieldRef,
    source: Source,
}

enum Source {
    /// By its place in the format's schema.
    Text(usize),
    RowIndex,
    Constant(usize),
}

impl TextShape {
    /// Resolves the options and the steps against the schema of the text.
    ///
    /// # Errors
    /// `UNKNOWN_COLUMN`, `INVALID_ARGUMENT`, `INVALID_EXPRESSION`, `UNSUPPORTED_FEATURE`.
    pub fn new(text: &Schema, options: &ScanOptions) -> Result<Self> {
        let constants = options.files.first().map_or(&[][..], |file| &file.constants);
        let columns = columns(text, options, constants)?;
        let fields: Vec<FieldRef> = columns.iter().map(|column| Arc::clone(&column.field)).collect();
        let numbers = usize::from(options.row_index.is_some());
        let pruner = if constants.is_empty() { None } else { FilePruner::new(&fields[numbers..], options)? };
        let shown = Schema::new_with_metadata(fields, text.metadata().clone());
        let transform = match options.steps.as_slice() {
            [] => None,
            steps => Some(Transform::new(&shown, steps)?),
        };
        let (needed, input): (Vec<usize>, SchemaRef) = match &transform {
            None => ((0..columns.len()).collect(), Arc::new(shown)),
            Some(transform) => {
                let reads = &transform.lending().reads;
                (reads.iter().map(|read| read.column).collect(), Arc::clone(transform.input()))
            }
        };
        let mut wanted = Vec::new();
        let given = needed.into_iter().map(|place| {
            let Column { field, source } = &columns[place];
            match source {
                Source::RowIndex => Given::RowIndex,
                Source::Constant(constant) => Given::Constant(*constant),
                Source::Text(column) => {
                    wanted.push(Wanted { column: *column, field: Arc::clone(field) });
                    Given::Parsed(wanted.len() - 1)
                }
            }
        });
        Ok(Self { given: given.collect(), wanted, input, transform, pruner })
    }

    /// The batches' schema.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        self.transform.as_ref().map_or(&self.input, Transform::schema)
    }

    /// Whether a predicate may leave rows out.
    #[must_use]
    pub fn filters(&self) -> bool {
        self.transform.as_ref().is_some_and(|transform| transform.conditions().next().is_some())
    }

    /// Whether batches are what is parsed, as it is.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.transform.is_none() && self.given.iter().all(|given| matches!(given, Given::Parsed(_)))
    }

    /// What batches show of rows that were parsed: those that pass, with columns added and computed.
    ///
    /// # Errors
    /// Those of the steps.
    pub fn shown(&self, parsed: &RecordBatch, constants: &[Constant], first_row: u64) -> Result<RecordBatch> {
        let rows = parsed.num_rows();
        let array = |(given, field): (&Given, &FieldRef)| {
            Ok(match given {
                Given::Parsed(place) => Arc::clone(parsed.column(*place)),
                Given::RowIndex => {
                    let first = first_row as i64;
                    Arc::new(Int64Array::from_iter_values(first..first + rows as i64)) as ArrayRef
                }
                Given::Constant(place) => constant_rows(constants.get(*place), field.data_type(), rows)?,
            })
        };
        let arrays = self.given.iter().zip(self.input.fields()).map(array).collect::<Result<_>>()?;
        let input = batch(&self.input, arrays, rows)?;
        let Some(transform) = &self.transform else { return Ok(input) };
        match transform.passed(&input)? {
            Passed::Unchanged => batch(transform.schema(), input.columns().to_vec(), rows),
            Passed::Empty => Ok(RecordBatch::new_empty(Arc::clone(transform.schema()))),
            Passed::Rows { rows, arrays } => batch(transform.schema(), arrays, rows),
        }
    }
}

fn batch(schema: &SchemaRef, arrays: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
        .map_err(|e| SpillwayError::internal("columns give no batch").with_cause(&e))
}

fn constant_rows(constant: Option<&Constant>, data_type: &DataType, rows: usize) -> Result<ArrayRef> {
    let constant = constant.ok_or_else(|| SpillwayError::internal("a file lacks a column of its path"))?;
    let values = constant.rows(rows)?;
    if values.data_type() == data_type {
        return Ok(values);
    }
    arrow_cast::cast(&values, data_type).map_err(|e| SpillwayError::from_arrow(&e))
}

/// The columns asked for, in order: constants are known by their names before columns of the text are.
fn columns(text: &Schema, options: &ScanOptions, constants: &[Constant]) -> Result<Vec<Column>> {
    let constant = |place: usize| Column { field: shown_constant(&constants[place]), source: Source::Constant(place) };
    let of_constant = |name: &str| constants.iter().position(|constant| constant.field.name() == name);
    let mut columns: Vec<Column> = Vec::new();
    match &options.columns {
        None => {
            for (place, field) in text.fields().iter().enumerate() {
                if of_constant(field.name()).is_none() {
                    columns.push(Column { field: Arc::clone(field), source: Source::Text(place) });
                }
            }
            columns.extend((0..constants.len()).map(constant));
        }
        Some(names) => {
            for (index, name) in names.iter().enumerate() {
                if names[..index].contains(name) {
                    let message = format!("Cannot read column '{name}' twice; name it once in `columns`");
                    return Err(SpillwayError::new(ErrorCode::InvalidArgument, message).at_column(name));
                }
                match of_constant(name) {
                    Some(place) => columns.push(constant(place)),
                    None => add_named(text, name, &mut columns)?,
                }
            }
        }
    }
    if let Some(name) = &options.row_index {
        if columns.iter().any(|column| column.field.name() == name) {
            let message = format!(
                "Cannot add row numbers as '{name}': there is a column of that name; choose another `rowIndex`"
            );
            return Err(SpillwayError::new(ErrorCode::InvalidArgument, message).at_column(name));
        }
        let field = batch_fields(std::iter::empty(), Some(name)).into_iter();
        columns.splice(..0, field.map(|field| Column { field, source: Source::RowIndex }));
    }
    Ok(columns)
}

/// A constant is never shown as a dictionary here.
fn shown_constant(constant: &Constant) -> FieldRef {
    match constant.field.data_type() {
        DataType::Dictionary(_, values) => {
            Arc::new(constant.field.as_ref().clone().with_data_type(values.as_ref().clone()))
        }
        _ => Arc::clone(&constant.field),
    }
}

/// Adds a column, or a part of one, by its path; parts of one object are read together at its first mention.
fn add_named(text: &Schema, name: &str, columns: &mut Vec<Column>) -> Result<()> {
    let part = |place: usize, field: &FieldRef| {
        if field.name() == name {
            return Some((place, Arc::clone(field)));
        }
        let rest = name.strip_prefix(field.name())?.strip_prefix('.')?;
        Some((place, part_of(field, rest)?))
    };
    let whole = text.fields().iter().position(|field| field.name() == name);
    let found = match whole {
        Some(place) => Some((place, Arc::clone(&text.fields()[place]))),
        None => text.fields().iter().enumerate().find_map(|(place, field)| part(place, field)),
    };
    let Some((place, field)) = found else {
        let names: Vec<&str> = text.fields().iter().map(|field| field.name().as_str()).collect();
        let near = nearest(names.iter().copied(), name);
        let message = format!("Cannot read column '{name}': there is no such column; {}", advice(&near, &names));
        return Err(SpillwayError::new(ErrorCode::UnknownColumn, message).with_suggestions(near).at_column(name));
    };
    let known = columns.iter_mut().find(|column| matches!(column.source, Source::Text(known) if known == place));
    match known {
        Some(column) => column.field = merged(&text.fields()[place], &column.field, &field),
        None => columns.push(Column { field, source: Source::Text(place) }),
    }
    Ok(())
}

/// An object with the one part that a path leads to.
fn part_of(field: &FieldRef, path: &str) -> Option<FieldRef> {
    let DataType::Struct(fields) = field.data_type() else { return None };
    let part = fields.iter().find_map(|inner| {
        if inner.name() == path {
            return Some(Arc::clone(inner));
        }
        part_of(inner, path.strip_prefix(inner.name().as_str())?.strip_prefix('.')?)
    })?;
    Some(with_fields(field, vec![part].into()))
}

/// An object with the parts of two, in the order of the whole.
fn merged(whole: &FieldRef, one: &FieldRef, other: &FieldRef) -> FieldRef {
    let (DataType::Struct(all), DataType::Struct(ones), DataType::Struct(others)) =
        (whole.data_type(), one.data_type(), other.data_type())
    else {
        return Arc::clone(whole);
    };
    let find = |fields: &Fields, name: &str| fields.iter().find(|field| field.name() == name).cloned();
    let part = |field: &FieldRef| match (find(ones, field.name()), find(others, field.name())) {
        (Some(one), Some(other)) => Some(merged(field, &one, &other)),
        (one, other) => one.or(other),
    };
    with_fields(whole, all.iter().filter_map(part).collect())
}

fn with_fields(field: &FieldRef, fields: Fields) -> FieldRef {
    let field: Field = field.as_ref().clone();
    Arc::new(field.with_data_type(DataType::Struct(fields)))
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;

    use super::*;

    fn options(json: &str) -> ScanOptions {
        ScanOptions::from_json(json.as_bytes()).expect("options")
    }

    fn text() -> Schema {
        let int = |name: &str| Field::new(name, DataType::Int64, true);
        let deep = Field::new_struct("q", vec![int("u"), int("v")], true);
        Schema::new(vec![int("a"), Field::new_struct("o", vec![int("x"), int("y"), deep], true), int("b.c")])
    }

    fn shape(json: &str) -> Result<TextShape> {
        TextShape::new(&text(), &options(json))
    }

    fn names(shape: &TextShape) -> Vec<String> {
        shape.wanted.iter().map(|wanted| format!("{}: {}", wanted.field.name(), wanted.field.data_type())).collect()
    }

    #[test]
    fn columns_are_chosen_by_name_and_by_path() {
        let all = shape(r#"{"path": "f"}"#).expect("shape");
        assert_eq!(all.wanted.iter().map(|wanted| wanted.column).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(all.is_plain());
        let parts = shape(r#"{"path": "f", "columns": ["b.c", "o.q.v", "o.x", "a"]}"#).expect("shape");
        assert_eq!(names(&parts), ["b.c: Int64", r#"o: Struct("x": Int64, "q": Struct("v": Int64))"#, "a: Int64"]);
        let whole = shape(r#"{"path": "f", "columns": ["o.q.v", "o"]}"#).expect("shape");
        assert_eq!(whole.wanted[0].field, text().fields()[1]);
    }

    #[test]
    fn unknown_and_doubled_columns_are_told() {
        let error = shape(r#"{"path": "f", "columns": ["A"]}"#).expect_err("unknown");
        assert_eq!((error.code(), error.suggestions()), (ErrorCode::UnknownColumn, &["a".to_owned()][..]));
        assert_eq!(
            shape(r#"{"path": "f", "columns": ["o.z"]}"#).expect_err("unknown").code(),
            ErrorCode::UnknownColumn
        );
        for json in [r#"{"path": "f", "columns": ["a", "a"]}"#, r#"{"path": "f", "rowIndex": "a"}"#] {
            assert_eq!(shape(json).expect_err("doubled").code(), ErrorCode::InvalidArgument);
        }
    }

    #[test]
    fn steps_parse_no_more_than_they_need() {
        let json = r#"{"path": "f", "rowIndex": "n", "steps": [{"select": ["a", "n"]}, {"rename": [["a", "z"]]}]}"#;
        let shape = shape(json).expect("shape");
        assert_eq!(names(&shape), ["a: Int64"]);
        let parsed = Arc::new(Schema::new(vec![Field::new("a", DataType::Int64, true)]));
        let parsed = batch(&parsed, vec![Arc::new(Int64Array::from(vec![7, 8]))], 2).expect("batch");
        let shown = shape.shown(&parsed, &[], 40).expect("shown");
        assert_eq!(shown.schema().fields().iter().map(|field| field.name()).collect::<Vec<_>>(), ["z", "n"]);
        assert_eq!(shown.column(1).as_primitive::<Int64Type>().values()[..], [40, 41]);
    }

    #[test]
    fn constants_come_before_columns_of_the_text() {
        let json = r#"{"files": [{"path": "f", "constants": [
            {"name": "a", "type": "int64", "value": "5"}, {"name": "file", "type": "dictionary", "value": "f"}]}],
            "columns": ["file", "a"]}"#;
        let options = options(json);
        let shape = TextShape::new(&text(), &options).expect("shape");
        assert!(shape.wanted.is_empty());
        let none = batch(&Arc::new(Schema::empty()), Vec::new(), 2).expect("batch");
        let shown = shape.shown(&none, &options.files[0].constants, 0).expect("shown");
        assert_eq!(shown.column(0).as_string::<i32>().iter().collect::<Vec<_>>(), [Some("f"); 2]);
        assert_eq!(shown.column(1).as_primitive::<Int64Type>().values()[..], [5, 5]);
    }
}
