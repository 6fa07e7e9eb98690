use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{Array, ArrayRef, Int32Array, ListArray, RecordBatch, StringArray};
use tempfile::NamedTempFile;

use super::encoded_batch::{DecodedBatch, EncodedBatch};
use super::file::ArrowFile;
use super::pushed::{Found, PushedMessages};
use crate::encode::arrow_ipc::{ArrowIpcEncoder, ArrowIpcOptions, IpcCompression};
use crate::encode::fixtures::{batch, dictionaries, encoded, odd, plain, zoned};
use crate::error::{ErrorCode, Result};
use crate::limits::ReadLimits;
use crate::source::IoMode;

const MOST: u64 = 64 << 20;

fn formats() -> Vec<ArrowIpcOptions> {
    let compressions = [None, Some(IpcCompression::Lz4), Some(IpcCompression::Zstd)];
    let of = |file| compressions.map(|compression| ArrowIpcOptions { file, compression });
    [of(false), of(true)].concat()
}

fn ipc(options: &ArrowIpcOptions, batches: &[RecordBatch]) -> Vec<u8> {
    encoded(&mut ArrowIpcEncoder::new(options, &batches[0].schema()).expect("encoder"), batches)
}

fn file_of(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("file");
    file.write_all(bytes).expect("bytes");
    file
}

fn open(file: &NamedTempFile, io: IoMode) -> Result<ArrowFile> {
    ArrowFile::open(file.path().to_str().expect("path"), io)
}

/// All of a file, decoded.
fn read(file: &ArrowFile, wanted: &[usize]) -> Result<Vec<RecordBatch>> {
    let batches = file.batches(wanted, MOST)?;
    batches.map(|batch| Ok(batch?.decode(wanted, MOST)?.batch)).collect()
}

fn read_all(bytes: &[u8]) -> Result<Vec<RecordBatch>> {
    let file = file_of(bytes);
    let file = open(&file, IoMode::Mmap)?;
    let wanted: Vec<usize> = (0..file.schema().fields().len()).collect();
    read(&file, &wanted)
}

/// All of a stream that is pushed in pieces of `size` bytes.
fn pushed(bytes: &[u8], size: usize) -> Result<Vec<EncodedBatch>> {
    let mut messages = PushedMessages::new(MOST, ReadLimits::default());
    let mut batches = Vec::new();
    for mut piece in bytes.chunks(size) {
        while let Some(found) = messages.take(&mut piece)? {
            match found {
                Found::Batch(batch) => batches.push(batch),
                Found::Schema(_) => assert!(batches.is_empty()),
            }
        }
        assert!(piece.is_empty());
    }
    messages.end()?;
    Ok(batches)
}

fn decoded(batches: &[EncodedBatch]) -> Result<Vec<RecordBatch>> {
    let all = |batch: &EncodedBatch| -> Vec<usize> { (0..batch.schema.fields().len()).collect() };
    batches.iter().map(|batch| Ok(batch.decode(&all(batch), MOST)?.batch)).collect()
}

/// `NaN` equals nothing, itself neither: what is shown tells all values apart.
fn shown(batches: &[RecordBatch]) -> String {
    format!("{batches:?}")
}

fn numbers(rows: i32) -> RecordBatch {
    let texts = StringArray::from_iter_values((0..rows).map(|row| format!("text {row}")));
    batch(vec![("n", Arc::new(Int32Array::from_iter_values(0..rows)) as ArrayRef), ("t", Arc::new(texts))])
}

#[test]
fn files_of_both_formats_are_read_mapped_or_not() {
    for options in formats() {
        for batch in [plain(), zoned(), odd(), numbers(50_000)] {
            let batches = [batch.clone(), batch.slice(1, 1), batch];
            let file = file_of(&ipc(&options, &batches));
            for io in [IoMode::Mmap, IoMode::Read] {
                let file = open(&file, io).expect("file");
                assert_eq!(file.schema(), &batches[0].schema());
                assert_eq!(file.batch_count(), options.file.then_some(3));
                let wanted: Vec<usize> = (0..file.schema().fields().len()).collect();
                assert_eq!(shown(&read(&file, &wanted).expect("batches")), shown(&batches), "{options:?} {io:?}");
            }
        }
    }
}

#[test]
fn mapped_buffers_are_parts_of_the_file_and_decompressed_ones_are_not() {
    let is_owned = |options: &ArrowIpcOptions| {
        let file = file_of(&ipc(options, &[numbers(50_000)]));
        let file = open(&file, IoMode::Mmap).expect("file");
        let first = file.batches(&[0], MOST).expect("batches").next().expect("one").expect("batch");
        let DecodedBatch { batch, is_owned } = first.decode(&[0], MOST).expect("batch");
        let values = batch.column(0).to_data().buffers()[0].clone();
        assert_eq!(values.len(), 200_000);
        // What is mapped is the whole message: the texts too.
        assert_eq!(values.capacity() > 700_000, !is_owned);
        is_owned
    };
    assert!(!is_owned(&ArrowIpcOptions { file: true, compression: None }));
    assert!(!is_owned(&ArrowIpcOptions { file: false, compression: None }));
    assert!(is_owned(&ArrowIpcOptions { file: true, compression: Some(IpcCompression::Lz4) }));
}

#[test]
fn only_wanted_columns_are_decoded_and_counted() {
    for options in formats() {
        let file = file_of(&ipc(&options, &[plain()]));
        let file = open(&file, IoMode::Mmap).expect("file");
        let place = |name: &str| file.schema().index_of(name).expect("column");
        let wanted = [place("text"), place("i32")];
        let batches = read(&file, &wanted).expect("batches");
        assert_eq!(batches, [plain().project(&wanted).expect("columns")]);
        assert_eq!(read(&file, &[]).expect("rows")[0].num_rows(), 4);
        let first = file.batches(&wanted, MOST).expect("batches").next().expect("one").expect("batch");
        assert_eq!(first.rows().expect("rows"), 4);
        let bytes = first.decoded_bytes(&wanted).expect("bytes");
        let all = first.decoded_bytes(&(0..file.schema().fields().len()).collect::<Vec<_>>()).expect("bytes");
        assert!(0 < bytes && bytes < all, "{bytes} of {all}");
        assert_eq!(first.decoded_bytes(&[]).expect("bytes"), 0);
    }
}

#[test]
fn dictionaries_grow_and_are_replaced() {
    let mut builder = StringDictionaryBuilder::<Int8Type>::new();
    let mut grown = |text: &str| {
        builder.append_value(text);
        builder.append_null();
        batch(vec![("d", Arc::new(builder.finish_preserve_values()) as ArrayRef)])
    };
    let other = batch(vec![("d", Arc::clone(dictionaries().column(0)))]);
    let batches = [grown("a"), grown("b"), other, grown("c")];
    for options in formats().iter().filter(|options| !options.file) {
        let bytes = ipc(options, &batches);
        assert_eq!(read_all(&bytes).expect("batches"), batches);
        // Each batch keeps the dictionaries as they were when it came.
        assert_eq!(decoded(&pushed(&bytes, 7).expect("messages")).expect("batches"), batches);
    }
    // Where nobody wants the column, its dictionaries are left alone.
    let file = file_of(&ipc(&ArrowIpcOptions::default(), &batches));
    let rows = read(&open(&file, IoMode::Mmap).expect("file"), &[]).expect("rows");
    assert_eq!(rows.iter().map(RecordBatch::num_rows).sum::<usize>(), 10);
}

#[test]
fn pieces_may_end_anywhere() {
    for options in formats() {
        let batches = [plain(), plain().slice(1, 2)];
        let bytes = ipc(&options, &batches);
        for size in (1..80).chain([1000, bytes.len() - 1, bytes.len()]) {
            let found = decoded(&pushed(&bytes, size).expect("messages")).expect("batches");
            assert_eq!(found, batches, "{options:?} in pieces of {size}");
        }
    }
}

#[test]
fn a_stream_may_end_without_its_marker() {
    let bytes = ipc(&ArrowIpcOptions::default(), &[plain()]);
    let without = &bytes[..bytes.len() - 8];
    assert_eq!(read_all(without).expect("batches"), [plain()]);
    assert_eq!(decoded(&pushed(without, 100).expect("messages")).expect("batches"), [plain()]);
}

#[test]
fn bytes_behind_a_streams_end_are_an_error() {
    let bytes = ipc(&ArrowIpcOptions::default(), &[plain()]);
    let twice = [bytes.clone(), bytes].concat();
    assert_eq!(pushed(&twice, 1000).expect_err("twice").code(), ErrorCode::MalformedData);
    assert_eq!(read_all(&twice).expect_err("twice").code(), ErrorCode::MalformedData);
}

#[test]
fn whatever_is_cut_off_is_an_error() {
    for options in formats() {
        let bytes = ipc(&options, &[plain(), plain()]);
        let mut whole = 0;
        for end in 1..bytes.len() {
            if let Ok(batches) = pushed(&bytes[..end], 1000).and_then(|batches| decoded(&batches)) {
                assert!(batches.iter().all(|batch| *batch == plain()), "{options:?} at {end}");
                whole += usize::from(!options.file);
            }
        }
        // A stream that ends between messages can't be told from one that ends without its marker.
        assert_eq!(whole, if options.file { 0 } else { 3 }, "{options:?}");
        for end in (1..bytes.len()).step_by(97).chain(bytes.len() - 12..bytes.len()) {
            if let Ok(batches) = read_all(&bytes[..end]) {
                assert!(!options.file && batches.iter().all(|batch| *batch == plain()), "{options:?} at {end}");
            }
        }
    }
}

#[test]
fn other_formats_are_named_as_such() {
    for other in [b"PAR1 and so on, and PAR1".as_slice(), b"a,b,c\n1,2,3\n", &[0xff; 100], &[1; 100], b"x"] {
        let error = read_all(other).expect_err("other");
        assert!(matches!(error.code(), ErrorCode::MalformedData | ErrorCode::TruncatedFile), "{error}");
        assert!(error.path().is_some());
        assert!(pushed(other, 10).is_err());
    }
    let error = read_all(b"PAR1 and so on, and PAR1").expect_err("Parquet");
    assert!(error.to_string().contains("of another format"), "{error}");
    assert_eq!(read_all(b"").expect_err("empty").code(), ErrorCode::EmptyFile);
    assert!(pushed(b"", 1).is_err());
}

#[test]
fn flipped_bytes_give_errors_or_other_values_and_never_a_crash() {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>((0..20).map(|n| Some((0..n).map(Some))));
    let list = batch(vec![("list", Arc::new(list) as ArrayRef)]);
    // A generator of our own, so that a failure can be repeated.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for options in formats() {
        for batch in [plain(), dictionaries(), list.clone()] {
            let bytes = ipc(&options, &[batch.clone(), batch]);
            for _ in 0..150 {
                let mut broken = bytes.clone();
                for _ in 0..=random(3) {
                    let at = random(broken.len());
                    broken[at] = if random(2) == 0 { 0xff } else { random(256) as u8 };
                }
                for batch in read_all(&broken).into_iter().flatten() {
                    // Whatever was taken for whole can be looked at.
                    let _ = shown(&[batch]);
                }
                let _ = pushed(&broken, 777).and_then(|batches| decoded(&batches));
            }
        }
    }
}

#[test]
fn what_decompresses_beyond_the_limit_is_an_error() {
    let zeros = batch(vec![("n", Arc::new(Int32Array::from(vec![0; 1_000_000])) as ArrayRef)]);
    for compression in [IpcCompression::Lz4, IpcCompression::Zstd] {
        let options = ArrowIpcOptions { file: true, compression: Some(compression) };
        let bytes = ipc(&options, std::slice::from_ref(&zeros));
        assert!(bytes.len() < 100_000);
        let file = file_of(&bytes);
        let file = open(&file, IoMode::Mmap).expect("file");
        let first = file.batches(&[0], MOST).expect("batches").next().expect("one").expect("batch");
        assert_eq!(first.decoded_bytes(&[0]).expect("bytes"), 4_000_000);
        let error = first.decode(&[0], 3_999_999).expect_err("limit");
        assert_eq!(error.code(), ErrorCode::MemoryLimit);
        assert_eq!(first.decode(&[0], 4_000_000).expect("batch").batch, zeros);
        // A length that the frames don't have, smaller or larger.
        let place = bytes.windows(8).position(|window| window == 4_000_000_i64.to_le_bytes()).expect("length");
        for length in [400_i64, 4_000_001, i64::MAX, -2] {
            let mut broken = bytes.clone();
            broken[place..place + 8].copy_from_slice(&length.to_le_bytes());
            assert!(read_all(&broken).is_err(), "{length}");
        }
    }
    let mut messages = PushedMessages::new(1000, ReadLimits::default());
    let bytes = ipc(&ArrowIpcOptions::default(), &[zeros]);
    let mut rest = bytes.as_slice();
    assert!(matches!(messages.take(&mut rest), Ok(Some(Found::Schema(_)))));
    assert_eq!(messages.take(&mut rest).expect_err("limit").code(), ErrorCode::MemoryLimit);
}

#[test]
fn a_file_that_changes_is_an_error() {
    let file = file_of(&ipc(&ArrowIpcOptions { file: true, compression: None }, &[numbers(50_000)]));
    let arrow = open(&file, IoMode::Mmap).expect("file");
    let first = arrow.batches(&[0, 1], MOST).expect("batches").next().expect("one").expect("batch");
    file.as_file().set_len(1000).expect("cut");
    assert_eq!(first.decode(&[0, 1], MOST).expect_err("changed").code(), ErrorCode::FileChanged);
}

#[test]
fn a_consumer_may_write_to_what_was_mapped_and_the_file_stays() {
    let bytes = ipc(&ArrowIpcOptions { file: true, compression: None }, &[numbers(50_000)]);
    let file = file_of(&bytes);
    let arrow = open(&file, IoMode::Mmap).expect("file");
    let region = arrow.source().region(0..bytes.len() as u64, IoMode::Mmap).expect("region");
    assert_eq!(region.as_slice(), bytes);
    assert_eq!(read(&arrow, &[0]).expect("batches")[0].num_rows(), 50_000);
}
