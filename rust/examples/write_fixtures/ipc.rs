//! Arrow IPC that no writer in JavaScript can write: compressed, and with dictionaries that change.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::Int8Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{DictionaryHandling, FileWriter, IpcWriteOptions, StreamWriter};

use crate::shapes::sequence;
use crate::write::Outcome;

const ROWS: usize = 50_000;

pub fn write(directory: &Path) -> Outcome {
    let file = |name: &str| File::create(directory.join(name));
    let compressed = |codec| IpcWriteOptions::default().try_with_compression(Some(codec));
    let batches: Vec<RecordBatch> = sequence(ROWS).collect();
    let schema = batches[0].schema();

    let mut lz4 =
        FileWriter::try_new_with_options(file("ipc_lz4.arrow")?, &schema, compressed(CompressionType::LZ4_FRAME)?)?;
    batches.iter().try_for_each(|batch| lz4.write(batch))?;
    lz4.finish()?;

    let mut zstd =
        StreamWriter::try_new_with_options(file("ipc_zstd.arrows")?, &schema, compressed(CompressionType::ZSTD)?)?;
    batches.iter().try_for_each(|batch| zstd.write(batch))?;
    zstd.finish()?;

    // The dictionary grows with the second batch, and is another with the third.
    let mut words = StringDictionaryBuilder::<Int8Type>::new();
    let mut grown = |word: &str| {
        words.append_value(word);
        words.append_null();
        batch(Arc::new(words.finish_preserve_values()))
    };
    let batches = [grown("one")?, grown("two")?, batch(Arc::new(other_words()))?];
    let options = IpcWriteOptions::default().with_dictionary_handling(DictionaryHandling::Delta);
    let mut stream = StreamWriter::try_new_with_options(file("ipc_words.arrows")?, &batches[0].schema(), options)?;
    batches.iter().try_for_each(|batch| stream.write(batch))?;
    stream.finish()?;
    Ok(())
}

fn other_words() -> arrow_array::DictionaryArray<Int8Type> {
    ["three", "one", "three"].into_iter().collect()
}

fn batch(words: ArrayRef) -> Result<RecordBatch, arrow_schema::ArrowError> {
    RecordBatch::try_from_iter_with_nullable([("word", words, true)])
}
