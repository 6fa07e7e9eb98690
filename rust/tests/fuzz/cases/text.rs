//! CSV and NDJSON: from files, compressed files, and pushed in chunks.

use std::io::Write;

use serde_json::{Value, json};

use super::Case;
use crate::mutate::bytes::mutate_once;
use crate::mutate::text as tokens;
use crate::random::Random;
use crate::request::{same_rows, with};
use crate::scan::{difference, run as scan};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Csv,
    Ndjson,
}

/// Types are told from so much of a text whatever the memory limit is; of a longer one, others may be told in less memory.
const SAMPLE_BYTES: usize = 64 << 10;

pub fn run(case: &mut Case, kind: Kind) {
    let random = &mut case.random;
    let mut text = if kind == Kind::Csv { tokens::csv(random) } else { tokens::ndjson(random) };
    tokens::mutate(&mut text, random, &mut case.trace);
    let format = if kind == Kind::Csv { csv_options(random) } else { ndjson_options(random) };
    let path = case.write("txt", &text);
    let options = json!({ "path": path, "text": { "format": format }, "memoryLimitBytes": 64 << 20 });
    let mut first = scan(&options, None);
    case.judge(&mut first, &format!("the first scan, {format}"));

    let more = same_rows(&mut case.random);
    let mut again_options = with(options, more.clone());
    if text.len() > SAMPLE_BYTES {
        again_options["memoryLimitBytes"] = json!(64 << 20);
    }
    let mut again = scan(&again_options, None);
    case.judge(&mut again, &again_options.to_string());
    if let Some(difference) = difference(&first, &again, 0, None) {
        case.problems.push(format!("other rows with {again_options}: {difference}"));
    }

    let chunk = 1 + case.random.size() * 4;
    let pushed = json!({ "text": { "format": format, "pushed": true }, "memoryLimitBytes": 64 << 20 });
    let mut again = scan(&pushed, Some((&text, chunk)));
    case.judge(&mut again, "pushed");
    if let Some(difference) = difference(&first, &again, 0, None) {
        case.problems.push(format!("other rows pushed by {chunk}, {format}: {difference}"));
    }

    let random = &mut case.random;
    let (name, mut packed) = if random.one_in(30) { bomb(kind, random) } else { pack(&text, random) };
    let is_sound = random.one_in(3);
    if !is_sound {
        mutate_once(&mut packed, random);
        case.trace.push(format!("changed bytes of the {name} file"));
    }
    let path = case.write(name, &packed);
    let options = with(json!({ "path": path, "text": { "format": format } }), more);
    let mut again = scan(&options, None);
    case.judge(&mut again, &options.to_string());
}

fn pack(text: &[u8], random: &mut Random) -> (&'static str, Vec<u8>) {
    packed(text, b"", 0, random)
}

/// One line, or one cell, of very many bytes.
fn bomb(kind: Kind, random: &mut Random) -> (&'static str, Vec<u8>) {
    let filler = random.one_of(&[" ", "0", "[", "\"", "a"]).repeat(1 << 20);
    let start = if kind == Kind::Csv { "a,b\n1," } else { "{\"a\":" };
    packed(start.as_bytes(), filler.as_bytes(), 100, random)
}

/// A start and so many pieces, compressed.
fn packed(start: &[u8], piece: &[u8], pieces: usize, random: &mut Random) -> (&'static str, Vec<u8>) {
    let write = |out: &mut dyn Write| {
        out.write_all(start).expect("written");
        (0..pieces).for_each(|_| out.write_all(piece).expect("written"));
    };
    if random.one_in(2) {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        write(&mut encoder);
        return ("gz", encoder.finish().expect("end"));
    }
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("encoder");
    write(&mut encoder);
    ("zst", encoder.finish().expect("end"))
}

fn csv_options(random: &mut Random) -> Value {
    let mut options = json!({
        "delimiter": random.one_of(&[",", ",", ",", ";", "\t", "|"]),
        "trim": random.one_in(4),
        "decimalComma": random.one_in(8),
        "encodingErrors": random.one_of(&["error", "replace"]),
        "raggedRows": random.one_of(&["error", "fill", "truncate"]),
        "onBadCell": random.one_of(&["error", "null"]),
        "skipBlankLines": random.one_in(2),
        "header": random.one_in(2),
        "skipRows": if random.one_in(8) { random.below(4) } else { 0 },
    });
    if random.one_in(3) {
        options["infer"] = json!({ "rows": random.below(20), "dates": random.one_in(2) });
    }
    if random.one_in(5) {
        options["comment"] = json!("#");
    }
    if random.one_in(5) {
        options["escape"] = json!("\\");
    }
    if random.one_in(8) {
        options["quote"] = Value::Null;
    }
    json!({ "csv": options })
}

fn ndjson_options(random: &mut Random) -> Value {
    let mut options = json!({
        "onUnknownField": random.one_of(&["ignore", "error"]),
        "onBadRecord": random.one_of(&["error", "skip", "null"]),
    });
    if random.one_in(3) {
        options["inferRows"] = json!(1 + random.below(20));
    }
    json!({ "ndjson": options })
}
