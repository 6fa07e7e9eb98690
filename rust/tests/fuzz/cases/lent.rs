//! Batches that JavaScript lends: offsets, keys, texts, counts and shapes that lie, and schemas of broken bytes.

use arrow_array::RecordBatch;
use serde_json::{Value, json};

use super::Case;
use crate::abi::{self, Given};
use crate::lend::{self, Node};
use crate::mutate::bytes::{mutate_once, set_word};
use crate::random::Random;
use crate::request::predicate;
use crate::scan::Outcome;
use crate::seeds;
use crate::shown::Reader;

pub fn run(case: &mut Case) {
    let batch = seeds::batch(&mut case.random);
    let mut schema = lend::schema_bytes(&batch.schema());
    if case.random.one_in(8) {
        mutate_once(&mut schema, &mut case.random);
        case.trace.push("changed bytes of the schema".into());
    }
    let mut nodes = lend::nodes(&batch);
    for _ in 0..case.random.below(3) {
        let said = mutate(&mut nodes, &mut case.random);
        case.trace.push(said);
    }
    let rows = batch.num_rows() as f64;
    let rows = if case.random.one_in(10) { number(rows, &mut case.random) } else { rows };
    let numbers = lend::numbers(0, rows, &nodes);
    if case.random.one_in(2) {
        transform(case, &batch, &schema, &numbers);
    } else {
        sink(case, &schema, &numbers);
    }
}

fn mutate(nodes: &mut [Node], random: &mut Random) -> String {
    let mut count = 0;
    for node in nodes.iter_mut() {
        node.visit(&mut |_| count += 1);
    }
    let wanted = random.below(count);
    let donor = random.one_of(nodes);
    let (mut at, mut said) = (0, String::new());
    for node in nodes.iter_mut() {
        node.visit(&mut |node| {
            if at == wanted {
                said = format!("node {wanted}: {}", mutate_node(node, &donor, random));
            }
            at += 1;
        });
    }
    said
}

fn mutate_node(node: &mut Node, donor: &Node, random: &mut Random) -> String {
    let buffer = random.below(node.buffers.len());
    match random.below(12) {
        0 => node.length = number(node.length, random),
        1 => node.null_count = number(node.null_count, random),
        2 => node.bit_offset = number(node.bit_offset, random),
        3 if !node.buffers.is_empty() => drop(node.buffers.remove(buffer)),
        4 => node.buffers.extend(donor.buffers.first().cloned()),
        5 => node.children.push(donor.clone()),
        6 => drop(node.children.pop()),
        7 if !node.buffers.is_empty() => {
            let all = node.buffers[buffer].bytes.len();
            node.buffers[buffer].said = random.below(all + 1);
        }
        _ if !node.buffers.is_empty() => {
            let bytes = &mut node.buffers[buffer].bytes;
            let place = random.below(bytes.len());
            set_word(bytes, place, random);
            return format!("a word of buffer {buffer} at {place}");
        }
        _ => {}
    }
    format!(
        "length {}, {} nulls, {} buffers, {} children",
        node.length,
        node.null_count,
        node.buffers.len(),
        node.children.len()
    )
}

fn number(old: f64, random: &mut Random) -> f64 {
    random.one_of(&[0.0, old + 1.0, old - 1.0, -1.0, 0.5, f64::NAN, f64::INFINITY, 1e300, 9_007_199_254_740_992.0, 1e9])
}

fn transform(case: &mut Case, batch: &RecordBatch, schema: &[u8], numbers: &[f64]) {
    let condition = predicate(&batch.schema(), std::slice::from_ref(batch), &mut case.random, 2);
    let Some(condition) = condition else { return };
    let Ok(transform) = abi::open_transform(&json!([{ "where": condition }]), schema) else { return };
    let text = transform.text(abi::TEXT_SCHEMA);
    let Ok(reader) = arrow_ipc::reader::StreamReader::try_new(&text[..], None) else { return };
    let is_plain = !format!("{:?}", reader.schema()).contains("Dictionary");
    let mut reader = Reader::new(reader.schema());
    // SAFETY: the nodes hold the memory, and say no more than they have.
    match unsafe { transform.apply(numbers) } {
        Ok(Given::Batch(given)) if is_plain => match reader.batch(&given) {
            Ok(_) => case.answered += 1,
            Err(why) => case.problems.push(format!("a transformed batch that is not valid: {why}")),
        },
        Ok(_) => case.answered += 1,
        Err(failure) => check(case, &failure),
    }
}

fn sink(case: &mut Case, schema: &[u8], numbers: &[f64]) {
    let options = sink_options(&mut case.random);
    let written = abi::open_sink(&options, schema).and_then(|sink| {
        // SAFETY: the nodes hold the memory, and say no more than they have.
        unsafe { sink.write(numbers) }?;
        sink.finish()
    });
    match written {
        Ok(bytes) => read_back(case, &options, &bytes),
        Err(failure) => check(case, &failure),
    }
}

/// What was written must be a sound file.
fn read_back(case: &mut Case, options: &Value, bytes: &[u8]) {
    let path = case.write("written", bytes);
    let format = match options["encoder"]["format"].as_str() {
        Some("parquet") => Value::Null,
        Some("arrow") => json!({ "format": { "arrow": {} } }),
        _ => return,
    };
    let mut outcome: Outcome = crate::scan::run(&json!({ "path": path, "text": format }), None);
    let failure = outcome
        .failure
        .take()
        .filter(|failure| !matches!(failure.code.as_str(), "UNSUPPORTED_FEATURE" | "MEMORY_LIMIT"));
    if let Some(failure) = failure {
        case.problems.push(format!("what was written cannot be read: {}", failure.text));
    }
    case.judge(&mut outcome, "what was written");
}

fn check(case: &mut Case, failure: &abi::Failure) {
    if matches!(failure.code.as_str(), "INTERNAL" | "INVALID_HANDLE" | "none") {
        case.problems.push(format!("an error that no batch may lead to: {}", failure.text));
    }
}

fn sink_options(random: &mut Random) -> Value {
    let encoder = match random.below(4) {
        0 => json!({
            "format": "parquet", "compression": random.one_of(&["none", "snappy", "zstd"]), "rowGroupRows": 50,
            "rowGroupBytes": 1 << 20, "pageBytes": 1 << 12, "dictionary": random.one_in(2), "statistics": true,
            "pageIndex": true, "bloomFilterColumns": [], "encoding": {}, "sortingColumns": [], "keyValueMetadata": {},
            "dataPageVersion": 1 + random.below(2),
        }),
        1 => {
            json!({ "format": "arrow", "file": random.one_in(2), "compression": random.one_of(&[None, Some("lz4"), Some("zstd")]) })
        }
        2 => json!({ "format": "csv", "text": {} }),
        _ => json!({ "format": "ndjson", "text": {} }),
    };
    json!({ "encoder": encoder })
}
