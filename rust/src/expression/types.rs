//! Types by the names that expressions give them.

use std::str::FromStr;

use arrow_array::timezone::Tz;
use arrow_schema::{DataType, TimeUnit};

/// The type of a column's values: a dictionary's is that of what it holds.
#[must_use]
pub fn value_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, value) => value_type(value),
        other => other,
    }
}

/// Whether it holds text.
#[must_use]
pub fn is_string(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// Whether it holds bytes.
#[must_use]
pub fn is_binary(data_type: &DataType) -> bool {
    use DataType::{Binary, BinaryView, FixedSizeBinary, LargeBinary};
    matches!(data_type, Binary | LargeBinary | BinaryView | FixedSizeBinary(_))
}

/// Whether it holds dates, with or without a time.
#[must_use]
pub fn is_date_or_timestamp(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..))
}

/// Whether it holds times of the day.
#[must_use]
pub fn is_time(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Time32(_) | DataType::Time64(_))
}

/// Whether two values of the type can be compared.
#[must_use]
pub fn is_comparable(data_type: &DataType) -> bool {
    data_type.is_numeric()
        || is_string(data_type)
        || is_binary(data_type)
        || is_date_or_timestamp(data_type)
        || is_time(data_type)
        || matches!(data_type, DataType::Boolean | DataType::Duration(_) | DataType::Null)
}

/// Precision and scale of a decimal.
#[must_use]
pub fn precision_and_scale(data_type: &DataType) -> Option<(u8, i8)> {
    use DataType::{Decimal32, Decimal64, Decimal128, Decimal256};
    match data_type {
        Decimal32(precision, scale)
        | Decimal64(precision, scale)
        | Decimal128(precision, scale)
        | Decimal256(precision, scale) => Some((*precision, *scale)),
        _ => None,
    }
}

/// Nanoseconds of a unit.
#[must_use]
pub fn nanoseconds(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

/// Whether the zone's offsets are known: those of numbers and of UTC are, those of cities need a database.
#[must_use]
pub fn is_known_zone(zone: &str) -> bool {
    is_utc(zone) || Tz::from_str(zone).is_ok()
}

/// Whether it is a name of UTC; arrow without its database of zones knows none of them.
#[must_use]
pub fn is_utc(zone: &str) -> bool {
    matches!(zone, "UTC" | "Etc/UTC" | "Z" | "GMT" | "+00:00")
}

/// The type with UTC by its offset, which arrow's casts know.
#[must_use]
pub fn with_offset(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Timestamp(unit, Some(zone)) if is_utc(zone) => DataType::Timestamp(*unit, Some("+00:00".into())),
        other => other.clone(),
    }
}

/// The type's name as expressions write it.
#[must_use]
pub fn type_name(data_type: &DataType) -> String {
    use DataType::{
        Boolean, Date32, Date64, Dictionary, Duration, FixedSizeBinary, FixedSizeList, Float16, LargeList,
        LargeListView, List, ListView, Map, Struct, Time32, Time64, Timestamp,
    };
    match data_type {
        Boolean => "boolean".into(),
        Float16 => "float16".into(),
        Date32 | Date64 => "date".into(),
        Time32(unit) | Time64(unit) => format!("time({})", unit_name(*unit)),
        Timestamp(unit, None) => format!("timestamp({})", unit_name(*unit)),
        Timestamp(unit, Some(zone)) => format!("timestamp({},{zone})", unit_name(*unit)),
        Duration(unit) => format!("duration({})", unit_name(*unit)),
        Dictionary(_, value) => type_name(value),
        FixedSizeBinary(size) => format!("binary({size})"),
        List(_) | LargeList(_) | ListView(_) | LargeListView(_) | FixedSizeList(..) => "list".into(),
        Struct(_) => "struct".into(),
        Map(..) => "map".into(),
        other if is_string(other) => "string".into(),
        other if is_binary(other) => "binary".into(),
        other => match precision_and_scale(other) {
            Some((precision, scale)) => format!("decimal({precision},{scale})"),
            None => other.to_string().to_lowercase(),
        },
    }
}

fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "s",
        TimeUnit::Millisecond => "ms",
        TimeUnit::Microsecond => "us",
        TimeUnit::Nanosecond => "ns",
    }
}

/// The type of a name that a cast may have; none for other text.
#[must_use]
pub fn parse_type(name: &str) -> Option<DataType> {
    use DataType::{
        Boolean, Date32, Float32, Float64, Int8, Int16, Int32, Int64, Time32, Time64, Timestamp, UInt8, UInt16, UInt32,
        UInt64,
    };
    Some(match name {
        "boolean" => Boolean,
        "int8" => Int8,
        "int16" => Int16,
        "int32" => Int32,
        "int64" => Int64,
        "uint8" => UInt8,
        "uint16" => UInt16,
        "uint32" => UInt32,
        "uint64" => UInt64,
        "float32" => Float32,
        "float64" => Float64,
        // The kinds that batches show, not the views that are decoded: a result is shown as it is.
        "string" => DataType::Utf8,
        "binary" => DataType::Binary,
        "date" => Date32,
        "time(ms)" => Time32(TimeUnit::Millisecond),
        "time(us)" => Time64(TimeUnit::Microsecond),
        "time(ns)" => Time64(TimeUnit::Nanosecond),
        _ => {
            let (kind, inside) = name.strip_suffix(')')?.split_once('(')?;
            let (first, second) = match inside.split_once(',') {
                Some((first, second)) => (first.trim(), Some(second.trim())),
                None => (inside.trim(), None),
            };
            match kind {
                "timestamp" if second != Some("") => Timestamp(parse_unit(first)?, second.map(Into::into)),
                "decimal" => decimal_type(first.parse().ok()?, second.unwrap_or("0").parse().ok()?)?,
                _ => return None,
            }
        }
    })
}

fn parse_unit(name: &str) -> Option<TimeUnit> {
    [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond]
        .into_iter()
        .find(|unit| unit_name(*unit) == name)
}

/// The decimal of 128 bits, or of 256 where more digits are wanted; none where no type has so many.
#[must_use]
pub fn decimal_type(precision: u8, scale: i8) -> Option<DataType> {
    let fits = precision > 0 && i16::from(scale) <= i16::from(precision);
    match precision {
        _ if !fits => None,
        1..=38 => Some(DataType::Decimal128(precision, scale)),
        39..=76 => Some(DataType::Decimal256(precision, scale)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_types_are_read_as_they_are_written() {
        let names = [
            "boolean",
            "int8",
            "int16",
            "int32",
            "int64",
            "uint8",
            "uint16",
            "uint32",
            "uint64",
            "float32",
            "float64",
            "string",
            "binary",
            "date",
            "time(ms)",
            "time(us)",
            "time(ns)",
            "timestamp(s)",
            "timestamp(ms)",
            "timestamp(us)",
            "timestamp(ns)",
            "timestamp(us,UTC)",
            "timestamp(ns,+02:00)",
            "decimal(10,2)",
            "decimal(76,76)",
            "decimal(5,-2)",
        ];
        for name in names {
            assert_eq!(parse_type(name).map(|data_type| type_name(&data_type)).as_deref(), Some(name));
        }
        assert_eq!(parse_type("decimal(9)"), Some(DataType::Decimal128(9, 0)));
        assert_eq!(
            parse_type("timestamp(us, UTC)"),
            Some(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())))
        );
        for name in
            ["int", "decimal(0,0)", "decimal(77,0)", "decimal(3,4)", "timestamp", "timestamp(m)", "timestamp(s,)", ""]
        {
            assert_eq!(parse_type(name), None, "{name}");
        }
    }
}
