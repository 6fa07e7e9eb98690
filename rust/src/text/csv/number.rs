//! What a cell's text says as a number: all of the text counts, and nothing is rounded but floats.

use arrow_array::ArrowNativeTypeOp;
use arrow_array::types::DecimalType;
use arrow_buffer::ArrowNativeType;
use arrow_cast::parse::Parser;

/// `true` or `false`, in any case.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// An integer; arrow's parser would let spaces be around it.
#[inline]
#[must_use]
pub fn integer<T: Parser>(text: &str) -> Option<T::Native> {
    match text.as_bytes() {
        [b'0'..=b'9' | b'-' | b'+', .., b'0'..=b'9'] | [b'0'..=b'9'] => T::parse(text),
        _ => None,
    }
}

/// A float, `NaN` or `inf`. What is too large is none, rather than infinite.
#[inline]
#[must_use]
pub fn float<T: Parser<Native: Into<f64>>>(text: &str) -> Option<T::Native> {
    let spaced = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_whitespace);
    if spaced(text.as_bytes().first()) || spaced(text.as_bytes().last()) {
        return None;
    }
    let value = T::parse(text)?;
    let wide: f64 = value.into();
    (wide.is_finite() || !text.bytes().any(|byte| byte.is_ascii_digit())).then_some(value)
}

/// A decimal number whose digits all fit the type.
#[must_use]
pub fn decimal<T: DecimalType>(text: &str, precision: u8, scale: i8) -> Option<T::Native> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let point = memchr::memchr(b'.', digits).unwrap_or(digits.len());
    let (whole, fraction) = (&digits[..point], digits.get(point + 1..).unwrap_or_default());
    let mut all = whole.iter().chain(fraction);
    if whole.is_empty() && fraction.is_empty() || !all.all(u8::is_ascii_digit) {
        return None;
    }
    // As many digits as stand before the place that the scale is for; zeros where there are none.
    let kept = usize::try_from(point as i64 + i64::from(scale)).unwrap_or(0);
    let padded = whole.iter().chain(fraction).chain(std::iter::repeat(&b'0'));
    let mut value = T::Native::usize_as(0);
    for digit in padded.take(kept) {
        let shifted = value.mul_checked(T::Native::usize_as(10)).ok()?;
        value = shifted.add_checked(T::Native::usize_as(usize::from(digit - b'0'))).ok()?;
    }
    let mut rest = whole.iter().chain(fraction).skip(kept);
    if rest.any(|digit| *digit != b'0') {
        return None;
    }
    let value = if negative { value.neg_checked().ok()? } else { value };
    T::is_valid_decimal_precision(value, precision).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::types::{
        Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int64Type, UInt64Type,
    };

    #[test]
    fn integers_are_digits_and_a_sign_that_fit() {
        assert_eq!(integer::<Int64Type>("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(integer::<UInt64Type>("18446744073709551615"), Some(u64::MAX));
        assert_eq!(integer::<Int64Type>("+7"), Some(7));
        assert_eq!(integer::<Int64Type>("007"), Some(7));
        for text in ["", " 1", "1 ", "-", "+", "1_0", "0x1", "9223372036854775808", "1.0", "1e2", "٣"] {
            assert_eq!(integer::<Int64Type>(text), None, "{text:?}");
        }
        assert_eq!((integer::<Int8Type>("128"), integer::<UInt64Type>("-1")), (None, None));
    }

    #[test]
    fn floats_are_nearest_and_never_infinite_by_size() {
        assert_eq!(float::<Float64Type>("1e5"), Some(1e5));
        assert_eq!(float::<Float64Type>("5.960464477539063e-8"), Some(5.960_464_477_539_063e-8));
        assert_eq!(float::<Float64Type>("-inf"), Some(f64::NEG_INFINITY));
        assert!(float::<Float64Type>("NaN").is_some_and(f64::is_nan));
        assert_eq!(float::<Float32Type>("1e39"), None);
        for text in ["", " 1.5", "1.5\t", "1e400", "1,5", "x", "1.5.", "--1", "inf7"] {
            assert_eq!(float::<Float64Type>(text), None, "{text:?}");
        }
    }

    #[test]
    fn decimals_are_exact_or_none() {
        let of = |text| decimal::<Decimal128Type>(text, 5, 2);
        let values = [
            ("1", 100),
            ("-1.5", -150),
            ("+0.25", 25),
            ("999.99", 99_999),
            (".5", 50),
            ("5.", 500),
            ("1.500", 150),
            ("0001.10", 110),
            ("0", 0),
        ];
        for (text, value) in values {
            assert_eq!(of(text), Some(value), "{text}");
        }
        for text in ["", ".", "-", "1.505", "1000", "1e2", " 1", "1,5", "--1", "1.2.3"] {
            assert_eq!(of(text), None, "{text:?}");
        }
        assert_eq!(decimal::<Decimal128Type>("12300", 5, -2), Some(123));
        assert_eq!(decimal::<Decimal128Type>("12301", 5, -2), None);
        assert_eq!(decimal::<Decimal128Type>("7", 5, -2), None);
        assert_eq!(decimal::<Decimal128Type>("0", 5, -2), Some(0));
        let widest = "9".repeat(38);
        assert_eq!(decimal::<Decimal128Type>(&widest, 38, 0), Some(10_i128.pow(38) - 1));
        assert_eq!(decimal::<Decimal128Type>(&format!("{widest}0"), 38, 0), None);
        let wider = "9".repeat(76);
        let value = decimal::<Decimal256Type>(&wider, 76, 0).expect("value");
        assert_eq!(value.to_string(), wider);
    }
}
