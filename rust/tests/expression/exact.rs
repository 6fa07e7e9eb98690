//! Comparisons of every numeric and temporal type with constants, against an oracle that computes in wider numbers.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};
use serde_json::Value;

use crate::{COMPARISONS, big, call, holds, literal, null, number, rows, string, x};

/// Compares `values` of a type with a constant in all six ways, from both sides, and by `in` and `between`.
fn check(array: &ArrayRef, constant: &Value, order: impl Fn(usize) -> Ordering) {
    let letter = |row: usize, truth: bool| {
        if array.is_null(row) { '-' } else { char::from(if truth { b't' } else { b'f' }) }
    };
    for name in COMPARISONS {
        let expected: String = (0..array.len()).map(|row| letter(row, holds(name, order(row)))).collect();
        let what = format!("{} {name} {constant}", array.data_type());
        assert_eq!(rows(&call(name, [x(), constant.clone()]), array), expected, "{what}");
        let negated = call("not", [call(name, [x(), constant.clone()])]);
        let opposite: String = (0..array.len()).map(|row| letter(row, !holds(name, order(row)))).collect();
        assert_eq!(rows(&negated, array), opposite, "not {what}");
        let flipped = match name {
            "lt" => "gt",
            "le" => "ge",
            "gt" => "lt",
            "ge" => "le",
            same => same,
        };
        assert_eq!(rows(&call(flipped, [constant.clone(), x()]), array), expected, "flipped {what}");
    }
    let equal: String = (0..array.len()).map(|row| letter(row, order(row).is_eq())).collect();
    assert_eq!(rows(&call("in", [x(), constant.clone(), constant.clone()]), array), equal, "in {constant}");
    assert_eq!(rows(&call("between", [x(), constant.clone(), constant.clone()]), array), equal, "between {constant}");
    let with_null: String = equal.chars().map(|letter| if letter == 't' { 't' } else { '-' }).collect();
    assert_eq!(rows(&call("in", [x(), constant.clone(), null()]), array), with_null, "in {constant} or null");
}

fn integer_and_double(integer: i128, double: f64) -> Ordering {
    if double.is_nan() || double >= 1e30 {
        return Ordering::Less;
    }
    if double <= -1e30 {
        return Ordering::Greater;
    }
    let floor = double.floor();
    integer.cmp(&(floor as i128)).then(if floor < double { Ordering::Less } else { Ordering::Equal })
}

fn integers<T: ArrowPrimitiveType>(least: i128, greatest: i128)
where
    T::Native: TryFrom<i128>,
{
    let candidates = [least, least + 1, -2, -1, 0, 1, 2, (1 << 53) + 1, greatest - 1, greatest];
    let values: Vec<i128> = candidates.into_iter().filter(|value| (least..=greatest).contains(value)).collect();
    let mut natives: Vec<Option<T::Native>> = values.iter().map(|value| T::Native::try_from(*value).ok()).collect();
    natives.push(None);
    let array: ArrayRef = Arc::new(natives.into_iter().collect::<PrimitiveArray<T>>());
    let value = |row: usize| values.get(row).copied().unwrap_or_default();
    let doubles = [
        0.0,
        -0.0,
        1.0,
        1.5,
        -1.5,
        0.5,
        5e-324,
        127.5,
        -128.5,
        255.0,
        256.0,
        65_535.5,
        9_007_199_254_740_992.0,
        9_223_372_036_854_775_808.0,
        -9_223_372_036_854_775_808.0,
        18_446_744_073_709_551_616.0,
        1e300,
        -1e300,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
    ];
    for double in doubles {
        check(&array, &number(double), |row| integer_and_double(value(row), double));
    }
    for constant in [least - 1, least, -1, 0, (1 << 53) + 1, greatest, greatest + 1, i128::MAX, i128::MIN] {
        check(&array, &big(constant), |row| value(row).cmp(&constant));
        check(&array, &string(&constant.to_string()), |row| value(row).cmp(&constant));
    }
    check(&array, &string("1.5"), |row| integer_and_double(value(row), 1.5));
    let huge = format!("1{}", "0".repeat(100));
    check(&array, &big(&huge), |_| Ordering::Less);
    check(&array, &big(format!("-{huge}")), |_| Ordering::Greater);
}

#[test]
fn integers_of_every_width_compare_exactly_up_to_their_limits() {
    integers::<Int8Type>(i8::MIN.into(), i8::MAX.into());
    integers::<Int16Type>(i16::MIN.into(), i16::MAX.into());
    integers::<Int32Type>(i32::MIN.into(), i32::MAX.into());
    integers::<Int64Type>(i64::MIN.into(), i64::MAX.into());
    integers::<UInt8Type>(0, u8::MAX.into());
    integers::<UInt16Type>(0, u16::MAX.into());
    integers::<UInt32Type>(0, u32::MAX.into());
    integers::<UInt64Type>(0, u64::MAX.into());
}

/// NaN above all, one zero.
fn doubles(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
}

#[test]
fn floats_compare_with_nan_above_and_one_zero() {
    let values = [
        f64::NEG_INFINITY,
        f64::MIN,
        -1.5,
        -0.1,
        -0.0,
        0.0,
        5e-324,
        0.1,
        0.5,
        1.0,
        65_504.0,
        9_007_199_254_740_992.0,
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
        -f64::NAN,
    ];
    for data_type in [DataType::Float64, DataType::Float32, DataType::Float16] {
        let wide: ArrayRef =
            Arc::new(values.iter().map(|v| Some(*v)).chain([None]).collect::<PrimitiveArray<Float64Type>>());
        let array = cast(&wide, &data_type).expect("cast");
        // What the narrower type made of the values.
        let stored = cast(&array, &DataType::Float64).expect("cast");
        let stored = stored.as_any().downcast_ref::<PrimitiveArray<Float64Type>>().expect("doubles").clone();
        for constant in values.iter().chain(&[1e300, -1e300, 65_520.0, 3.5e38, f64::from(0.1_f32), 1e-40]) {
            check(&array, &number(*constant), |row| doubles(stored.value(row), *constant));
        }
        check(&array, &string("0.5"), |row| doubles(stored.value(row), 0.5));
        check(&array, &string("NaN"), |row| doubles(stored.value(row), f64::NAN));
        check(&array, &big("9007199254740993"), |row| {
            doubles(stored.value(row), 9_007_199_254_740_992.0).then(Ordering::Less)
        });
        check(&array, &big(format!("1{}", "0".repeat(400))), |row| {
            doubles(stored.value(row), f64::MAX).then(Ordering::Less)
        });
        check(&array, &big(format!("-1{}", "0".repeat(400))), |row| {
            if stored.value(row) == f64::NEG_INFINITY { Ordering::Less } else { Ordering::Greater }
        });
    }
}

#[test]
fn decimals_compare_with_numbers_as_they_are_written() {
    let unscaled = [-1000, -5, -1, 0, 1, 4, 5, 6, 100, 999];
    let values: ArrayRef = Arc::new(
        unscaled
            .iter()
            .map(|v| Some(*v))
            .chain([None])
            .collect::<PrimitiveArray<Decimal128Type>>()
            .with_precision_and_scale(4, 2)
            .expect("decimal"),
    );
    let types =
        [DataType::Decimal32(4, 2), DataType::Decimal64(4, 2), DataType::Decimal128(4, 2), DataType::Decimal256(4, 2)];
    for data_type in types {
        let array = cast(&values, &data_type).expect("cast");
        let value = |row: usize| unscaled.get(row).copied().unwrap_or_default();
        // Constants in thousandths.
        let cases: [(Value, i128); 12] = [
            (number(0.05), 50),
            (number(-0.05), -50),
            (number(0.055), 55),
            (number(-0.055), -55),
            (number(1.0), 1000),
            (number(-0.0), 0),
            (number(1e20), i128::MAX),
            (number(f64::NAN), i128::MAX),
            (number(f64::NEG_INFINITY), i128::MIN),
            (big(-10), -10_000),
            (string("0.04"), 40),
            (string("9.999"), 9_999),
        ];
        for (constant, thousandths) in cases {
            check(&array, &constant, |row| (value(row) * 10).cmp(&thousandths));
        }
        check(&array, &string(&"9".repeat(200)), |_| Ordering::Less);
    }
    let negative: ArrayRef = Arc::new(
        PrimitiveArray::<Decimal128Type>::from(vec![12, 13]).with_precision_and_scale(5, -2).expect("decimal"),
    );
    check(&negative, &number(1200.0), |row| [1200, 1300][row].cmp(&1200));
    check(&negative, &number(1250.0), |row| [1200, 1300][row].cmp(&1250));
}

#[test]
fn timestamps_of_every_unit_compare_with_instants_between_ticks() {
    let units = [
        (TimeUnit::Second, 1_000_000_000_i128),
        (TimeUnit::Millisecond, 1_000_000),
        (TimeUnit::Microsecond, 1_000),
        (TimeUnit::Nanosecond, 1),
    ];
    let counts: [i64; 9] = [i64::MIN, -2_000_000_000, -1001, -1, 0, 1, 1000, 1_769_853_600, i64::MAX];
    let ticks: ArrayRef =
        Arc::new(counts.iter().map(|v| Some(*v)).chain([None]).collect::<PrimitiveArray<Int64Type>>());
    for (unit, nanoseconds) in units {
        for zone in [None, Some("UTC"), Some("+02:00"), Some("Europe/Berlin")] {
            let array = cast(&ticks, &DataType::Timestamp(unit, zone.map(Into::into))).expect("cast");
            let value = |row: usize| i128::from(counts.get(row).copied().unwrap_or_default()) * nanoseconds;
            for constant in [0_i128, 1, -1, 999, -1_001_000_000, 1_769_853_600_000_000_001, i128::from(i64::MAX) + 1] {
                check(&array, &literal("instant", constant.to_string()), |row| value(row).cmp(&constant));
            }
            for milliseconds in [0, -1, 1, 8_640_000_000_000_000_i64, -8_640_000_000_000_000] {
                let constant = i128::from(milliseconds) * 1_000_000;
                check(&array, &literal("date", milliseconds), |row| value(row).cmp(&constant));
            }
            let moment = 1_769_853_600_500_000_000;
            for text in ["2026-01-31T10:00:00.5Z", "2026-01-31T12:00:00.5+02:00", "2026-01-31 10:00:00.5"] {
                check(&array, &string(text), |row| value(row).cmp(&moment));
            }
            check(&array, &literal("plainDateTime", "2026-01-31T10:00:00.5"), |row| value(row).cmp(&moment));
            check(&array, &literal("plainDate", "1970-01-01"), |row| value(row).cmp(&0));
        }
    }
}

#[test]
fn dates_compare_as_midnight_and_times_within_the_day() {
    const DAY: i128 = 86_400_000_000_000;
    let days = [i32::MIN, -1, 0, 1, 20_484, i32::MAX];
    let array: ArrayRef = Arc::new(days.iter().map(|v| Some(*v)).chain([None]).collect::<PrimitiveArray<Date32Type>>());
    let value = |row: usize| i128::from(days.get(row).copied().unwrap_or_default()) * DAY;
    check(&array, &literal("plainDate", "2026-01-31"), |row| value(row).cmp(&(20_484 * DAY)));
    check(&array, &string("2026-01-31"), |row| value(row).cmp(&(20_484 * DAY)));
    check(&array, &string("2026-01-31T00:00:01Z"), |row| value(row).cmp(&(20_484 * DAY + 1_000_000_000)));
    check(&array, &literal("date", -1), |row| value(row).cmp(&-1_000_000));
    check(&array, &literal("date", 86_400_000), |row| value(row).cmp(&DAY));
    check(&array, &literal("instant", "1"), |row| value(row).cmp(&1));
    let milliseconds: ArrayRef = Arc::new(PrimitiveArray::<Date64Type>::from(vec![-86_400_000, 0, 86_400_000]));
    check(&milliseconds, &string("1970-01-01"), |row| [-1, 0, 1][row].cmp(&0));

    let seconds: ArrayRef = Arc::new(PrimitiveArray::<Time32SecondType>::from(vec![0, 36_000, 36_001, 86_399]));
    for (to, unit) in [
        (DataType::Time32(TimeUnit::Second), 1_i64),
        (DataType::Time32(TimeUnit::Millisecond), 1_000),
        (DataType::Time64(TimeUnit::Microsecond), 1_000_000),
        (DataType::Time64(TimeUnit::Nanosecond), 1_000_000_000),
    ] {
        let array = cast(&seconds, &to).expect("cast");
        let half = |row: usize| ([0, 36_000, 36_001, 86_399][row] * 2).cmp(&72_001);
        check(&array, &literal("plainTime", "10:00:00.5"), half);
        check(&array, &string("10:00:00.5"), half);
        check(&array, &string("10:00"), |row| [0, 36_000, 36_001, 86_399][row].cmp(&36_000));
        assert!(unit > 0);
    }
}
