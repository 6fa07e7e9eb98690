use arrow_array::{Array, ArrayRef, BinaryArray, StringArray};
use parquet::arrow::array_reader::make_byte_view_array_reader;
use parquet::column::page::Page;
use parquet::file::properties::{WriterProperties, WriterVersion};

use super::super::test_files::{Numbers, chunk, compare_written, data, file, pages, shown};
use super::*;

const ROWS: usize = 5000;

/// Texts of all lengths up to `longest`, some of them of characters of two bytes.
fn texts(numbers: &mut Numbers, nulls: usize, longest: usize) -> Vec<Option<String>> {
    let mut run = 0;
    let text = |_| {
        run = if run == 0 && numbers.below(300) == 0 { numbers.below(200) } else { run.max(1) - 1 };
        let is_null = nulls > 0 && (run > 0 || numbers.below(100) < nulls);
        let number = numbers.below(700);
        let length = number * 31 % (longest + 1);
        let text = if number % 10 == 3 { "é".repeat(length / 2) } else { format!("{number}-{}", "x".repeat(longest)) };
        (!is_null).then(|| text.chars().take(length).collect())
    };
    (0..ROWS).map(text).collect()
}

#[test]
fn texts_and_bytes_are_written_as_parquets_reader_gives_them() {
    let mut numbers = Numbers(9);
    let versions = [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0];
    let encodings =
        [None, Some(Encoding::PLAIN), Some(Encoding::DELTA_LENGTH_BYTE_ARRAY), Some(Encoding::DELTA_BYTE_ARRAY)];
    for (version, encoding, nulls) in versions
        .into_iter()
        .flat_map(|version| encodings.map(|encoding| (version, encoding)))
        .flat_map(|(version, encoding)| [0, 1, 40, 99].map(|nulls| (version, encoding, nulls)))
    {
        for longest in [0, 1, 8, 16, 32, 64, 200] {
            let builder = WriterProperties::builder()
                .set_writer_version(version)
                .set_max_row_group_row_count(Some(2100))
                .set_data_page_row_count_limit(333)
                .set_write_batch_size(111)
                // Chunks of longer texts begin with codes, and go on with values.
                .set_dictionary_page_size_limit(6000)
                .set_dictionary_enabled(encoding.is_none());
            let properties = || encoding.map_or(builder.clone(), |encoding| builder.clone().set_encoding(encoding));
            let texts = texts(&mut numbers, nulls, longest);
            let bytes: BinaryArray = texts.iter().map(|text| text.as_ref().map(String::as_bytes)).collect();
            let columns: [(ArrayRef, DataType); 2] =
                [(Arc::new(StringArray::from(texts)), DataType::Utf8View), (Arc::new(bytes), DataType::BinaryView)];
            for (values, decoded) in columns {
                let file = file(&values, properties().build());
                let (chunks, column) = pages(&file);
                let ours = BytesReader::new(chunks, column, &decoded);
                let (chunks, column) = pages(&file);
                let parquets = make_byte_view_array_reader(chunks, column, Some(decoded), 1024, None);
                let data_type = values.data_type();
                let case =
                    format!("{data_type} {version:?} {encoding:?}, {nulls} % nulls, of {longest} bytes at the most");
                compare_written(&mut numbers, ours, parquets.expect("reader").as_mut(), data_type, &case);
            }
        }
    }
}

fn dictionary(bytes: &'static [u8], num_values: u32) -> Page {
    Page::DictionaryPage { buf: bytes.into(), num_values, encoding: Encoding::PLAIN, is_sorted: false }
}

/// What writing four rows of these pages fails with, or gives.
fn written(pages: Vec<Page>, is_text: bool, passed: usize) -> std::result::Result<ArrayRef, String> {
    written_of(pages, is_text, passed, None)
}

/// The same of those rows that are kept behind the passed ones.
fn written_of(
    pages: Vec<Page>,
    is_text: bool,
    passed: usize,
    kept: Option<&BooleanBuffer>,
) -> std::result::Result<ArrayRef, String> {
    let leaf = parquet::schema::types::Type::primitive_type_builder("bytes", PhysicalType::BYTE_ARRAY);
    let leaf = Arc::new(leaf.with_repetition(parquet::basic::Repetition::REQUIRED).build().expect("type"));
    let path = parquet::schema::types::ColumnPath::from("bytes");
    let column = Arc::new(ColumnDescriptor::new(leaf, 0, 0, path));
    let decoded = if is_text { DataType::Utf8View } else { DataType::BinaryView };
    let data_type = if is_text { DataType::Utf8 } else { DataType::Binary };
    let pool = BufferPool::new(0);
    let mut builder = ColumnBuilder::new(&data_type, 4, &pool, None);
    let mut reader = BytesReader::new(chunk(pages), column, &decoded);
    let written = reader.pass_records(passed).and_then(|_| reader.write_records(4 - passed, kept, &mut builder, &pool));
    written.map_err(|error| error.to_string())?;
    Ok(shown(&builder.finish().expect("column"), &data_type))
}

#[test]
fn broken_pages_are_errors_that_say_what_is_wrong() {
    let (plain, codes) = (Encoding::PLAIN, Encoding::RLE_DICTIONARY);
    let one = || dictionary(b"\x01\0\0\0a", 1);
    let failures: [(Vec<Page>, usize, &str); 11] = [
        (vec![data(b"\x01\0\0\0a", 4, plain)], 0, "a page ends before its values do"),
        (vec![data(b"\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0", 4, plain)], 0, "a page ends before its values do"),
        (vec![data(b"\xff\xff\xff\xff", 4, plain)], 0, "a page ends before its values do"),
        (vec![data(b"\xff\xff\xff\xff", 4, plain)], 3, "a page has 1 of 3 values"),
        (vec![data(b"\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\xff", 4, plain)], 0, "not whole characters"),
        // A character of two bytes, cut in the middle.
        (vec![data(b"\0\0\0\0\0\0\0\0\x01\0\0\0\xc3\x01\0\0\0\xa9", 4, plain)], 0, "not whole characters"),
        (vec![data(&[2, 8, 0], 4, codes)], 0, "no dictionary in front of it"),
        (vec![one(), data(&[1, 8, 1], 4, codes)], 0, "a dictionary of 1 values has none for the code 1"),
        (vec![one(), data(&[32, 8, 255, 255, 255, 255], 4, codes)], 0, "has none for the code 4294967295"),
        (vec![dictionary(b"\x02\0\0\0a", 1)], 0, "a dictionary ends early"),
        (vec![dictionary(b"\x01\0\0\0\xff", 1), data(&[1, 8, 0], 4, codes)], 0, "not whole characters"),
    ];
    for (pages, passed, expected) in failures {
        let kept = BooleanBuffer::new_set(4 - passed);
        for kept in [None, Some(&kept)] {
            let error = written_of(pages.clone(), true, passed, kept).expect_err(expected);
            assert!(error.contains(expected), "{error}: {expected}");
        }
    }
}

#[test]
fn bytes_need_not_be_texts() {
    let codes = vec![dictionary(b"\x01\0\0\0\xff\0\0\0\0", 2), data(&[1, 4, 0, 4, 1], 4, Encoding::RLE_DICTIONARY)];
    let plain = vec![data(b"\x01\0\0\0\xff\x01\0\0\0\xff\0\0\0\0\0\0\0\0", 4, Encoding::PLAIN)];
    for pages in [codes, plain] {
        let array = written(pages, false, 0).expect("bytes");
        let expected: [&[u8]; 4] = [b"\xff", b"\xff", b"", b""];
        assert_eq!(array.as_ref(), &BinaryArray::from_iter_values(expected) as &dyn Array);
    }
}
