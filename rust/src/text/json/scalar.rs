//! Columns of numbers, booleans, times and texts, read from JSON.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, GenericStringBuilder, PrimitiveBuilder};
use arrow_array::timezone::Tz;
use arrow_array::types::{ArrowPrimitiveType, Decimal128Type};
use arrow_array::{Array, ArrayRef, NullArray, OffsetSizeTrait};
use arrow_cast::parse::Parser;
use arrow_schema::{DataType, TimeUnit};

use crate::error::Result;
use crate::expression::exact::Exact;
use crate::text::instant::instant;
use crate::text::json::reader::{Kind, Reader};
use crate::text::json::value::{Bad, Context, Read, ValueBuilder, read_value};

/// A column of values of one size, each read by the same function.
pub struct Numbers<T: ArrowPrimitiveType, F> {
    builder: PrimitiveBuilder<T>,
    data_type: DataType,
    read: F,
}

impl<T: ArrowPrimitiveType, F> Numbers<T, F>
where
    F: Fn(&mut Reader<'_>, Kind, &mut Context) -> Read<T::Native> + Send + 'static,
{
    /// A column of this type, whose values are read by `read`.
    pub fn boxed(data_type: &DataType, rows: usize, read: F) -> Box<dyn ValueBuilder> {
        let builder = PrimitiveBuilder::with_capacity(rows).with_data_type(data_type.clone());
        Box::new(Self { builder, data_type: data_type.clone(), read })
    }
}

impl<T: ArrowPrimitiveType, F> ValueBuilder for Numbers<T, F>
where
    F: Fn(&mut Reader<'_>, Kind, &mut Context) -> Read<T::Native> + Send,
{
    fn append(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        let value = read_value(reader, context, &self.data_type, &self.read);
        match &value {
            Ok(Some(value)) => self.builder.append_value(*value),
            Ok(None) | Err(_) => self.builder.append_null(),
        }
        value.map(|_| ())
    }

    fn append_null(&mut self) {
        self.builder.append_null();
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        Ok(Arc::new(self.builder.finish()))
    }
}

/// The text of a number: a JSON number, or where the caller gave the schema also a string.
fn number_text<'a: 's, 's>(reader: &mut Reader<'a>, kind: Kind, context: &'s mut Context) -> Read<&'s str> {
    match kind {
        Kind::Number => reader.number().map(Some),
        Kind::String if context.rules.schema_given => reader.string(&mut context.scratch).map(Some),
        _ => Ok(None),
    }
}

/// A whole number, however it is written: `12`, `12.0`, `1.2e1`.
fn whole(text: &str) -> Option<i128> {
    if let Ok(value) = text.parse::<i64>() {
        return Some(value.into());
    }
    decimal(text, 0)
}

/// A number as a multiple of `10^-scale`; none where that is not exact, or past 128 bits.
fn decimal(text: &str, scale: i8) -> Option<i128> {
    let scaled = Exact::parse(text)?.scaled(scale);
    scaled.floor.filter(|_| scaled.is_exact)?.to_i128()
}

/// A column of whole numbers.
pub fn integers<T: ArrowPrimitiveType>(data_type: &DataType, rows: usize) -> Box<dyn ValueBuilder>
where
    T::Native: TryFrom<i128>,
{
    Numbers::<T, _>::boxed(data_type, rows, |reader, kind, context| {
        let text = number_text(reader, kind, context)?;
        Ok(text.and_then(whole).and_then(|value| T::Native::try_from(value).ok()))
    })
}

/// A column of floats.
pub fn floats<T: ArrowPrimitiveType>(data_type: &DataType, rows: usize) -> Box<dyn ValueBuilder>
where
    T::Native: std::str::FromStr + Into<f64> + Copy,
{
    Numbers::<T, _>::boxed(data_type, rows, |reader, kind, context| {
        let schema_given = context.rules.schema_given;
        let Some(text) = number_text(reader, kind, context)? else { return Ok(None) };
        if kind == Kind::String && !is_float_text(text) {
            return Ok(None);
        }
        let Ok(value) = text.parse::<T::Native>() else { return Ok(None) };
        let double: f64 = value.into();
        // A number past the largest float reads as infinity.
        let is_too_large = double.is_infinite() && kind == Kind::Number;
        let is_rounded = !schema_given && !is_exact_in_double(text);
        Ok((!is_too_large && !is_rounded).then_some(value))
    })
}

/// Strings that stand for floats: numbers, and what JSON has no numbers for.
fn is_float_text(text: &str) -> bool {
    matches!(text, "NaN" | "Infinity" | "-Infinity") || Exact::parse(text).is_some()
}

/// Whether a number that is written as a whole one is the same as a double; others are doubles as they are.
#[must_use]
pub fn is_exact_in_double(text: &str) -> bool {
    const ALWAYS_EXACT: usize = 15;
    if text.len() <= ALWAYS_EXACT || text.contains(['.', 'e', 'E']) {
        return true;
    }
    let double = text.parse().ok().and_then(Exact::of_double);
    double.is_some_and(|double| Some(double) == Exact::parse(text))
}

/// A column of decimals.
pub fn decimals(precision: u8, scale: i8, data_type: &DataType, rows: usize) -> Box<dyn ValueBuilder> {
    let most = 10_i128.checked_pow(precision.into()).unwrap_or(i128::MAX);
    Numbers::<Decimal128Type, _>::boxed(data_type, rows, move |reader, kind, context| {
        let text = number_text(reader, kind, context)?;
        Ok(text.and_then(|text| decimal(text, scale)).filter(|value| value.abs() < most))
    })
}

/// A column of dates or times of day: ISO 8601, or the number that Arrow stores.
pub fn times<T: Parser>(data_type: &DataType, rows: usize) -> Box<dyn ValueBuilder>
where
    T::Native: TryFrom<i128>,
{
    Numbers::<T, _>::boxed(data_type, rows, |reader, kind, context| {
        Ok(match kind {
            Kind::String => T::parse(reader.string(&mut context.scratch)?),
            Kind::Number => whole(reader.number()?).and_then(|value| T::Native::try_from(value).ok()),
            _ => None,
        })
    })
}

/// A column of points of time: ISO 8601, in UTC where no zone is written, or the number that Arrow stores. Digits finer
/// than the unit are cut off.
pub fn moments<T>(data_type: &DataType, rows: usize, unit: TimeUnit) -> Box<dyn ValueBuilder>
where
    T: ArrowPrimitiveType<Native = i64>,
{
    Numbers::<T, _>::boxed(data_type, rows, move |reader, kind, context| {
        Ok(match kind {
            Kind::String => moment(reader.string(&mut context.scratch)?, unit),
            Kind::Number => whole(reader.number()?).and_then(|value| i64::try_from(value).ok()),
            _ => None,
        })
    })
}

fn moment(text: &str, unit: TimeUnit) -> Option<i64> {
    let utc: Tz = "+00:00".parse().ok()?;
    let (seconds, nanos) = instant(text, utc)?;
    let per_second = match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    };
    let value = i128::from(seconds) * per_second + i128::from(nanos) / (1_000_000_000 / per_second);
    i64::try_from(value).ok()
}

/// A column of booleans.
pub struct Booleans(BooleanBuilder);

impl Booleans {
    /// An empty column.
    pub fn boxed(rows: usize) -> Box<dyn ValueBuilder> {
        Box::new(Self(BooleanBuilder::with_capacity(rows)))
    }
}

impl ValueBuilder for Booleans {
    fn append(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        let value = read_value(reader, context, &DataType::Boolean, |reader, kind, _| match kind {
            Kind::True | Kind::False => reader.literal(kind).map(|()| Some(kind == Kind::True)),
            _ => Ok(None),
        });
        self.0.append_option(value.as_ref().ok().copied().flatten());
        value.map(|_| ())
    }

    fn append_null(&mut self) {
        self.0.append_null();
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        Ok(Arc::new(self.0.finish()))
    }
}

/// A column of texts.
pub struct Texts<O: OffsetSizeTrait> {
    builder: GenericStringBuilder<O>,
    /// Whether it holds values of any kind as JSON.
    is_json: bool,
}

impl<O: OffsetSizeTrait> Texts<O> {
    /// An empty column: of strings, and of numbers and booleans as they are written; or of any values as JSON.
    pub fn boxed(rows: usize, is_json: bool) -> Box<dyn ValueBuilder> {
        Box::new(Self { builder: GenericStringBuilder::with_capacity(rows, 0), is_json })
    }

    fn append_text(&mut self, reader: &mut Reader<'_>, kind: Kind, context: &mut Context) -> Read<()> {
        let start = reader.mark();
        let text = match kind {
            _ if self.is_json => {
                reader.skip(&mut context.scratch)?;
                reader.since(start)
            }
            Kind::String => reader.string(&mut context.scratch)?,
            Kind::Number => reader.number()?,
            Kind::True | Kind::False => {
                reader.literal(kind)?;
                reader.since(start)
            }
            Kind::Object | Kind::List | Kind::Null => return Ok(None),
        };
        let end = O::from_usize(self.builder.values_slice().len() + text.len());
        Ok(end.map(|_| self.builder.append_value(text)))
    }
}

impl<O: OffsetSizeTrait> ValueBuilder for Texts<O> {
    fn append(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        let value =
            read_value(reader, context, &"text", |reader, kind, context| self.append_text(reader, kind, context));
        if !matches!(value, Ok(Some(()))) {
            self.builder.append_null();
        }
        value.map(|_| ())
    }

    fn append_null(&mut self) {
        self.builder.append_null();
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        let mut array = self.builder.finish();
        array.shrink_to_fit();
        Ok(Arc::new(array))
    }
}

/// A column that holds nulls only.
#[derive(Default)]
pub struct Nulls(usize);

impl ValueBuilder for Nulls {
    fn append(&mut self, reader: &mut Reader<'_>, context: &mut Context) -> std::result::Result<(), Bad> {
        self.0 += 1;
        read_value(reader, context, &DataType::Null, |_, _, _| Ok(None::<()>)).map(|_| ())
    }

    fn append_null(&mut self) {
        self.0 += 1;
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        Ok(Arc::new(NullArray::new(std::mem::take(&mut self.0))))
    }
}
