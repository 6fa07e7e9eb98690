//! Values as text: ISO 8601 or the caller's patterns for dates and times, and exact digits for numbers.

use std::sync::Arc;

use arrow_array::{Array, make_array};
use arrow_buffer::Buffer;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_data::ArrayData;
use arrow_schema::{ArrowError, DataType, SchemaRef};

use super::retype::retype_schema;
use super::usual::Usual;
use crate::error::{ErrorCode, SpillwayError};

/// What Arrow writes for a duration beyond its range, instead of an error.
const BAD_DURATION: &str = "<invalid>";

/// Patterns of dates and times, as `strftime` has them; ISO 8601 where there is none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TimePatterns<'a> {
    pub(super) date: Option<&'a str>,
    pub(super) timestamp: Option<&'a str>,
    pub(super) time: Option<&'a str>,
}

impl<'a> TimePatterns<'a> {
    /// Whether values of the type have a pattern.
    pub(super) fn is_given_for(self, data_type: &DataType) -> bool {
        match data_type {
            DataType::Date32 | DataType::Date64 => self.date.is_some(),
            DataType::Timestamp(..) => self.timestamp.is_some(),
            DataType::Time32(_) | DataType::Time64(_) => self.time.is_some(),
            _ => false,
        }
    }

    fn format_options(self) -> FormatOptions<'a> {
        FormatOptions::new()
            .with_display_error(false)
            .with_date_format(self.date)
            .with_datetime_format(self.date)
            .with_timestamp_format(self.timestamp)
            .with_timestamp_tz_format(self.timestamp)
            .with_time_format(self.time)
    }

    /// Checks the patterns on one value of each column that they are for.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the pattern and the column, as of an offset of timestamps that have no zone.
    pub(super) fn check(self, schema: &SchemaRef) -> Result<(), SpillwayError> {
        for field in schema.fields() {
            let (option, pattern) = match field.data_type() {
                DataType::Date32 | DataType::Date64 => ("dateFormat", self.date),
                DataType::Timestamp(..) => ("timestampFormat", self.timestamp),
                DataType::Time32(_) | DataType::Time64(_) => ("timeFormat", self.time),
                _ => continue,
            };
            let Some(pattern) = pattern else { continue };
            self.try_one(field.data_type()).map_err(|error| {
                let name = field.name();
                let message = format!(
                    "Cannot write column '{name}' with {option} '{pattern}': it is no pattern of {}; \
                     use strftime's letters, such as '%Y-%m-%d'",
                    field.data_type()
                );
                SpillwayError::new(ErrorCode::InvalidArgument, message).at_column(name).with_cause(&error)
            })?;
        }
        Ok(())
    }

    fn try_one(self, data_type: &DataType) -> Result<(), ArrowError> {
        // All of these types hold integers of at most eight bytes; 0 is midnight or 1970.
        let zero = Buffer::from_vec(vec![0_u64]);
        let array = make_array(ArrayData::builder(data_type.clone()).len(1).add_buffer(zero).build()?);
        Values::try_new(array.as_ref(), self)?.write(0, &mut String::new())
    }
}

/// The schema with timestamps of any zone in UTC, which Arrow writes as `Z`: it knows no other zones by their names.
pub(super) fn in_utc(schema: &SchemaRef) -> SchemaRef {
    retype_schema(schema, &|data_type| match data_type {
        DataType::Timestamp(unit, Some(zone)) if zone.as_ref() != "+00:00" => {
            Some(DataType::Timestamp(*unit, Some(Arc::from("+00:00"))))
        }
        _ => None,
    })
}

/// The values of one array as text.
pub(super) struct Values<'a> {
    usual: Option<Usual<'a>>,
    /// Of all others.
    formatter: ArrayFormatter<'a>,
    is_duration: bool,
}

impl<'a> Values<'a> {
    pub(super) fn try_new(array: &'a dyn Array, patterns: TimePatterns<'a>) -> Result<Self, ArrowError> {
        let data_type = match array.data_type() {
            DataType::Dictionary(_, values) => values.as_ref(),
            other => other,
        };
        let is_duration = matches!(data_type, DataType::Duration(_));
        let formatter = ArrayFormatter::try_new(array, &patterns.format_options())?;
        let usual = if patterns.is_given_for(data_type) { None } else { Usual::new(array) };
        Ok(Self { usual, formatter, is_duration })
    }

    /// Appends the value's text.
    ///
    /// # Errors
    /// A date or time beyond the calendar's range.
    pub(super) fn write(&self, row: usize, out: &mut String) -> Result<(), ArrowError> {
        if self.usual.as_ref().is_some_and(|usual| usual.write(row, out)) {
            return Ok(());
        }
        self.formatter.value(row).write(out)?;
        if self.is_duration && out.ends_with(BAD_DURATION) {
            return Err(ArrowError::CastError("The duration is beyond the range of ISO 8601".to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{Date32Array, DurationSecondArray, TimestampSecondArray};
    use arrow_schema::{Field, Schema, TimeUnit};

    use super::*;

    fn schema(data_type: DataType) -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new("when", data_type, true)]))
    }

    #[test]
    fn patterns_are_checked_for_the_columns_that_they_are_for() {
        let offset = TimePatterns { timestamp: Some("%Y %z"), ..TimePatterns::default() };
        let zoned = DataType::Timestamp(TimeUnit::Second, Some("+00:00".into()));
        assert!(offset.check(&schema(zoned)).is_ok());
        assert!(offset.check(&schema(DataType::Date32)).is_ok());
        let error = offset.check(&schema(DataType::Timestamp(TimeUnit::Second, None))).expect_err("no zone");
        assert_eq!((error.code(), error.column()), (ErrorCode::InvalidArgument, Some("when")));
        let broken = TimePatterns { date: Some("%Q"), ..TimePatterns::default() };
        assert!(broken.check(&schema(DataType::Date32)).is_err());
        assert!(broken.check(&schema(DataType::Date64)).is_err());
        let hours = TimePatterns { time: Some("%H"), ..TimePatterns::default() };
        assert!(hours.check(&schema(DataType::Time32(TimeUnit::Millisecond))).is_ok());
    }

    #[test]
    fn zones_become_utc() {
        let berlin = DataType::Timestamp(TimeUnit::Microsecond, Some("Europe/Berlin".into()));
        let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()));
        assert_eq!(in_utc(&schema(berlin)), schema(utc));
        let local = schema(DataType::Timestamp(TimeUnit::Microsecond, None));
        assert_eq!(in_utc(&local), local);
    }

    #[test]
    fn values_beyond_the_calendar_are_errors_and_not_text() {
        let fails = |array: &dyn Array| {
            Values::try_new(array, TimePatterns::default()).expect("values").write(0, &mut String::new()).is_err()
        };
        assert!(fails(&Date32Array::from(vec![i32::MAX])));
        assert!(fails(&TimestampSecondArray::from(vec![i64::MAX])));
        assert!(fails(&DurationSecondArray::from(vec![i64::MAX])));
        assert!(!fails(&DurationSecondArray::from(vec![90])));
    }
}
