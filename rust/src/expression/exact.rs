//! Decimal numbers of any length: what literals are compared as, so that nothing is rounded.

use std::cmp::Ordering;

use arrow_buffer::i256;

/// Digits that a number written with an exponent may have: doubles need 1,074 behind the point and 309 before it.
const MAX_DIGITS: usize = 2_000;

/// A decimal number of any length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exact {
    /// Never set for zero.
    negative: bool,
    /// Without leading zeros; empty for a number below one.
    whole: String,
    /// Without trailing zeros.
    fraction: String,
}

/// A number as a multiple of a power of ten, rounded down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaled {
    /// None where 256 bits don't hold it.
    pub floor: Option<i256>,
    /// Whether nothing was rounded.
    pub is_exact: bool,
    /// Whether the number is below zero.
    pub negative: bool,
}

impl Exact {
    /// Reads digits with an optional sign, point and exponent; none for other text, or for absurd exponents.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let shift = exponent.unsigned_abs() as usize;
        if shift > MAX_DIGITS {
            return None;
        }
        let (whole, fraction) = if exponent >= 0 {
            let moved = shift.min(fraction.len());
            let zeros = "0".repeat(shift - moved);
            (format!("{whole}{}{zeros}", &fraction[..moved]), fraction[moved..].to_owned())
        } else {
            let moved = shift.min(whole.len());
            let zeros = "0".repeat(shift - moved);
            let (kept, rest) = whole.split_at(whole.len() - moved);
            (kept.to_owned(), format!("{zeros}{rest}{fraction}"))
        };
        Some(Self::of(negative, &whole, &fraction))
    }

    /// The value of a finite double, to its last bit; none for the others.
    #[must_use]
    pub fn of_double(value: f64) -> Option<Self> {
        // The lowest bit of a double above 1e-10 is worth 2^-86 or more, which has 86 decimals.
        let decimals = if value.abs() < 1e-10 { 1_074 } else { 86 };
        value.is_finite().then(|| Self::parse(&format!("{value:.decimals$}"))).flatten()
    }

    /// The shortest number that reads as this finite double, which is what JavaScript prints.
    #[must_use]
    pub fn shortest(value: f64) -> Option<Self> {
        value.is_finite().then(|| Self::parse(&format!("{value}"))).flatten()
    }

    /// A multiple of a power of ten: `unscaled / 10^scale`.
    #[must_use]
    pub fn of_decimal(unscaled: &str, scale: i8) -> Option<Self> {
        Self::parse(&format!("{unscaled}e{}", -i32::from(scale)))
    }

    fn of(negative: bool, whole: &str, fraction: &str) -> Self {
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        Self { negative: negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction }
    }

    /// Whether nothing stands behind the point.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.fraction.is_empty()
    }

    /// The least precision and scale that hold it.
    #[must_use]
    pub fn precision_and_scale(&self) -> (usize, usize) {
        ((self.whole.len() + self.fraction.len()).max(1), self.fraction.len())
    }

    /// The number as a multiple of `10^-scale`, rounded down.
    #[must_use]
    pub fn scaled(&self, scale: i8) -> Scaled {
        let places = usize::from(scale.unsigned_abs());
        let (digits, rest) = if scale >= 0 {
            let kept = places.min(self.fraction.len());
            let zeros = "0".repeat(places - kept);
            (format!("{}{}{zeros}", self.whole, &self.fraction[..kept]), self.fraction[kept..].to_owned())
        } else {
            let (kept, rest) = self.whole.split_at(self.whole.len().saturating_sub(places));
            (kept.to_owned(), format!("{rest}{}", self.fraction))
        };
        let is_exact = rest.bytes().all(|digit| digit == b'0');
        let digits = digits.trim_start_matches('0');
        // 10^76 is the largest power of ten that 256 bits hold.
        let magnitude = match digits.len() {
            0 => Some(i256::ZERO),
            1..=76 => i256::from_string(digits),
            _ => None,
        };
        let signed = magnitude.map(|value| if self.negative { value.wrapping_neg() } else { value });
        let floor = if self.negative && !is_exact { signed.map(|value| value.wrapping_sub(i256::ONE)) } else { signed };
        Scaled { floor, is_exact, negative: self.negative }
    }

    /// The number with the other sign.
    #[must_use]
    pub fn negated(&self) -> Self {
        Self::of(!self.negative, &self.whole, &self.fraction)
    }

    /// The nearest double.
    #[must_use]
    pub fn to_double(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = || {
            let (whole, fraction) = (&self.whole, &self.fraction);
            whole
                .len()
                .cmp(&other.whole.len())
                .then_with(|| whole.cmp(&other.whole))
                .then(fraction.cmp(&other.fraction))
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => magnitude(),
            (true, true) => magnitude().reverse(),
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Exact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() { "0" } else { &self.whole };
        let point = if self.fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{}", self.fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::parse(text).expect("number")
    }

    #[test]
    fn numbers_read_and_print() {
        let cases = [
            ("0", "0"),
            ("-0.00", "0"),
            ("007.50", "7.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+1e3", "1000"),
            ("-1.25e-3", "-0.00125"),
            ("12.5e1", "125"),
            ("1E0", "1"),
        ];
        for (text, printed) in cases {
            assert_eq!(exact(text).to_string(), printed);
        }
        for text in ["", "-", ".", "1.2.3", "1e", "e5", "1e99999", "0x10", "1 ", "NaN", "١"] {
            assert_eq!(Exact::parse(text), None, "{text}");
        }
    }

    #[test]
    fn doubles_are_exact_or_shortest() {
        assert_eq!(
            Exact::of_double(0.1).expect("finite").to_string(),
            "0.1000000000000000055511151231257827021181583404541015625"
        );
        assert_eq!(Exact::shortest(0.1).expect("finite").to_string(), "0.1");
        assert_eq!(Exact::of_double(9_007_199_254_740_993.0).expect("finite").to_string(), "9007199254740992");
        assert_eq!(Exact::of_double(f64::from_bits(1)).expect("finite").to_double().to_bits(), 1);
        assert_eq!(Exact::of_double(f64::MAX).expect("finite").to_double().to_bits(), f64::MAX.to_bits());
        assert_eq!(Exact::of_double(-1e-10).expect("finite").to_double().to_bits(), (-1e-10_f64).to_bits());
        assert_eq!((Exact::of_double(f64::NAN), Exact::shortest(f64::INFINITY)), (None, None));
    }

    #[test]
    fn numbers_are_ordered() {
        let ascending =
            ["-100", "-99.5", "-1.25", "-1.2", "0", "0.00001", "0.1", "0.11", "0.2", "1", "9", "10", "10.01"];
        for (index, low) in ascending.iter().enumerate() {
            for (other, high) in ascending.iter().enumerate() {
                assert_eq!(exact(low).cmp(&exact(high)), index.cmp(&other), "{low} {high}");
            }
        }
    }

    #[test]
    fn scaling_rounds_down() {
        let cases: [(&str, i8, i128, bool); 9] = [
            ("1.5", 0, 1, false),
            ("-1.5", 0, -2, false),
            ("-2", 0, -2, true),
            ("1.25", 2, 125, true),
            ("1.255", 2, 125, false),
            ("-1.255", 2, -126, false),
            ("1250", -2, 12, false),
            ("-1250", -2, -13, false),
            ("1200", -2, 12, true),
        ];
        for (text, scale, floor, is_exact) in cases {
            let scaled = exact(text).scaled(scale);
            assert_eq!((scaled.floor, scaled.is_exact), (Some(i256::from_i128(floor)), is_exact), "{text}");
        }
        assert_eq!(exact(&format!("1{}", "0".repeat(76))).scaled(0).floor, None);
        assert_eq!(exact("-1e100").scaled(0), Scaled { floor: None, is_exact: true, negative: true });
    }
}
