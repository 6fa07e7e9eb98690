//! Which files of a scan a predicate rules out by what their folders say, so that they are not even opened.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_cast::cast;
use arrow_schema::{FieldRef, Schema, SchemaRef};

use crate::batches::constant::Constant;
use crate::error::Result;
use crate::expression::bind::bind;
use crate::expression::bound::{Bound, ColumnRef};
use crate::expression::evaluate::Evaluator;
use crate::expression::expr::Expr;
use crate::files::schema::batch_fields;
use crate::options::ScanOptions;
use crate::pipeline::{Pipeline, conjuncts};
use crate::prune::analyse::analyse;
use crate::prune::facts::{ColumnFacts, Facts, Nulls, value_type};
use crate::prune::outcomes::Outcomes;

/// The predicate of a scan, bound to the columns of its files.
#[derive(Debug)]
pub struct FilePruner {
    conditions: Vec<FileCondition>,
    columns: FileColumns,
}

/// The columns of files, as expressions see them.
#[derive(Debug)]
struct FileColumns {
    all: Schema,
    /// Those that are constants.
    constant: SchemaRef,
}

/// What a condition can tell of a file before it is open.
#[derive(Debug)]
enum FileCondition {
    /// It reads constants alone: the file decides it, however they are computed with.
    OfConstants(Evaluator),
    /// It reads other columns too, which may hold anything.
    Mixed(Bound),
}

/// Facts of a row of a file of which only the constants are known.
struct FileFacts<'a> {
    schema: &'a Schema,
    constants: &'a [Constant],
}

/// Whether a predicate is true for every row of a file, whatever the columns hold that are not constants.
#[must_use]
pub fn is_always_true(predicate: &Expr, fields: &[FieldRef], constants: &[Constant]) -> bool {
    if constants.is_empty() {
        return false;
    }
    let columns = FileColumns::new(fields, constants);
    let row = columns.row(constants);
    conjuncts(predicate).iter().all(|condition| {
        let condition = FileCondition::new(condition, &columns);
        condition.is_some_and(|condition| condition.outcomes(&columns, constants, row.as_ref()).is_always_true())
    })
}

impl FilePruner {
    /// A pruner for files whose columns are shown as `fields`; `None` where there is no predicate.
    ///
    /// # Errors
    /// Those of [`Pipeline::compose`].
    pub fn new(fields: &[FieldRef], options: &ScanOptions) -> Result<Option<Self>> {
        let fields = batch_fields(fields.iter().map(Arc::clone), options.row_index.as_deref());
        let pipeline = Pipeline::compose(&fields, &options.steps)?;
        let Some(filter) = pipeline.filter() else { return Ok(None) };
        let constants = options.files.first().map_or(&[][..], |file| &file.constants);
        let columns = FileColumns::new(&fields, constants);
        // What cannot be bound here is left to the file's own plan, which tells what is wrong with it.
        let conditions =
            conjuncts(filter).iter().filter_map(|condition| FileCondition::new(condition, &columns)).collect();
        Ok(Some(Self { conditions, columns }))
    }

    /// Whether a row of a file with these constants may pass.
    #[must_use]
    pub fn may_match(&self, constants: &[Constant]) -> bool {
        let row = self.columns.row(constants);
        let outcomes = |condition: &FileCondition| condition.outcomes(&self.columns, constants, row.as_ref());
        self.conditions.iter().all(|condition| outcomes(condition).may_be_true())
    }
}

impl FileColumns {
    /// The fields, those of dictionaries as the type of their values.
    fn new(fields: &[FieldRef], constants: &[Constant]) -> Self {
        let plain = |field: &FieldRef| field.as_ref().clone().with_data_type(value_type(field.data_type()).clone());
        let is_constant = |field: &&FieldRef| constants.iter().any(|constant| constant.field.name() == field.name());
        Self {
            all: Schema::new(fields.iter().map(plain).collect::<Vec<_>>()),
            constant: Arc::new(Schema::new(
                fields.iter().filter(is_constant).map(|field| plain(field).with_nullable(true)).collect::<Vec<_>>(),
            )),
        }
    }

    /// A file's constants as a row; `None` where one is missing, or of another type.
    fn row(&self, constants: &[Constant]) -> Option<RecordBatch> {
        let value = |field: &FieldRef| -> Option<ArrayRef> {
            let constant = constants.iter().find(|constant| constant.field.name() == field.name())?;
            cast(constant.value(), field.data_type()).ok()
        };
        let values = self.constant.fields().iter().map(value).collect::<Option<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(1));
        RecordBatch::try_new_with_options(Arc::clone(&self.constant), values, &options).ok()
    }
}

impl FileCondition {
    /// Binds a condition; `None` where that fails.
    fn new(condition: &Expr, columns: &FileColumns) -> Option<Self> {
        let is_constant = |path: &Vec<String>| path.len() == 1 && columns.constant.index_of(&path[0]).is_ok();
        if condition.column_paths().iter().all(is_constant) {
            return bind(condition, &columns.constant).and_then(Evaluator::new).map(Self::OfConstants).ok();
        }
        bind(condition, &columns.all).map(Self::Mixed).ok()
    }

    /// What it can be for the rows of a file.
    fn outcomes(&self, columns: &FileColumns, constants: &[Constant], row: Option<&RecordBatch>) -> Outcomes {
        match self {
            Self::OfConstants(evaluator) => {
                let result = row.and_then(|row| evaluator.evaluate(row).ok());
                let result = result.as_ref().and_then(|result| result.as_boolean_opt());
                result.map_or(Outcomes::ANY, |result| Outcomes::only(result.is_valid(0).then(|| result.value(0))))
            }
            Self::Mixed(bound) => analyse(bound, &FileFacts { schema: &columns.all, constants }),
        }
    }
}

impl ColumnFacts for FileFacts<'_> {
    fn rows(&self) -> u64 {
        1
    }

    fn facts(&self, column: &ColumnRef) -> Facts {
        let name = self.schema.field(column.root).name();
        let constant = self.constants.iter().find(|constant| constant.field.name() == name);
        let Some(constant) = constant.filter(|_| column.fields.is_empty()) else {
            return Facts::unknown(&column.data_type);
        };
        let value = cast(constant.value(), value_type(&column.data_type)).ok();
        let Some(value) = value else { return Facts::unknown(&column.data_type) };
        if value.is_null(0) {
            return Facts { lower: None, upper: None, nulls: Nulls::All, may_be_nan: false };
        }
        Facts { lower: Some(Arc::clone(&value)), upper: Some(value), nulls: Nulls::None, may_be_nan: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::{DataType, Field};

    fn pruner(condition: &str) -> FilePruner {
        let files = r#"[{"path": "a", "constants": [{"name": "year", "type": "int64", "value": "2026"}]}]"#;
        let options = format!(r#"{{"files": {files}, "steps": [{{"where": {condition}}}]}}"#);
        let options = ScanOptions::from_json(options.as_bytes()).expect("options");
        let field = |name: &str, data_type| Arc::new(Field::new(name, data_type, true));
        let fields = [field("year", DataType::Int64), field("x", DataType::Float64)];
        FilePruner::new(&fields, &options).expect("pruner").expect("a predicate")
    }

    fn year(value: &str) -> [Constant; 1] {
        let json = format!(r#"[{{"name": "year", "type": "int64", "value": {value}}}]"#);
        let constants: Vec<Constant> = serde_json::from_str(&json).expect("constants");
        [constants[0].clone()]
    }

    const IS_2026: &str =
        r#"{"call": "eq", "arguments": [{"column": ["year"]}, {"literal": {"type": "number", "value": 2026}}]}"#;
    const X_ABOVE_0: &str =
        r#"{"call": "gt", "arguments": [{"column": ["x"]}, {"literal": {"type": "number", "value": 0}}]}"#;

    #[test]
    fn a_file_is_ruled_out_by_its_constants_alone() {
        let both = format!(r#"{{"call": "and", "arguments": [{X_ABOVE_0}, {IS_2026}]}}"#);
        for condition in [IS_2026, &both] {
            assert!(pruner(condition).may_match(&year(r#""2026""#)));
            assert!(!pruner(condition).may_match(&year(r#""2025""#)));
            assert!(!pruner(condition).may_match(&year("null")));
        }
    }

    #[test]
    fn what_the_file_may_hold_keeps_it() {
        let either = format!(r#"{{"call": "or", "arguments": [{X_ABOVE_0}, {IS_2026}]}}"#);
        assert!(pruner(&either).may_match(&year(r#""2025""#)));
        assert!(pruner(X_ABOVE_0).may_match(&year("null")));
    }

    #[test]
    fn what_is_computed_of_constants_is_computed() {
        let number = |value: u32| format!(r#"{{"literal": {{"type": "number", "value": {value}}}}}"#);
        let century = format!(r#"{{"call": "div", "arguments": [{{"column": ["year"]}}, {}]}}"#, number(100));
        let condition = format!(r#"{{"call": "lt", "arguments": [{century}, {}]}}"#, number(20));
        let either = format!(r#"{{"call": "or", "arguments": [{condition}, {IS_2026}]}}"#);
        let with_column = format!(r#"{{"call": "and", "arguments": [{condition}, {X_ABOVE_0}]}}"#);
        for condition in [&condition, &with_column] {
            assert!(pruner(condition).may_match(&year(r#""1999""#)));
            assert!(!pruner(condition).may_match(&year(r#""2000""#)));
            assert!(!pruner(condition).may_match(&year("null")));
        }
        assert!(pruner(&either).may_match(&year(r#""2026""#)));
        assert!(!pruner(&either).may_match(&year(r#""2025""#)));
        // A file without the constant may hold anything.
        assert!(pruner(&condition).may_match(&[]));
    }

    #[test]
    fn a_predicate_on_constants_is_known_to_hold() {
        let options = format!(r#"{{"path": "a", "steps": [{{"where": {IS_2026}}}]}}"#);
        let options = ScanOptions::from_json(options.as_bytes()).expect("options");
        let fields = [Arc::new(Field::new("year", DataType::Int64, true))];
        let pipeline = Pipeline::compose(&fields, &options.steps).expect("pipeline");
        let filter = pipeline.filter().expect("a predicate");
        assert!(is_always_true(filter, &fields, &year(r#""2026""#)));
        assert!(!is_always_true(filter, &fields, &year(r#""2025""#)));
        assert!(!is_always_true(filter, &fields, &year("null")));
        assert!(!is_always_true(filter, &fields, &[]));
    }
}
