//! Which files of a scan a predicate rules out by what their folders say, so that they are not even opened.

use std::sync::Arc;

use arrow_schema::{FieldRef, Schema};

use crate::constant::Constant;
use crate::error::Result;
use crate::expression::bind::bind;
use crate::expression::bound::{Bound, ColumnRef};
use crate::expression::expr::Expr;
use crate::options::ScanOptions;
use crate::pipeline::{Pipeline, conjuncts};
use crate::prune::analyse::analyse;
use crate::prune::facts::{ColumnFacts, Facts, Nulls, value_type};
use crate::schema::batch_fields;

/// The predicate of a scan, bound to the columns of its files.
#[derive(Debug)]
pub struct FilePruner {
    conditions: Vec<Bound>,
    schema: Schema,
}

/// Facts of a row of a file of which only the constants are known.
struct FileFacts<'a> {
    schema: &'a Schema,
    constants: &'a [Constant],
}

/// Whether a predicate is true for every row of a file, whatever the columns hold that are not constants.
#[must_use]
pub fn is_always_true(predicate: &Expr, fields: &[FieldRef], constants: &[Constant]) -> bool {
    let schema = plain_schema(fields);
    let facts = FileFacts { schema: &schema, constants };
    let is_true =
        |condition: &Expr| bind(condition, &schema).is_ok_and(|bound| analyse(&bound, &facts).is_always_true());
    !constants.is_empty() && conjuncts(predicate).iter().all(is_true)
}

/// The fields, those of dictionaries as the type of their values.
fn plain_schema(fields: &[FieldRef]) -> Schema {
    let plain = |field: &FieldRef| field.as_ref().clone().with_data_type(value_type(field.data_type()).clone());
    Schema::new(fields.iter().map(plain).collect::<Vec<_>>())
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
        let schema = plain_schema(&fields);
        // What cannot be bound here is left to the file's own plan, which tells what is wrong with it.
        let conditions = conjuncts(filter).iter().filter_map(|condition| bind(condition, &schema).ok()).collect();
        Ok(Some(Self { conditions, schema }))
    }

    /// Whether a row of a file with these constants may pass.
    #[must_use]
    pub fn may_match(&self, constants: &[Constant]) -> bool {
        let facts = FileFacts { schema: &self.schema, constants };
        self.conditions.iter().all(|condition| analyse(condition, &facts).may_be_true())
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
        let value = arrow_cast::cast(constant.value(), value_type(&column.data_type)).ok();
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
        let options = format!(r#"{{"path": "a", "steps": [{{"where": {condition}}}]}}"#);
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
}
