//! Columns of a batch, built from the cells of many rows at a time.

use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, BooleanBuilder, GenericStringBuilder, PrimitiveBuilder};
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType, Time32SecondType, Time64MicrosecondType,
    Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{ArrayRef, OffsetSizeTrait};
use arrow_schema::{DataType, Field, TimeUnit};

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::text::csv::cell::Cell;
use crate::text::csv::moment::{Clock, Resolution, time};
use crate::text::csv::number::{boolean, integer};
use crate::text::csv::options::OnBadCell;
use crate::text::csv::rules::Rules;

/// Rows of a piece, all with the same number of cells.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The piece.
    pub text: &'a str,
    /// The cells, row by row.
    pub cells: &'a [Cell],
    /// The number of a row's cells, at least 1.
    pub columns: usize,
    /// How cells are read.
    pub rules: &'a Rules,
}

impl Rows<'_> {
    fn column(&self, column: usize) -> impl Iterator<Item = (usize, Cell)> {
        self.cells.iter().skip(column).step_by(self.columns).copied().enumerate()
    }
}

/// A cell that is no value of its column's type, by its row; those before it were appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadCell(pub usize);

/// Builds a column.
pub trait ColumnBuilder {
    /// Appends the cells of a column, and says how many of them are null since they are bad.
    ///
    /// # Errors
    /// The first bad cell, unless bad cells are null.
    fn append(&mut self, rows: &Rows<'_>, column: usize) -> std::result::Result<u64, BadCell>;

    /// The column of all cells.
    fn finish(&mut self) -> ArrayRef;
}

/// Makes builders of one column, for about so many rows.
pub type MakeBuilder = Box<dyn Fn(usize) -> Box<dyn ColumnBuilder> + Send + Sync>;

/// What makes builders of a column.
///
/// # Errors
/// `UNSUPPORTED_FEATURE` for a type that no cell is read as.
pub fn builders_of(field: &Field) -> Result<MakeBuilder> {
    let unsupported = |what: &str| {
        let name = field.name();
        let message = format!("Cannot read column '{name}' of a CSV as {}: {what}", field.data_type());
        SpillwayError::new(ErrorCode::UnsupportedFeature, message).at_column(name)
    };
    let clock = |resolution, zone: Option<&str>| {
        Clock::new(resolution, zone).map_err(|_| unsupported("its zone is neither UTC nor an offset such as +01:00"))
    };
    Ok(match field.data_type() {
        DataType::Utf8 => Box::new(|rows| Box::new(TextColumn::<i32>::new(rows))),
        DataType::LargeUtf8 => Box::new(|rows| Box::new(TextColumn::<i64>::new(rows))),
        DataType::Boolean => Box::new(|rows| Box::new(BooleanColumn(BooleanBuilder::with_capacity(rows)))),
        DataType::Int8 => primitive::<Int8Type, _>(field, |text, _| integer::<Int8Type>(text)),
        DataType::Int16 => primitive::<Int16Type, _>(field, |text, _| integer::<Int16Type>(text)),
        DataType::Int32 => primitive::<Int32Type, _>(field, |text, _| integer::<Int32Type>(text)),
        DataType::Int64 => primitive::<Int64Type, _>(field, |text, _| integer::<Int64Type>(text)),
        DataType::UInt8 => primitive::<UInt8Type, _>(field, |text, _| integer::<UInt8Type>(text)),
        DataType::UInt16 => primitive::<UInt16Type, _>(field, |text, _| integer::<UInt16Type>(text)),
        DataType::UInt32 => primitive::<UInt32Type, _>(field, |text, _| integer::<UInt32Type>(text)),
        DataType::UInt64 => primitive::<UInt64Type, _>(field, |text, _| integer::<UInt64Type>(text)),
        DataType::Float16 => primitive::<Float16Type, _>(field, |text, rules| rules.float::<Float16Type>(text)),
        DataType::Float32 => primitive::<Float32Type, _>(field, |text, rules| rules.float::<Float32Type>(text)),
        DataType::Float64 => primitive::<Float64Type, _>(field, |text, rules| rules.float::<Float64Type>(text)),
        DataType::Decimal128(precision, scale) => {
            let (precision, scale) = (*precision, *scale);
            primitive::<Decimal128Type, _>(field, move |text, rules| {
                rules.decimal::<Decimal128Type>(text, precision, scale)
            })
        }
        DataType::Decimal256(precision, scale) => {
            let (precision, scale) = (*precision, *scale);
            primitive::<Decimal256Type, _>(field, move |text, rules| {
                rules.decimal::<Decimal256Type>(text, precision, scale)
            })
        }
        DataType::Date32 => primitive::<Date32Type, _>(field, |text, rules| rules.date(text)),
        DataType::Date64 => {
            let clock = clock(Resolution::Milli, None)?;
            primitive::<Date64Type, _>(field, move |text, rules| rules.timestamp(text, &clock))
        }
        DataType::Timestamp(unit, zone) => {
            let resolution = resolution_of(*unit);
            let clock = clock(resolution, zone.as_deref())?;
            let parse = move |text: &str, rules: &Rules| rules.timestamp(text, &clock);
            match unit {
                TimeUnit::Second => primitive::<TimestampSecondType, _>(field, parse),
                TimeUnit::Millisecond => primitive::<TimestampMillisecondType, _>(field, parse),
                TimeUnit::Microsecond => primitive::<TimestampMicrosecondType, _>(field, parse),
                TimeUnit::Nanosecond => primitive::<TimestampNanosecondType, _>(field, parse),
            }
        }
        DataType::Time32(TimeUnit::Second) => {
            primitive::<Time32SecondType, _>(field, |text, _| time::<Time32SecondType>(text, Resolution::Second))
        }
        DataType::Time32(TimeUnit::Millisecond) => primitive::<Time32MillisecondType, _>(field, |text, _| {
            time::<Time32MillisecondType>(text, Resolution::Milli)
        }),
        DataType::Time64(TimeUnit::Microsecond) => primitive::<Time64MicrosecondType, _>(field, |text, _| {
            time::<Time64MicrosecondType>(text, Resolution::Micro)
        }),
        DataType::Time64(TimeUnit::Nanosecond) => {
            primitive::<Time64NanosecondType, _>(field, |text, _| time::<Time64NanosecondType>(text, Resolution::Nano))
        }
        _ => {
            return Err(unsupported(
                "cells are booleans, numbers, days, times or text; read it as Utf8 and convert it",
            ));
        }
    })
}

fn resolution_of(unit: TimeUnit) -> Resolution {
    match unit {
        TimeUnit::Second => Resolution::Second,
        TimeUnit::Millisecond => Resolution::Milli,
        TimeUnit::Microsecond => Resolution::Micro,
        TimeUnit::Nanosecond => Resolution::Nano,
    }
}

fn primitive<T, F>(field: &Field, parse: F) -> MakeBuilder
where
    T: ArrowPrimitiveType,
    F: Fn(&str, &Rules) -> Option<T::Native> + Clone + Send + Sync + 'static,
{
    let data_type = field.data_type().clone();
    Box::new(move |rows| {
        let builder = PrimitiveBuilder::<T>::with_capacity(rows).with_data_type(data_type.clone());
        Box::new(PrimitiveColumn { builder, parse: parse.clone() })
    })
}

/// Appends what `parse` makes of the cells that are not null.
fn append_values<V>(
    rows: &Rows<'_>,
    column: usize,
    parse: impl Fn(&str) -> Option<V>,
    mut append: impl FnMut(Option<V>),
) -> std::result::Result<u64, BadCell> {
    let (mut scratch, mut bad) = (String::new(), 0);
    for (row, cell) in rows.column(column) {
        let text = rows.rules.text(cell, rows.text, &mut scratch);
        if cell.is_missing() || rows.rules.is_null(text) {
            append(None);
            continue;
        }
        let value = parse(text);
        if value.is_none() {
            if rows.rules.on_bad_cell == OnBadCell::Error {
                return Err(BadCell(row));
            }
            bad += 1;
        }
        append(value);
    }
    Ok(bad)
}

struct PrimitiveColumn<T: ArrowPrimitiveType, F> {
    builder: PrimitiveBuilder<T>,
    parse: F,
}

impl<T: ArrowPrimitiveType, F: Fn(&str, &Rules) -> Option<T::Native>> ColumnBuilder for PrimitiveColumn<T, F> {
    fn append(&mut self, rows: &Rows<'_>, column: usize) -> std::result::Result<u64, BadCell> {
        let parse = |text: &str| (self.parse)(text, rows.rules);
        append_values(rows, column, parse, |value| self.builder.append_option(value))
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.builder.finish())
    }
}

struct BooleanColumn(BooleanBuilder);

impl ColumnBuilder for BooleanColumn {
    fn append(&mut self, rows: &Rows<'_>, column: usize) -> std::result::Result<u64, BadCell> {
        append_values(rows, column, boolean, |value| self.0.append_option(value))
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.0.finish())
    }
}

struct TextColumn<O: OffsetSizeTrait> {
    expected_rows: usize,
    builder: GenericStringBuilder<O>,
}

impl<O: OffsetSizeTrait> TextColumn<O> {
    fn new(expected_rows: usize) -> Self {
        Self { expected_rows, builder: GenericStringBuilder::with_capacity(0, 0) }
    }

    /// Makes room for all rows once the first tell how long their texts are.
    fn reserve(&mut self, rows: &Rows<'_>, column: usize) {
        let count = (rows.cells.len() / rows.columns).max(1);
        let bytes: usize = rows.column(column).map(|(_, cell)| cell.bytes()).sum();
        let expected_bytes = bytes as u128 * self.expected_rows as u128 / count as u128;
        self.builder = GenericStringBuilder::with_capacity(self.expected_rows, expected_bytes as usize);
    }
}

impl<O: OffsetSizeTrait> ColumnBuilder for TextColumn<O> {
    fn append(&mut self, rows: &Rows<'_>, column: usize) -> std::result::Result<u64, BadCell> {
        if self.builder.is_empty() {
            self.reserve(rows, column);
        }
        let mut scratch = String::new();
        for (_, cell) in rows.column(column) {
            let text = rows.rules.text(cell, rows.text, &mut scratch);
            // What is quoted is text, if only an empty one.
            if cell.is_missing() || !cell.is_quoted() && rows.rules.is_null(text) {
                self.builder.append_null();
            } else {
                self.builder.append_value(text);
            }
        }
        Ok(0)
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.builder.finish())
    }
}
