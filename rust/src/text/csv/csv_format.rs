//! CSV as a text scan reads it.

use std::sync::Arc;

use arrow_schema::SchemaRef;

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::given_schema::given_schema;
use crate::limits::ReadLimits;
use crate::text::csv::head::head;
use crate::text::csv::infer::GivenColumns;
use crate::text::csv::options::{CsvOptions, Header};
use crate::text::csv::parser::CsvParser;
use crate::text::csv::rules::Rules;
use crate::text::csv::split::split;
use crate::text::format::{Head, Sample, Split, TextFormat, TextParser, Wanted};

/// CSV, by a caller's options.
#[derive(Debug)]
pub struct CsvFormat {
    rules: Arc<Rules>,
    header: Header,
    skip_rows: u64,
    given: GivenColumns,
}

impl CsvFormat {
    /// CSV by these options.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for options that contradict each other, or a schema that can't be read.
    pub fn open(options: &CsvOptions, limits: ReadLimits) -> Result<Self> {
        let given = |schema: &Option<String>| schema.as_deref().map(given_schema).transpose();
        let mut format = Self::new(options, given(&options.schema)?, given(&options.types)?)?;
        Arc::make_mut(&mut format.rules).limits = limits;
        Ok(format)
    }

    /// CSV by options and schemas. `schema` is of all columns, `types` of some; what neither has is inferred.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for options that contradict each other.
    pub fn new(options: &CsvOptions, schema: Option<SchemaRef>, types: Option<SchemaRef>) -> Result<Self> {
        let mut header = options.header.clone();
        if let (Header::First(false), Some(schema)) = (&header, &schema) {
            header = Header::Names(schema.fields().iter().map(|field| field.name().clone()).collect());
        }
        if let Header::Names(names) = &header
            && let Some(name) = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name))
        {
            let message = format!("Cannot read CSV with two columns '{}'; give each a name of its own", name.1);
            return Err(SpillwayError::new(ErrorCode::InvalidArgument, message).at_column(name.1));
        }
        let given = GivenColumns { schema, types, infer: options.infer };
        Ok(Self { rules: Arc::new(Rules::new(options)?), header, skip_rows: options.skip_rows, given })
    }
}

impl TextFormat for CsvFormat {
    fn head(&self, bytes: &[u8], ended: bool) -> Result<Option<Head>> {
        head(&self.rules, &self.header, self.skip_rows, bytes, ended)
    }

    fn split(&self, bytes: &[u8], first_line: u64, most_records: u64, ended: bool) -> Result<Split> {
        split(self.rules.dialect, bytes, first_line, most_records, ended)
    }

    fn infer(&self, samples: &[Sample<'_>]) -> Result<SchemaRef> {
        self.given.infer(&self.rules, samples)
    }

    fn sample_records(&self) -> u64 {
        match (&self.given.schema, self.given.infer, &self.header) {
            (None, Some(infer), _) => infer.rows.max(1),
            // The first record tells how many columns there are.
            (None, None, Header::First(false)) => 1,
            _ => 0,
        }
    }

    fn parser(&self, schema: &SchemaRef, wanted: &[Wanted]) -> Result<Box<dyn TextParser>> {
        Ok(Box::new(CsvParser::new(&self.rules, schema, wanted)?))
    }
}
