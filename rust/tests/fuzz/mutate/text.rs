//! Texts of CSV and NDJSON, made of sound and unsound tokens, and changes of them.

use super::bytes::mutate_once;
use crate::random::Random;

const PIECES: [&[u8]; 34] = [
    b"\"",
    b"\"\"",
    b"\"\"\"",
    b",",
    b";",
    b"\n",
    b"\r\n",
    b"\r",
    b"\n\n",
    b"\\",
    b"\\u",
    b"\\ud800",
    b"\\udc00\\ud800",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xc0\xaf",
    b"\xf0\x9f\xa6",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"{\"a\":",
    b"null",
    b"-",
    b"1e999",
    b"-0.0e-0",
    b"NaN",
    b"#",
    b" ",
    b"\t",
];

/// A CSV text of a few columns.
pub fn csv(random: &mut Random) -> Vec<u8> {
    let (columns, rows) = (1 + random.below(6), random.below(60));
    let delimiter = random.one_of(&[",", ",", ",", ";", "\t", "|"]);
    let line = random.one_of(&["\n", "\n", "\r\n", "\r"]);
    let kinds: Vec<usize> = (0..columns).map(|_| random.below(8)).collect();
    let mut out = Vec::new();
    let header: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
    out.extend(header.join(delimiter).bytes());
    out.extend(line.bytes());
    for _ in 0..rows {
        for (at, kind) in kinds.iter().enumerate() {
            if at > 0 {
                out.extend(delimiter.bytes());
            }
            out.extend(cell(*kind, random).bytes());
        }
        out.extend(line.bytes());
    }
    out
}

fn cell(kind: usize, random: &mut Random) -> String {
    let number = random.next().cast_signed();
    if random.one_in(12) {
        return String::new();
    }
    match kind {
        0 => (number % 1000).to_string(),
        1 => number.to_string(),
        2 => format!("{}", number as f64 / 1e9),
        3 => random.one_of(&["true", "false"]).into(),
        4 => {
            format!("20{:02}-{:02}-{:02}", number.rem_euclid(99), 1 + number.rem_euclid(12), 1 + number.rem_euclid(28))
        }
        5 => format!(
            "20{:02}-01-02T{:02}:04:05.{}Z",
            number.rem_euclid(99),
            number.rem_euclid(24),
            number.rem_euclid(1000)
        ),
        6 => format!("\"quoted, \"\"{}\"\"\n line\"", number % 100),
        _ => "text \u{fc}".repeat(random.below(5)),
    }
}

/// An NDJSON text.
pub fn ndjson(random: &mut Random) -> Vec<u8> {
    let (fields, rows) = (1 + random.below(5), random.below(60));
    let kinds: Vec<usize> = (0..fields).map(|_| random.below(9)).collect();
    let mut out = Vec::new();
    for _ in 0..rows {
        let mut members = Vec::new();
        for (at, kind) in kinds.iter().enumerate() {
            if !random.one_in(9) {
                members.push(format!("\"f{at}\":{}", value(*kind, random, 3)));
            }
        }
        out.extend(format!("{{{}}}\n", members.join(",")).bytes());
    }
    out
}

fn value(kind: usize, random: &mut Random, depth: usize) -> String {
    let number = random.next().cast_signed();
    if random.one_in(10) {
        return "null".into();
    }
    match kind {
        0 => (number % 1000).to_string(),
        1 => number.to_string(),
        2 => format!("{:e}", number as f64 / 1e9),
        3 => random.one_of(&["true", "false"]).into(),
        4 => format!("\"20{:02}-01-02T03:04:05Z\"", number.rem_euclid(99)),
        5 if depth > 0 => {
            let items: Vec<String> = (0..random.below(4)).map(|_| value(0, random, depth - 1)).collect();
            format!("[{}]", items.join(","))
        }
        6 if depth > 0 => format!("{{\"x\":{},\"y\":{}}}", value(7, random, depth - 1), value(5, random, depth - 1)),
        7 => format!("\"a\\n\\u00fc\\ud83d\\ude00{}\"", number % 100),
        _ => format!("\"{}\"", "text \u{fc}".repeat(random.below(5))),
    }
}

/// Changes a text; what was done is added to `trace`.
pub fn mutate(text: &mut Vec<u8>, random: &mut Random, trace: &mut Vec<String>) {
    for _ in 0..random.one_of(&[1, 1, 2, 3, 6]) {
        let at = random.below(text.len() + 1);
        match random.below(12) {
            0..6 => {
                let piece = random.one_of(&PIECES);
                let end = (at + random.below(4)).min(text.len());
                text.splice(at..end, piece.iter().copied());
                trace.push(format!("{:?} at {at}", String::from_utf8_lossy(piece)));
            }
            6 => {
                // Deep nesting, closed or not.
                let (open, close) = random.one_of(&[("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")]);
                let depth = 1 << random.below(18);
                let close = if random.one_in(2) { close.repeat(depth) } else { String::new() };
                let nested = format!("{}1{close}", open.repeat(depth));
                text.splice(at..at, nested.bytes());
                trace.push(format!("{depth} levels of {open} at {at}"));
            }
            7 => {
                let digits = random.one_of(&["1", "9", "0", "0.", "1e", "-"]).repeat(1 << random.below(16));
                text.splice(at..at, digits.bytes());
                trace.push(format!("{} digits at {at}", digits.len()));
            }
            8 => {
                let piece = random.one_of(&PIECES).repeat(1 << random.below(14));
                text.splice(at..at, piece);
                trace.push(format!("a piece many times at {at}"));
            }
            _ => {
                mutate_once(text, random);
                trace.push("bytes".into());
            }
        }
    }
}
