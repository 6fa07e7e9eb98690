//! A reader of JSON text whose depth is bounded by its caller, not by the parser's own limit of 128 levels.
//!
//! A chain of a hundred `and`s nests two levels of JSON for each, which the usual parser refuses.

use serde_json::{Map, Value};

/// A container that is still open.
enum Open {
    Array(Vec<Value>),
    /// The members so far, and the key whose value comes next.
    Object(Map<String, Value>, Option<String>),
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
}

/// Reads one JSON value, without recursion.
///
/// # Errors
/// Text of what is wrong, with the byte where it is.
pub fn parse(text: &str, max_depth: usize) -> std::result::Result<Value, String> {
    let bytes = text.as_bytes();
    let (mut open, mut expect, mut at): (Vec<Open>, Expect, usize) = (Vec::new(), Expect::Value, 0);
    loop {
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        let start = at;
        let unexpected = || format!("unexpected text at byte {start}");
        let byte = *bytes.get(at).ok_or("it ends early")?;
        let value = match (byte, expect) {
            (b'[' | b'{', Expect::Value | Expect::ValueOrEnd) => {
                if open.len() == max_depth {
                    return Err(format!("it is nested deeper than {max_depth} levels"));
                }
                at += 1;
                (open, expect) = pushed(open, byte);
                continue;
            }
            (b']' | b'}', Expect::ValueOrEnd | Expect::KeyOrEnd | Expect::CommaOrEnd) => {
                at += 1;
                match (open.pop(), byte) {
                    (Some(Open::Array(items)), b']') => Value::Array(items),
                    (Some(Open::Object(members, None)), b'}') => Value::Object(members),
                    _ => return Err(unexpected()),
                }
            }
            (b',', Expect::CommaOrEnd) => {
                at += 1;
                expect = if matches!(open.last(), Some(Open::Array(_))) { Expect::Value } else { Expect::Key };
                continue;
            }
            (b'"', Expect::Key | Expect::KeyOrEnd) => {
                let end = token_end(bytes, at);
                let key: String = serde_json::from_str(&text[at..end]).map_err(|_| unexpected())?;
                at = end;
                while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                    at += 1;
                }
                match (bytes.get(at), open.last_mut()) {
                    (Some(b':'), Some(Open::Object(_, next))) => *next = Some(key),
                    _ => return Err(format!("a colon is missing at byte {at}")),
                }
                at += 1;
                expect = Expect::Value;
                continue;
            }
            (_, Expect::Value | Expect::ValueOrEnd) => {
                let end = token_end(bytes, at);
                let scalar = text.get(at..end).and_then(|token| serde_json::from_str(token).ok());
                let scalar = scalar.ok_or_else(unexpected)?;
                at = end;
                scalar
            }
            _ => return Err(unexpected()),
        };
        match open.last_mut() {
            None if text[at..].trim_ascii().is_empty() => return Ok(value),
            None => return Err(format!("unexpected text at byte {at}")),
            Some(Open::Array(items)) => items.push(value),
            Some(Open::Object(members, key)) => {
                members.insert(key.take().unwrap_or_default(), value);
            }
        }
        expect = Expect::CommaOrEnd;
    }
}

fn pushed(mut open: Vec<Open>, byte: u8) -> (Vec<Open>, Expect) {
    if byte == b'[' {
        open.push(Open::Array(Vec::new()));
        (open, Expect::ValueOrEnd)
    } else {
        open.push(Open::Object(Map::new(), None));
        (open, Expect::KeyOrEnd)
    }
}

/// Where the string, number or word at `start` ends; the parser of tokens judges it.
fn token_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    if bytes[start] == b'"' {
        while at < bytes.len() && bytes[at] != b'"' {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        return (at + 1).min(bytes.len());
    }
    while at < bytes.len() && !matches!(bytes[at], b',' | b']' | b'}' | b':' | b'"') && !bytes[at].is_ascii_whitespace()
    {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_reads_as_the_usual_parser_reads_it() {
        let texts = [
            r#"{"a": [1, -2.5e3, "x\"]\\", true, null, {}], "b": {"c": []}}"#,
            r#" [ [ ] , { "ü" : "\u00fc\ud83d\ude00" } ] "#,
            "\"only\"",
            "12",
        ];
        for text in texts {
            assert_eq!(parse(text, 8), Ok(serde_json::from_str(text).expect("JSON")), "{text}");
        }
    }

    #[test]
    fn doubles_are_read_to_their_last_bit() {
        // Steps through all exponents, with digits of all kinds.
        for step in 0..2_000_u64 {
            let double = f64::from_bits(step.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            if double.is_finite() {
                let read = parse(&format!("{double:e}"), 1).expect("a number").as_f64().map(f64::to_bits);
                assert_eq!(read, Some(double.to_bits()), "{double:e}");
            }
        }
    }

    #[test]
    fn wrong_text_is_refused() {
        let texts = [
            "",
            "[",
            "{",
            "[1",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "[1}",
            "{]",
            "1 2",
            "[1 2]",
            "tru",
            "\"a",
            "\"\\",
            "{1:2}",
            "nul",
            "]",
            ":",
            "{\"a\" 1}",
            "01",
            "1e999",
            "\"\\ud800\"",
            "[\"ü",
            "ü",
        ];
        for text in texts {
            assert!(parse(text, 8).is_err(), "{text}");
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        assert!(parse(&format!("{}{}", "[".repeat(200), "]".repeat(200)), 200).is_ok());
        let error = parse(&"[".repeat(1_000_000), 200).expect_err("deep");
        assert_eq!(error, "it is nested deeper than 200 levels");
    }
}
