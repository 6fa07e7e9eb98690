//! The columns of a scan in one of its files: found by name, of any place, and as the scan shows them.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::{Field, FieldRef, Schema, SchemaRef};

use super::shown::{shown, shown_field, shown_schema};
use crate::batches::widening::{common, is_same, widen, widens};
use crate::error::{Mismatch, Result, SpillwayError};
use crate::options::{SchemaMode, Strings};
use crate::text::format::Wanted;

/// What all files of a scan are shown as.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// All columns, those that are not wanted too.
    pub(super) schema: SchemaRef,
    /// The file or the schema that it comes from, for messages.
    pub(super) origin: String,
    /// Whether files must have the same columns.
    pub(super) is_strict: bool,
    pub(super) strings: Strings,
}

/// The wanted columns in one file.
#[derive(Debug)]
pub(super) struct FileColumns {
    /// Places of the columns that are decoded.
    pub(super) places: Vec<usize>,
    columns: Vec<Column>,
    schema: SchemaRef,
}

#[derive(Debug)]
struct Column {
    /// What batches show.
    field: FieldRef,
    /// By its place among those that are decoded, as the file by itself would show it; none where the file lacks it.
    own: Option<(usize, FieldRef)>,
}

impl Target {
    /// The target with what another file has too, of types that hold the values of both.
    ///
    /// # Errors
    /// `SCHEMA_MISMATCH` for types that no type holds the values of both of.
    pub(super) fn united(&self, other: &Schema, path: &str) -> Result<Self> {
        let other = shown_schema(other, self.strings);
        let mut fields: Vec<FieldRef> = self.schema.fields().iter().cloned().collect();
        let mut mismatches = Vec::new();
        for field in other.fields() {
            let Some(known) = fields.iter_mut().find(|known| known.name() == field.name()) else {
                fields.push(Arc::clone(field));
                continue;
            };
            match common(known.data_type(), field.data_type()) {
                Some(both) => *known = Arc::new(known.as_ref().clone().with_data_type(both)),
                None => mismatches.push(self.mismatch(known.name(), path, Some(field), Some(known))),
            }
        }
        if !mismatches.is_empty() {
            return Err(SpillwayError::mismatch(mismatches));
        }
        let schema = Arc::new(Schema::new_with_metadata(fields, self.schema.metadata().clone()));
        Ok(Self { schema, origin: self.origin.clone(), ..*self })
    }

    /// Finds the wanted columns in a file; `only_wanted` where the caller named them, so that others may differ.
    ///
    /// # Errors
    /// `SCHEMA_MISMATCH` with all that doesn't fit, `UNSUPPORTED_FEATURE` for a wanted column that can't be shown.
    pub(super) fn find(
        &self,
        stored: &Schema,
        wanted: &[Wanted],
        path: &str,
        only_wanted: bool,
    ) -> Result<FileColumns> {
        let mut mismatches = Vec::new();
        let mut places = Vec::new();
        let mut columns = Vec::with_capacity(wanted.len());
        for Wanted { column, field } in wanted {
            let target = self.schema.field(*column);
            let Some((place, found)) = stored.fields().find(target.name()) else {
                if self.is_strict {
                    mismatches.push(self.mismatch(target.name(), path, None, Some(target)));
                }
                columns.push(Column { field: Arc::clone(field), own: None });
                continue;
            };
            let own = shown_field(found, self.strings)?;
            let field = Arc::clone(field);
            if is_same(own.data_type(), target.data_type()) {
                columns.push(Column { own: Some((places.len(), Arc::clone(&field))), field });
            } else if !self.is_strict && widens(own.data_type(), target.data_type()) {
                columns.push(Column { own: Some((places.len(), own)), field });
            } else {
                mismatches.push(self.mismatch(target.name(), path, Some(&own), Some(target)));
            }
            places.push(place);
        }
        if self.is_strict && !only_wanted {
            let extra = stored.fields().iter().filter(|field| self.schema.fields().find(field.name()).is_none());
            mismatches.extend(extra.map(|field| self.mismatch(field.name(), path, Some(field), None)));
        }
        if !mismatches.is_empty() {
            return Err(SpillwayError::mismatch(mismatches));
        }
        let fields: Vec<FieldRef> = columns.iter().map(|column| Arc::clone(&column.field)).collect();
        Ok(FileColumns { places, columns, schema: Arc::new(Schema::new(fields)) })
    }

    fn mismatch(&self, column: &str, path: &str, found: Option<&Field>, expected: Option<&Field>) -> Mismatch {
        let data_type = |field: Option<&Field>| field.map(|field| field.data_type().to_string());
        Mismatch {
            column: column.to_owned(),
            path: path.to_owned(),
            found: data_type(found),
            expected_by: self.origin.clone(),
            expected: data_type(expected),
        }
    }
}

impl FileColumns {
    /// Whether all columns are shown as they are stored, so that nothing is to be made of their values.
    pub(super) fn are_as_stored(&self, stored: &Schema) -> bool {
        let is_as_stored = |Column { field, own }: &Column| {
            own.as_ref().is_none_or(|(at, _)| stored.field(self.places[*at]).data_type() == field.data_type())
        };
        self.columns.iter().all(is_as_stored)
    }

    /// The rows as the scan shows them, of a batch with the columns at [`FileColumns::places`].
    ///
    /// # Errors
    /// Those of arrow's casts.
    pub(super) fn shown(&self, decoded: &RecordBatch) -> Result<RecordBatch> {
        let rows = decoded.num_rows();
        let array = |Column { field, own }: &Column| -> Result<ArrayRef> {
            let Some((place, own)) = own else { return Ok(new_null_array(field.data_type(), rows)) };
            let array = shown(decoded.column(*place), own)?;
            if array.data_type() == field.data_type() {
                return Ok(array);
            }
            widen(&array, field.data_type()).map_err(|error| SpillwayError::from_arrow(&error).at_column(field.name()))
        };
        let arrays = self.columns.iter().map(array).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
            .map_err(|error| SpillwayError::internal("columns give no batch").with_cause(&error))
    }
}

/// Whether files must have the same columns.
pub(super) fn is_strict(mode: SchemaMode, is_given: bool) -> bool {
    mode == SchemaMode::Strict && !is_given
}
