//! Arrow IPC, from files and pushed.

use serde_json::json;

use super::Case;
use crate::request::{columns, same_rows, with};
use crate::scan::{difference, run as scan, transformed};
use crate::{mutate, seeds};

pub fn run(case: &mut Case) {
    let random = &mut case.random;
    let (sound, other) = (seeds::arrow(random), if random.one_in(6) { seeds::arrow(random) } else { Vec::new() });
    let bytes = mutate::arrow::mutate(&sound, &other, random, &mut case.trace);
    let path = case.write("arrow", &bytes);
    let text = json!({ "format": { "arrow": {} } });
    let whole = json!({ "path": path, "text": text, "memoryLimitBytes": 64 << 20 });
    let mut first = scan(&whole, None);
    case.judge(&mut first, "the first scan");

    let random = &mut case.random;
    let options = match random.below(3) {
        0 => with(whole, same_rows(random)),
        1 => {
            let names = first.schema.as_ref().map(|schema| columns(schema, random)).unwrap_or_default();
            with(with(whole, same_rows(random)), json!({ "columns": names }))
        }
        _ => with(whole, json!({ "strings": "preserve" })),
    };
    let nested = options["columns"].to_string().contains('.');
    let mut again = scan(&options, None);
    case.judge(&mut again, &options.to_string());
    if let (false, Some(difference)) = (nested, difference(&first, &again, 0, None)) {
        case.problems.push(format!("other rows with {options}: {difference}"));
    }

    let pushed = json!({ "text": { "format": { "arrow": {} }, "pushed": true }, "memoryLimitBytes": 64 << 20 });
    let chunk = 1 + case.random.size() * 8;
    let mut again = scan(&pushed, Some((&bytes, chunk)));
    case.judge(&mut again, "pushed");
    // The messages of a file are read by its footer, and a stream as it comes.
    let same_way = !bytes.starts_with(b"ARROW1");
    if let (true, Some(difference)) = (same_way, difference(&first, &again, 0, None)) {
        case.problems.push(format!("other rows pushed by {chunk}: {difference}"));
    }

    let condition =
        first.schema.as_ref().and_then(|schema| crate::request::predicate(schema, &first.batches, &mut case.random, 1));
    let Some(condition) = condition else { return };
    let steps = json!([{ "where": condition }]);
    let options = json!({ "path": path, "text": text, "steps": steps, "memoryLimitBytes": 64 << 20 });
    let mut filtered = scan(&options, None);
    case.judge(&mut filtered, &options.to_string());
    if let Some(mut after) = transformed(&first, &steps) {
        case.judge(&mut after, "filtering afterwards");
        if let Some(difference) = difference(&after, &filtered, 0, None) {
            case.problems.push(format!("other rows with {options}: {difference}"));
        }
    }
}
