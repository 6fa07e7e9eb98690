use std::io::Cursor;
use std::slice::from_ref;
use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, ListArray, StringArray};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{Field, Fields, Schema, UnionFields, UnionMode};

use super::*;
use crate::encode::fixtures::{batch, dictionaries, encoded, no_rows, odd, plain, zoned};
use crate::error::ErrorCode;

const COMPRESSIONS: [Option<IpcCompression>; 3] = [None, Some(IpcCompression::Lz4), Some(IpcCompression::Zstd)];

fn ipc(options: &ArrowIpcOptions, batches: &[RecordBatch]) -> Vec<u8> {
    encoded(&mut ArrowIpcEncoder::new(options, &batches[0].schema()).expect("encoder"), batches)
}

fn read(options: &ArrowIpcOptions, bytes: &[u8]) -> (SchemaRef, Vec<RecordBatch>) {
    let bytes = Cursor::new(bytes);
    if options.file {
        let reader = FileReader::try_new(bytes, None).expect("file");
        (reader.schema(), reader.collect::<std::result::Result<_, _>>().expect("batches"))
    } else {
        let reader = StreamReader::try_new(bytes, None).expect("stream");
        (reader.schema(), reader.collect::<std::result::Result<_, _>>().expect("batches"))
    }
}

fn all_options() -> impl Iterator<Item = ArrowIpcOptions> {
    let of = |file| COMPRESSIONS.map(|compression| ArrowIpcOptions { file, compression });
    of(false).into_iter().chain(of(true))
}

fn lists() -> RecordBatch {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![])]);
    batch(vec![("list", Arc::new(list) as ArrayRef)])
}

#[test]
fn every_type_reads_back_as_it_was() {
    for options in all_options() {
        for batch in [plain(), zoned(), odd(), lists()] {
            let (schema, batches) = read(&options, &ipc(&options, from_ref(&batch)));
            assert_eq!(schema, batch.schema(), "{options:?}");
            // `NaN` equals nothing, itself neither: what is shown tells all floats apart.
            assert_eq!(format!("{batches:?}"), format!("{:?}", [batch]), "{options:?}");
        }
    }
}

#[test]
fn slices_carry_their_own_rows_alone() {
    let batch = plain();
    for options in all_options() {
        let slices: Vec<RecordBatch> = (0..4).map(|row| batch.slice(row, 1)).collect();
        assert_eq!(read(&options, &ipc(&options, &slices)).1, slices);
    }
    let rows = |rows: i32| vec![("a", Arc::new(Int32Array::from_iter_values(0..rows)) as ArrayRef)];
    let whole = ipc(&ArrowIpcOptions::default(), &[crate::encode::fixtures::batch(rows(10_000))]);
    let slice = ipc(&ArrowIpcOptions::default(), &[crate::encode::fixtures::batch(rows(10_000)).slice(9_000, 10)]);
    assert!(whole.len() > 40_000 && slice.len() < 1_000, "{} and {}", whole.len(), slice.len());
}

#[test]
fn no_batches_and_no_rows_are_a_schema_alone() {
    for options in all_options() {
        let schema = plain().schema();
        let mut out = Vec::new();
        ArrowIpcEncoder::new(&options, &schema).expect("encoder").finish(&mut out).expect("end");
        assert_eq!(read(&options, &out), (Arc::clone(&schema), Vec::new()));
        assert_eq!(ipc(&options, &[no_rows(&schema)]), out);
        let none = plain().project(&[]).expect("no columns");
        assert_eq!(read(&options, &ipc(&options, from_ref(&none))).1, [none]);
    }
}

#[test]
fn the_bytes_of_a_batch_are_ready_after_its_write() {
    for options in all_options() {
        let batch = plain();
        let mut encoder = ArrowIpcEncoder::new(&options, &batch.schema()).expect("encoder");
        let (mut first, mut second, mut last) = (Vec::new(), Vec::new(), Vec::new());
        encoder.write(from_ref(&batch), &mut first).expect("batch");
        encoder.write(from_ref(&batch), &mut second).expect("batch");
        encoder.finish(&mut last).expect("end");
        // The schema comes with the first.
        assert!(first.len() > second.len() && second.len() > 1_000, "{} and {}", first.len(), second.len());
        let whole = [first, second, last].concat();
        assert_eq!(read(&options, &whole).1, [batch.clone(), batch]);
    }
}

#[test]
fn buffers_are_aligned_for_readers_that_map_the_file() {
    let batch = batch(vec![("a", Arc::new(Int32Array::from_iter_values(1..100)) as ArrayRef)]);
    let bytes = ipc(&ArrowIpcOptions { file: true, compression: None }, &[batch]);
    let first = bytes.windows(8).position(|window| window == [1, 0, 0, 0, 2, 0, 0, 0]).expect("values");
    assert_eq!(first % 64, 0);
}

#[test]
fn a_stream_continues_and_replaces_dictionaries() {
    let mut builder = StringDictionaryBuilder::<Int8Type>::new();
    let mut grown = |text: &str| {
        builder.append_value(text);
        Arc::new(builder.finish_preserve_values()) as ArrayRef
    };
    let of = |array: ArrayRef| batch(vec![("d", array)]);
    let batches = [of(grown("a")), of(grown("b")), dictionaries().project(&[0]).expect("text")];
    let batches = batches.map(|batch| {
        let column = Arc::clone(batch.column(0));
        crate::encode::fixtures::batch(vec![("d", column)])
    });
    for options in all_options().filter(|options| !options.file) {
        let (schema, read) = read(&options, &ipc(&options, &batches));
        assert_eq!(schema, batches[0].schema());
        assert_eq!(read, batches);
    }
}

#[test]
fn a_file_has_the_values_of_dictionaries_at_every_depth() {
    let changed = |value: &str| {
        let keys = Int32Array::from(vec![Some(0), None]);
        let dictionary = DictionaryArray::<Int32Type>::new(keys, Arc::new(StringArray::from(vec![value])));
        let list = ListArray::new(
            Arc::new(Field::new("item", dictionary.data_type().clone(), true)),
            arrow_buffer::OffsetBuffer::from_lengths([1, 1]),
            Arc::new(dictionary.clone()),
            None,
        );
        batch(vec![("d", Arc::new(dictionary)), ("l", Arc::new(list))])
    };
    let options = ArrowIpcOptions { file: true, compression: None };
    let (schema, batches) = read(&options, &ipc(&options, &[changed("x"), changed("y")]));
    let text = |name: &str, data_type| Field::new(name, data_type, true);
    let list = DataType::List(Arc::new(text("item", DataType::Utf8)));
    assert_eq!(schema.as_ref(), &Schema::new(vec![text("d", DataType::Utf8), text("l", list)]));
    let second = StringArray::from(vec![Some("y"), None]);
    assert_eq!(batches[1].column(0).as_ref(), &second as &dyn Array);
    assert_eq!(batches[0].num_rows() + batches[1].num_rows(), 4);
}

#[test]
fn dictionaries_that_a_file_cannot_hold_are_refused_before_the_first_byte() {
    let dictionary = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
    let union = UnionFields::from_fields(Fields::from(vec![Field::new("a", dictionary, true)]).iter().cloned());
    let schema = Arc::new(Schema::new(vec![Field::new("u", DataType::Union(union, UnionMode::Sparse), true)]));
    let file = ArrowIpcOptions { file: true, compression: None };
    let error = ArrowIpcEncoder::new(&file, &schema).err().expect("refused");
    assert_eq!((error.code(), error.column()), (ErrorCode::UnsupportedFeature, Some("u")));
    assert!(ArrowIpcEncoder::new(&ArrowIpcOptions::default(), &schema).is_ok());
}

#[test]
fn options_have_the_names_of_javascript() {
    let options: ArrowIpcOptions = serde_json::from_str(r#"{"file": true, "compression": "zstd"}"#).expect("options");
    assert_eq!((options.file, options.compression), (true, Some(IpcCompression::Zstd)));
    let none: ArrowIpcOptions = serde_json::from_str(r#"{"compression": null}"#).expect("options");
    assert_eq!((none.file, none.compression), (false, None));
    assert!(serde_json::from_str::<ArrowIpcOptions>(r#"{"compression": "gzip"}"#).is_err());
}
