//! Values of partition columns as the names of folders, as Hive has them: `country=DE/year=2024`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, RecordBatchOptions, StringArray, UInt32Array};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Schema, SchemaRef};

use crate::encode::encode_error;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::names::nearest;
use crate::rows::chosen_rows::taken;

/// The name that Hive, Spark and `DuckDB` give to the folder of nulls.
const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// The values of one partition, as text.
pub type PartitionKey = Vec<Option<String>>;

/// Splits batches by the values of some of their columns.
pub struct Partitioner {
    columns: Vec<(String, usize)>,
    rest: Vec<usize>,
    schema: SchemaRef,
}

impl Partitioner {
    /// A partitioner by these columns; the others go into the files.
    ///
    /// # Errors
    /// `UNKNOWN_COLUMN`, `UNSUPPORTED_FEATURE` for a column whose values can't be names, `INVALID_ARGUMENT` where no
    /// column is left.
    pub fn new(names: &[String], schema: &SchemaRef) -> Result<Self> {
        let columns = names.iter().map(|name| Ok((name.clone(), column(name, schema)?))).collect::<Result<Vec<_>>>()?;
        let is_rest = |index: &usize| columns.iter().all(|(_, column)| column != index);
        let rest: Vec<usize> = (0..schema.fields().len()).filter(is_rest).collect();
        if rest.is_empty() {
            let message = "Cannot partition by all columns: the files would hold none; leave one out of partitionBy";
            return Err(SpillwayError::new(ErrorCode::InvalidArgument, message));
        }
        let fields: Vec<_> = rest.iter().map(|index| Arc::clone(&schema.fields()[*index])).collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        Ok(Self { columns, rest, schema })
    }

    /// The columns of the files.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The rows of a batch by partition, in the order in which partitions first come; rows keep theirs.
    ///
    /// # Errors
    /// Those of arrow's kernels.
    pub fn split(&self, batch: &RecordBatch) -> Result<Vec<(PartitionKey, RecordBatch)>> {
        let texts = self.columns.iter().map(|(name, index)| texts(batch.column(*index), name));
        let texts = texts.collect::<Result<Vec<_>>>()?;
        let rest = self.rest(batch)?;
        let mut groups: Vec<(Vec<Option<&str>>, Vec<u32>)> = Vec::new();
        let mut places: HashMap<Vec<Option<&str>>, usize> = HashMap::new();
        let mut last = None;
        for row in 0..batch.num_rows() {
            // Values mostly come in runs.
            let same = |(place, before): &(usize, usize)| {
                texts.iter().all(|text| value(text, row) == value(text, *before)).then_some(*place)
            };
            let place = last.as_ref().and_then(same).unwrap_or_else(|| {
                let key: Vec<Option<&str>> = texts.iter().map(|text| value(text, row)).collect();
                *places.entry(key).or_insert_with_key(|key| {
                    groups.push((key.clone(), Vec::new()));
                    groups.len() - 1
                })
            });
            groups[place].1.push(row as u32);
            last = Some((place, row));
        }
        let owned = |key: Vec<Option<&str>>| key.into_iter().map(|value| value.map(str::to_owned)).collect();
        let take = |(key, rows): (Vec<Option<&str>>, Vec<u32>)| {
            let first = rows.first().map_or(0, |row| *row as usize);
            let in_one_run = rows.last().is_some_and(|last| *last as usize + 1 - first == rows.len());
            let part =
                if in_one_run { rest.slice(first, rows.len()) } else { rows_of(&rest, &UInt32Array::from(rows))? };
            Ok((owned(key), part))
        };
        groups.into_iter().map(take).collect()
    }

    /// The folder of a partition, below that of all.
    #[must_use]
    pub fn folder(&self, key: &PartitionKey) -> PathBuf {
        let name = |((column, _), value): (&(String, usize), &Option<String>)| {
            let value = match value {
                None => NULL_PARTITION.to_owned(),
                // The underscore is encoded, or the text would be read as a null.
                Some(text) if text == NULL_PARTITION => format!("%5F{}", &text[1..]),
                Some(text) => encoded(text),
            };
            format!("{}={value}", encoded_name(column))
        };
        self.columns.iter().zip(key).map(name).collect()
    }

    fn rest(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let columns = self.rest.iter().map(|index| Arc::clone(batch.column(*index))).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(|error| encode_error(&error))
    }
}

fn rows_of(batch: &RecordBatch, rows: &UInt32Array) -> Result<RecordBatch> {
    let columns = batch.columns().iter().map(|column| taken(column, rows)).collect::<std::result::Result<_, _>>();
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    columns
        .and_then(|columns| RecordBatch::try_new_with_options(batch.schema(), columns, &options))
        .map_err(|error| encode_error(&error))
}

fn column(name: &str, schema: &SchemaRef) -> Result<usize> {
    let Ok(index) = schema.index_of(name) else {
        let message = format!("Cannot partition by column '{name}': the batches have no such column");
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let suggestions = nearest(names, name);
        let error = SpillwayError::new(ErrorCode::UnknownColumn, message).at_column(name);
        return Err(error.with_suggestions(suggestions));
    };
    let data_type = schema.field(index).data_type();
    let plain = match data_type {
        DataType::Dictionary(_, values) => values.as_ref(),
        other => other,
    };
    let is_bytes =
        matches!(plain, DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_));
    if is_bytes || plain.is_nested() || plain.is_floating() || plain.is_null() {
        let message = format!(
            "Cannot partition by column '{name}': values of type {data_type} make no names of folders; choose a column \
             of text, integers, dates, times, decimals or booleans"
        );
        return Err(SpillwayError::new(ErrorCode::UnsupportedFeature, message).at_column(name));
    }
    Ok(index)
}

/// Timestamps of any zone in UTC, which Arrow writes as `Z`: it knows no other zones by their names.
fn utc(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, Some("+00:00".into())),
        DataType::Dictionary(keys, values) => DataType::Dictionary(keys.clone(), Box::new(utc(values))),
        other => other.clone(),
    }
}

fn texts(column: &dyn Array, name: &str) -> Result<StringArray> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let data_type = utc(column.data_type());
    let texts = cast_with_options(column, &data_type, &options)
        .and_then(|column| cast_with_options(&column, &DataType::Utf8, &options));
    let texts = texts.map_err(|error| encode_error(&error).at_column(name))?;
    Ok(texts.as_string::<i32>().clone())
}

fn value(texts: &StringArray, row: usize) -> Option<&str> {
    texts.is_valid(row).then(|| texts.value(row))
}

/// A column's name; one that begins as names of hidden folders do would hide its rows from scans.
fn encoded_name(name: &str) -> String {
    match name.strip_prefix(['.', '_']) {
        Some(rest) => format!("%{:02X}{}", name.as_bytes()[0], encoded(rest)),
        None => encoded(name),
    }
}

/// Percent-encodes what file systems, patterns or the form `key=value` give a meaning to.
fn encoded(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || "%/\\=:?*\"'<>|#{}[]^".contains(character) {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                name.push('%');
                name.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[digit as usize])));
            }
        } else {
            name.push(character);
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use arrow_array::types::Int32Type;
    use arrow_array::{ArrayRef, Date32Array, Float64Array, Int32Array};

    use super::*;

    fn batch() -> RecordBatch {
        RecordBatch::try_from_iter([
            ("city", Arc::new(StringArray::from(vec![Some("a/b"), None, Some("a/b"), Some("")])) as ArrayRef),
            ("n", Arc::new(Int32Array::from(vec![1, 2, 3, 4]))),
            ("day", Arc::new(Date32Array::from(vec![0, 0, 0, 1]))),
        ])
        .expect("a batch")
    }

    fn numbers(batch: &RecordBatch) -> Vec<i32> {
        batch.column(0).as_primitive::<Int32Type>().values().to_vec()
    }

    #[test]
    fn rows_go_to_the_partition_of_their_values_in_order() {
        let batch = batch();
        let partitioner = Partitioner::new(&["city".into(), "day".into()], &batch.schema()).expect("columns");
        assert_eq!(partitioner.schema().fields().len(), 1);
        let parts = partitioner.split(&batch).expect("split");
        let folders: Vec<PathBuf> = parts.iter().map(|(key, _)| partitioner.folder(key)).collect();
        let expected =
            ["city=a%2Fb/day=1970-01-01", "city=__HIVE_DEFAULT_PARTITION__/day=1970-01-01", "city=/day=1970-01-02"];
        assert_eq!(folders, expected.map(PathBuf::from));
        assert_eq!(parts.iter().map(|(_, part)| numbers(part)).collect::<Vec<_>>(), [vec![1, 3], vec![2], vec![4]]);
    }

    #[test]
    fn a_text_that_looks_like_a_null_stays_a_text() {
        let partitioner = Partitioner::new(&["city".into()], &batch().schema()).expect("a column");
        let folder = partitioner.folder(&vec![Some(NULL_PARTITION.into())]);
        assert_eq!(folder, Path::new("city=%5F_HIVE_DEFAULT_PARTITION__"));
    }

    #[test]
    fn columns_that_make_no_names_are_errors() {
        let floats = RecordBatch::try_from_iter([("x", Arc::new(Float64Array::from(vec![1.0])) as ArrayRef)]);
        let schema = floats.expect("a batch").schema();
        let code = |name: &str, schema: &SchemaRef| {
            Partitioner::new(&[name.to_owned()], schema).err().map(|error| error.code())
        };
        assert_eq!(code("x", &schema), Some(ErrorCode::UnsupportedFeature));
        assert_eq!(code("y", &schema), Some(ErrorCode::UnknownColumn));
        let one = Arc::new(batch().schema().project(&[0]).expect("a schema"));
        assert_eq!(code("city", &one), Some(ErrorCode::InvalidArgument));
    }
}
