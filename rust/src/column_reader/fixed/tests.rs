use arrow_array::BooleanArray;
use arrow_array::types::{
    Date32Type, Decimal64Type, Decimal128Type, Float32Type, Float64Type, Int32Type, Int64Type,
    TimestampMicrosecondType, UInt32Type,
};
use arrow_select::concat::concat;
use bytes::Bytes;
use parquet::arrow::array_reader::{PrimitiveArrayReader, make_fixed_len_byte_array_reader};
use parquet::basic::Encoding;
use parquet::column::page::Page;
use parquet::data_type as physical;
use parquet::file::properties::{WriterProperties, WriterVersion};

use super::super::test_files::{Numbers, chunk, compare_written, data, file, pages};
use super::*;

const ROWS: usize = 5000;

/// An array with some nulls in runs and between others, if any: of each hundred rows, so many are null.
fn column<T: ArrowPrimitiveType>(numbers: &mut Numbers, nulls: usize, value: fn(usize) -> T::Native) -> ArrayRef {
    let mut run = 0;
    let values = (0..ROWS).map(|_| {
        run = if run == 0 && numbers.below(300) == 0 { numbers.below(200) } else { run.max(1) - 1 };
        let is_null = nulls > 0 && (run > 0 || numbers.below(100) < nulls);
        let value = value(numbers.below(700));
        (!is_null).then_some(value)
    });
    Arc::new(values.collect::<PrimitiveArray<T>>())
}

/// Reads, skips and keeps rows as both readers do, and compares all that they give.
fn compare(numbers: &mut Numbers, mut ours: impl KeepRecords, parquets: &mut dyn ArrayReader, case: &str) {
    let mut left = ROWS;
    while left > 0 {
        let mut expected = Vec::new();
        for _ in 0..=numbers.below(4) {
            let most = if numbers.below(3) == 0 { 1500 } else { 40 };
            // Past the end: both tell how far they got.
            let rows = numbers.below(most) + 1;
            let taken = rows.min(left);
            match numbers.below(3) {
                0 => {
                    assert_eq!(ours.read_records(rows).expect("read"), taken, "{case}");
                    assert_eq!(parquets.read_records(rows).expect("read"), taken, "{case}");
                    expected.push(parquets.consume_batch().expect("array"));
                }
                1 => {
                    assert_eq!(ours.skip_records(rows).expect("skip"), taken, "{case}");
                    assert_eq!(parquets.skip_records(rows).expect("skip"), taken, "{case}");
                }
                _ => {
                    let share = numbers.below(101);
                    let kept: BooleanBuffer = (0..rows).map(|_| numbers.below(100) < share).collect();
                    assert_eq!(ours.keep_records(&kept).expect("keep"), taken, "{case}");
                    assert_eq!(parquets.read_records(rows).expect("read"), taken, "{case}");
                    let kept = BooleanArray::new(kept.slice(0, taken), None);
                    let all = parquets.consume_batch().expect("array");
                    expected.push(arrow_select::filter::filter(&all, &kept).expect("filtered"));
                }
            }
            left -= taken;
        }
        let found = ours.consume_batch().expect("array");
        let parts: Vec<&dyn arrow_array::Array> = expected.iter().map(AsRef::as_ref).collect();
        let expected = if parts.is_empty() { found.slice(0, 0) } else { concat(&parts).expect("array") };
        assert_eq!(&found, &expected, "{case}, {left} rows before its end");
    }
}

#[test]
fn rows_are_read_skipped_and_kept_as_by_parquets_reader() {
    let mut numbers = Numbers(7);
    let versions = [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0];
    let encodings =
        [None, Some(Encoding::PLAIN), Some(Encoding::DELTA_BINARY_PACKED), Some(Encoding::BYTE_STREAM_SPLIT)];
    for (version, encoding, nulls) in versions
        .into_iter()
        .flat_map(|version| encodings.map(|encoding| (version, encoding)))
        .flat_map(|(version, encoding)| [0, 1, 40, 99].map(|nulls| (version, encoding, nulls)))
    {
        let properties = || {
            let builder = WriterProperties::builder()
                .set_writer_version(version)
                .set_max_row_group_row_count(Some(2100))
                .set_data_page_row_count_limit(333)
                .set_write_batch_size(111)
                // Less than the 700 values of 8 bytes: chunks begin with codes, and go on with values.
                .set_dictionary_page_size_limit(4000)
                .set_dictionary_enabled(encoding.is_none());
            encoding.map_or(builder.clone(), |encoding| builder.set_encoding(encoding)).build()
        };
        macro_rules! compare {
            ($physical:ident, $arrow:ty, $value:expr) => {{
                let mut values = column::<$arrow>(&mut numbers, nulls, $value);
                if let DataType::Decimal64(..) = values.data_type() {
                    let decimals = values.as_any().downcast_ref::<PrimitiveArray<Decimal64Type>>().expect("decimals");
                    values = Arc::new(decimals.clone().with_precision_and_scale(15, 2).expect("decimals"));
                }
                let file = file(&values, properties());
                let (shown, (chunks, column)) = (values.data_type().clone(), pages(&file));
                assert!(is_fixed::<<physical::$physical as physical::DataType>::T>(&column, &shown));
                let ours = FixedReader::new(chunks, column, shown.clone(), 1024);
                let ours: FixedReader<<physical::$physical as physical::DataType>::T> = ours;
                let (chunks, column) = pages(&file);
                let parquets =
                    PrimitiveArrayReader::<physical::$physical>::new(chunks, column, Some(shown.clone()), 1024, None);
                let case = format!("{} {version:?} {encoding:?}, {nulls} % nulls", stringify!($arrow));
                compare(&mut numbers, ours, &mut parquets.expect("reader"), &case);
                for batch in [shown.clone(), crate::files::schema::shown_type(&shown, false)] {
                    let (chunks, column) = pages(&file);
                    let ours = FixedReader::new(chunks, column, shown.clone(), 1024);
                    let ours: FixedReader<<physical::$physical as physical::DataType>::T> = ours;
                    let (chunks, column) = pages(&file);
                    let parquets = PrimitiveArrayReader::<physical::$physical>::new(
                        chunks,
                        column,
                        Some(shown.clone()),
                        1024,
                        None,
                    );
                    compare_written(&mut numbers, ours, &mut parquets.expect("reader"), &batch, &case);
                }
            }};
        }
        let is_delta = encoding == Some(Encoding::DELTA_BINARY_PACKED);
        compare!(Int32Type, Int32Type, |number| number as i32 - 300);
        compare!(Int32Type, UInt32Type, |number| u32::MAX - number as u32);
        compare!(Int32Type, Date32Type, |number| number as i32);
        compare!(Int64Type, Int64Type, |number| number as i64 * 1_000_003 - 5);
        compare!(Int64Type, TimestampMicrosecondType, |number| number as i64);
        compare!(Int64Type, Decimal64Type, |number| number as i64 * 99);
        if !is_delta {
            compare!(FloatType, Float32Type, |number| number as f32 / 7.0);
            compare!(DoubleType, Float64Type, |number| -(number as f64) / 7.0);
        }
    }
}

#[test]
fn decimals_of_bytes_are_read_as_by_parquets_reader() {
    let mut numbers = Numbers(8);
    for (precision, nulls) in [20, 25, 38].into_iter().flat_map(|precision| [0, 40].map(|nulls| (precision, nulls))) {
        for encoding in
            [None, Some(Encoding::PLAIN), Some(Encoding::BYTE_STREAM_SPLIT), Some(Encoding::DELTA_BYTE_ARRAY)]
        {
            let values = column::<Decimal128Type>(&mut numbers, nulls, |number| {
                (number as i128 - 350) * 123_456_789_012_345_678
            });
            let decimals = values.as_any().downcast_ref::<PrimitiveArray<Decimal128Type>>().expect("decimals");
            let values: ArrayRef = Arc::new(decimals.clone().with_precision_and_scale(precision, 3).expect("decimals"));
            let builder = WriterProperties::builder()
                .set_max_row_group_row_count(Some(2100))
                .set_data_page_row_count_limit(333)
                .set_write_batch_size(111)
                .set_dictionary_page_size_limit(3000)
                .set_dictionary_enabled(encoding.is_none());
            let properties = encoding.map_or(builder.clone(), |encoding| builder.set_encoding(encoding)).build();
            let file = file(&values, properties);
            let (shown, (chunks, column)) = (values.data_type().clone(), pages(&file));
            assert!(is_fixed::<i128>(&column, &shown));
            let ours = FixedReader::<i128>::new(chunks, column, shown.clone(), 1024);
            let (chunks, column) = pages(&file);
            let mut parquets =
                make_fixed_len_byte_array_reader(chunks, column, Some(shown.clone()), 1024, None).expect("reader");
            let case = format!("precision {precision}, {encoding:?}, {nulls} % nulls");
            compare(&mut numbers, ours, parquets.as_mut(), &case);
            let (chunks, column) = pages(&file);
            let ours = FixedReader::<i128>::new(chunks, column, shown.clone(), 1024);
            let (chunks, column) = pages(&file);
            let parquets = make_fixed_len_byte_array_reader(chunks, column, Some(shown.clone()), 1024, None);
            compare_written(&mut numbers, ours, parquets.expect("reader").as_mut(), &shown, &case);
        }
    }
}

fn dictionary(values: &[i32]) -> Page {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let num_values = values.len() as u32;
    Page::DictionaryPage { buf: bytes.into(), num_values, encoding: Encoding::PLAIN, is_sorted: false }
}

/// What reading four rows of these pages fails with, or gives.
fn read(pages: Vec<Page>, nullable: bool) -> std::result::Result<ArrayRef, String> {
    let number = parquet::schema::types::Type::primitive_type_builder("number", parquet::basic::Type::INT32);
    let repetition = if nullable { parquet::basic::Repetition::OPTIONAL } else { parquet::basic::Repetition::REQUIRED };
    let number = Arc::new(number.with_repetition(repetition).build().expect("type"));
    let path = parquet::schema::types::ColumnPath::new(vec!["number".into()]);
    let column = parquet::schema::types::ColumnDescriptor::new(number, i16::from(nullable), 0, path);
    let mut reader = FixedReader::<i32>::new(chunk(pages), Arc::new(column), DataType::Int32, 0);
    reader.read_records(4).and_then(|_| reader.consume_batch()).map_err(|error| error.to_string())
}

#[test]
fn broken_pages_are_errors_that_say_what_is_wrong() {
    let codes = Encoding::RLE_DICTIONARY;
    let failures: [(Vec<Page>, bool, &str); 9] = [
        (vec![data(&[0; 15], 4, Encoding::PLAIN)], false, "3 of 4 values"),
        (vec![data(&[2, 8, 0], 4, codes)], false, "no dictionary in front of it"),
        (vec![dictionary(&[5]), data(&[], 4, codes)], false, "codes has no byte"),
        (vec![dictionary(&[5]), data(&[33, 8, 0], 4, codes)], false, "codes of 33 bits"),
        (vec![dictionary(&[5]), data(&[1, 4, 0], 4, codes)], false, "0 of 2 values"),
        (vec![dictionary(&[5]), data(&[1, 8, 1], 4, codes)], false, "a dictionary of 1 values has none for the code 1"),
        (vec![dictionary(&[5]), dictionary(&[5])], false, "more than one dictionary"),
        (vec![data(&[9, 0, 0, 0, 8, 1], 4, Encoding::PLAIN)], true, "levels are longer than the page"),
        (vec![data(&[2, 0, 0, 0, 6, 1], 4, Encoding::PLAIN)], true, "definition levels end 1 rows before"),
    ];
    for (pages, nullable, expected) in failures {
        let error = read(pages, nullable).expect_err(expected);
        assert!(error.contains(expected), "{error}: {expected}");
    }
    let array = read(vec![dictionary(&[5, 6]), data(&[1, 4, 1, 4, 0], 4, codes)], false).expect("codes");
    assert_eq!(array.as_ref(), &arrow_array::Int32Array::from(vec![6, 6, 5, 5]) as &dyn arrow_array::Array);
}

#[test]
fn codes_of_no_value_need_no_dictionary() {
    // A run of four nulls, and codes of no bits.
    let page = data(&[2, 0, 0, 0, 8, 0, 0], 4, Encoding::RLE_DICTIONARY);
    let array = read(vec![page], true).expect("nulls");
    assert_eq!(array.as_ref(), &arrow_array::Int32Array::from(vec![None; 4]) as &dyn arrow_array::Array);
}

#[test]
fn values_of_version_2_begin_behind_both_kinds_of_levels() {
    // A byte of repetition levels, a run of two present values and one of two nulls, and the values.
    let page = Page::DataPageV2 {
        buf: Bytes::from_static(&[9, 4, 1, 4, 0, 5, 0, 0, 0, 6, 0, 0, 0]),
        num_values: 4,
        encoding: Encoding::PLAIN,
        num_nulls: 2,
        num_rows: 4,
        def_levels_byte_len: 4,
        rep_levels_byte_len: 1,
        is_compressed: false,
        statistics: None,
    };
    let array = read(vec![page], true).expect("values");
    let expected = arrow_array::Int32Array::from(vec![Some(5), Some(6), None, None]);
    assert_eq!(array.as_ref(), &expected as &dyn arrow_array::Array);
}
