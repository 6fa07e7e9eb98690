//! Dictionaries over many files.

use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};
use serde_json::{Value, json};

use crate::{Folder, open, read};

#[test]
fn one_dictionary_serves_all_files() {
    let folder = Folder::new();
    let write = |file: i64| {
        let values = (0..100).map(|row| format!("value {}", (row + file) % 5));
        let text: ArrayRef = Arc::new(StringArray::from_iter_values(values));
        json!({ "path": folder.write(&format!("{file}.parquet"), vec![("text", text)]) })
    };
    let mut files: Vec<Value> = (0..4).map(write).collect();
    let scan = open(&files, json!({ "dictionary": ["text"] }));
    let batches = read(&scan).expect("rows");
    let distinct: usize =
        batches.iter().flat_map(|batch| &batch.dictionaries).map(|dictionary| dictionary.length).sum();
    assert_eq!(distinct, 5);
    // The path of each row's file, as a dictionary.
    for (index, file) in files.iter_mut().enumerate() {
        file["constants"] = json!([{ "name": "path", "type": "dictionary", "value": format!("file {index}") }]);
    }
    let scan = open(&files, json!({ "columns": ["path"] }));
    let batches = read(&scan).expect("rows");
    // Values have the order in which files were decoded, which is any.
    let mut names = Vec::new();
    let mut paths = Vec::new();
    for batch in &batches {
        for dictionary in &batch.dictionaries {
            let offsets: Vec<usize> =
                dictionary.offsets.as_slice().chunks_exact(4).map(|bytes| usize::from(bytes[0])).collect();
            let text = std::str::from_utf8(dictionary.data.as_slice()).expect("text");
            names.extend(offsets.windows(2).map(|ends| text[ends[0]..ends[1]].to_owned()));
        }
        paths.extend(batch.buffers[1].as_slice().iter().step_by(4).map(|code| names[usize::from(*code)].clone()));
    }
    assert_eq!(paths, (0..400).map(|row| format!("file {}", row / 100)).collect::<Vec<_>>());
}
