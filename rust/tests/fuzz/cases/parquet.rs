//! Parquet files: scans of the same bytes in several ways, beside one another.

use std::path::Path;

use serde_json::{Value, json};

use super::Case;
use crate::mutate;
use crate::request::{columns, predicate, same_rows, strings, with};
use crate::scan::{Outcome, difference, run as scan, transformed};
use crate::{abi, seeds};

pub fn run(case: &mut Case) {
    let random = &mut case.random;
    let (sound, other) = (seeds::parquet(random), if random.one_in(6) { seeds::parquet(random) } else { Vec::new() });
    let bytes = mutate::parquet::mutate(&sound, &other, random, &mut case.trace);
    let path = case.write("parquet", &bytes);
    let whole = json!({ "path": path, "memoryLimitBytes": 64 << 20 });
    let mut first = scan(&whole, None);
    case.judge(&mut first, "the first scan");
    for _ in 0..2 {
        match case.random.below(8) {
            0 | 1 => same(case, &path, &first),
            2 => window(case, &path, &first),
            3 => some_columns(case, &path, &first),
            4 | 5 => filtered(case, &path, &first),
            6 => shown_otherwise(case, &path, &first),
            _ => many(case, &path, &sound),
        }
    }
}

fn one(path: &Path, more: Value) -> Value {
    with(json!({ "path": path }), more)
}

/// Compares a scan with the first one.
fn compare(case: &mut Case, first: &Outcome, options: &Value, skipped: usize, limit: Option<usize>) {
    let mut again = scan(options, None);
    case.judge(&mut again, &options.to_string());
    if let Some(difference) = difference(first, &again, skipped, limit) {
        case.problems.push(format!("other rows with {options}: {difference}"));
    }
}

fn same(case: &mut Case, path: &Path, first: &Outcome) {
    let options = one(path, same_rows(&mut case.random));
    compare(case, first, &options, 0, None);
}

fn window(case: &mut Case, path: &Path, first: &Outcome) {
    let (skipped, limit) = (case.random.below(first.rows() + 3), case.random.below(first.rows() + 3));
    let options = with(one(path, same_rows(&mut case.random)), json!({ "offset": skipped, "limit": limit }));
    compare(case, first, &options, skipped, Some(limit));
}

fn some_columns(case: &mut Case, path: &Path, first: &Outcome) {
    let Some(schema) = &first.schema else { return };
    let names = columns(schema, &mut case.random);
    let options = with(one(path, same_rows(&mut case.random)), json!({ "columns": names }));
    // Of a struct that is read in part, only whether it can be read is looked at.
    let nested = names
        .as_array()
        .is_some_and(|names| names.iter().any(|name| schema.index_of(name.as_str().unwrap_or("")).is_err()));
    let nothing = Outcome::default();
    compare(case, if nested { &nothing } else { first }, &options, 0, None);
}

fn filtered(case: &mut Case, path: &Path, first: &Outcome) {
    let Some(schema) = &first.schema else { return };
    let Some(condition) = predicate(schema, &first.batches, &mut case.random, 2) else { return };
    let steps = json!([{ "where": condition }]);
    let options = with(one(path, same_rows(&mut case.random)), json!({ "steps": steps }));
    // With what the file says of its values, rows are left out that should not be, where it lies.
    let mut pruned = scan(&options, None);
    case.judge(&mut pruned, &options.to_string());
    let prune = json!({ "statistics": false, "bloomFilters": false, "dictionaries": false, "pageIndex": false });
    let options = with(options, json!({ "prune": prune }));
    if let Some(mut after) = transformed(first, &steps) {
        case.judge(&mut after, "filtering afterwards");
        compare(case, &after, &options, 0, None);
    }
    let explained = with(options, json!({ "explain": true }));
    if let Ok(plan) = abi::open_scan(&explained) {
        while matches!(plan.ready(), Ok(false)) {
            plan.wait();
        }
        plan.look_at_texts();
    }
}

/// As dictionaries, as stored, with row numbers, computed columns and row groups; and the file's facts.
fn shown_otherwise(case: &mut Case, path: &Path, first: &Outcome) {
    if let Ok(file) = abi::open_file(&json!({ "path": path })) {
        drop(file.text(abi::TEXT_FILE));
        drop(file.text(abi::TEXT_SCHEMA));
    }
    let names = first.schema.as_ref().map(|schema| strings(schema)).unwrap_or_default();
    let random = &mut case.random;
    let more = match random.below(4) {
        0 => json!({ "dictionary": true }),
        1 => json!({ "dictionary": names }),
        2 => json!({ "strings": "preserve" }),
        _ => json!({ "rowGroups": [random.below(3)], "rowIndex": "the row" }),
    };
    let more = with(same_rows(random), more);
    let of_all = more.get("rowGroups").is_none();
    let nothing = Outcome::default();
    compare(case, if of_all { first } else { &nothing }, &one(path, more), 0, None);
}

/// The file among others.
fn many(case: &mut Case, path: &Path, sound: &[u8]) {
    let beside = case.write("parquet", sound);
    let random = &mut case.random;
    let mut files = vec![json!({ "path": path }), json!({ "path": beside })];
    if random.one_in(2) {
        files.swap(0, 1);
    }
    if random.one_in(3) {
        files.push(json!({ "path": path }));
    }
    let options = json!({
        "files": files,
        "schema": random.one_of(&["strict", "first", "union"]),
        "concurrency": random.below(4),
        "unordered": random.one_in(3),
        "skipBrokenFiles": random.one_in(3),
        "rowIndexPerFile": random.one_in(2),
    });
    let options = with(options, same_rows(random));
    let nothing = Outcome::default();
    compare(case, &nothing, &options, 0, None);
}
