//! Names of columns, found in a schema.

use arrow_schema::{DataType, Fields, Schema};

use super::bound::ColumnRef;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::names;

/// Finds a column: its first element is a top-level name, or else a path with dots; the others follow structs.
///
/// # Errors
/// `UNKNOWN_COLUMN` with the nearest names.
pub fn resolve(schema: &Schema, path: &[String]) -> Result<ColumnRef> {
    let found = path.split_first().and_then(|(first, rest)| {
        let start = start(schema.fields(), first)?;
        rest.iter().try_fold(start, |place, name| step(&place, name))
    });
    let name = path.join(".");
    match found {
        Some(place) => {
            Ok(ColumnRef { root: place.root, fields: place.fields, name, data_type: place.data_type.clone() })
        }
        None => Err(unknown(schema, &name)),
    }
}

struct Place<'a> {
    root: usize,
    fields: Vec<usize>,
    data_type: &'a DataType,
}

/// The column of this name, or the field at this path: the longest top-level name that begins it counts.
fn start<'a>(fields: &'a Fields, name: &str) -> Option<Place<'a>> {
    let root = |name: &str| {
        let (root, field) = fields.find(name)?;
        Some(Place { root, fields: Vec::new(), data_type: field.data_type() })
    };
    if let Some(place) = root(name) {
        return Some(place);
    }
    let dots = name.rmatch_indices('.').map(|(at, _)| at);
    dots.into_iter().find_map(|at| within(&root(&name[..at])?, &name[at + 1..]))
}

/// The field at a path with dots, whose names may hold dots themselves.
fn within<'a>(place: &Place<'a>, path: &str) -> Option<Place<'a>> {
    if let Some(found) = step(place, path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(at, _)| within(&step(place, &path[..at])?, &path[at + 1..]))
}

fn step<'a>(place: &Place<'a>, name: &str) -> Option<Place<'a>> {
    let DataType::Struct(fields) = place.data_type else { return None };
    let (index, field) = fields.find(name)?;
    let mut path = place.fields.clone();
    path.push(index);
    Some(Place { root: place.root, fields: path, data_type: field.data_type() })
}

fn unknown(schema: &Schema, name: &str) -> SpillwayError {
    let roots: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let mut paths = Vec::new();
    schema.fields().iter().for_each(|field| collect(field.name(), field.data_type(), &mut paths));
    let known = roots.iter().copied().chain(paths.iter().map(String::as_str));
    let suggestions = names::nearest(known, name);
    let advice = names::advice(&suggestions, &roots);
    let message = format!("Cannot find column '{name}' of an expression: the schema has no such column; {advice}");
    SpillwayError::new(ErrorCode::UnknownColumn, message).with_suggestions(suggestions).at_column(name)
}

fn collect(prefix: &str, data_type: &DataType, paths: &mut Vec<String>) {
    if let DataType::Struct(fields) = data_type {
        for field in fields {
            let path = format!("{prefix}.{}", field.name());
            collect(&path, field.data_type(), paths);
            paths.push(path);
        }
    }
}
